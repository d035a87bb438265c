"""Dispatch: which gateways hold which person, and getting frames there."""
