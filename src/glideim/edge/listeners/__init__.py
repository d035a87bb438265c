"""Transports: what stands between a socket and the gateway."""
