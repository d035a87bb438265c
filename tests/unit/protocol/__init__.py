"""Tests of the wire core."""
