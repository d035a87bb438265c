"""Everything that touches a socket, a disk or a vendor's library."""
