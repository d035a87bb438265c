"""Accounts: people, guests, passwords, sessions and their tokens."""
