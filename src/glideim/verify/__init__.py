"""`glideim verify`: drives real servers from outside, injects faults, and checks the promises from the record."""
