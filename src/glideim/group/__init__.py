"""Groups: who is in, who may do what, and how that changes."""
