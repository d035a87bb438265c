"""The gateway role: the connections of a node, from frames to requests and back. Does no socket I/O itself."""
