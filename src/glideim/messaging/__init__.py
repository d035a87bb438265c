"""Messaging: the log of conversations. Accept once, number, commit, confirm, and give back."""
