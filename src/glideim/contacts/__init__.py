"""Contacts: who knows whom, who asked whom, and who blocked whom."""
