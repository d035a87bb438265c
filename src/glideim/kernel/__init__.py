"""What every part needs: clock, ids, errors, background tasks. Knows nothing of messaging."""
