"""How much messaging holds in memory, and how often it looks after what is behind."""

from __future__ import annotations

from .groups import GROUPS_KEPT


class Limits:
    """Named limits of messaging."""

    queue = 50_000
    """Sends waiting to be committed; more are refused with `unavailable`."""
    batch = 2_048
    """Sends committed at once."""
    conversations = 100_000
    """Conversations in memory."""
    recent = 20_000
    """Accepted sends remembered for retries."""
    groups = GROUPS_KEPT
    """Groups in memory."""
    members = 1_000_000
    """Memberships of groups in memory."""
    transients = 1_000
    """Transient messages being passed on; more are dropped."""
    sweep_every = 5.0
    """Seconds between looks for what is due to be erased."""
    confirms = 50_000
    """Confirmations waiting for the database; more are dropped: the device will confirm later ones."""
    write_positions_after = 0.5
    """Seconds from one writing of positions behind to the next; what a crash loses of them only repeats a push."""
    write_positions_within = 0.5
    """Seconds over which each is spread."""
