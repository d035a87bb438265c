"""Presence: who is there, told to those who asked and may know."""
