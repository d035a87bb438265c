"""The api role: every request that is not the message path, one table for HTTP and the long connection."""
