"""The same workload for different servers: what a client of each does to send, receive and confirm."""
