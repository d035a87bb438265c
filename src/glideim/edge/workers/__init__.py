"""Several gateways on one machine: processes that hold connections, beside the one that owns the log."""
