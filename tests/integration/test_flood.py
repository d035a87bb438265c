"""A short flood at the whole server, in process: what `python -m fuzz.flood` does with millions of frames."""

from __future__ import annotations

from fuzz.flood import WAYS, run


def test_nonsense_is_refused_and_others_are_served() -> None:
    done = run(4000, 0.1, seed=7)
    assert done["frames"] >= 4000
    assert done["byte_by_byte"] > 0
    assert done["good"] >= len(WAYS)
    assert done["answers"]["bad_request"] > 0
