"""What /proc says of this process."""

from __future__ import annotations

import os

from glideim.bench.usage import Usage, usage


def test_this_process_uses_memory_and_time_and_both_grow() -> None:
    before = usage(os.getpid())
    assert before.resident > 2**20
    assert before.yielded + before.preempted > 0
    work = 0
    while (used := usage(os.getpid()).since(before)).cpu <= 0:
        work += sum(range(1000))
    assert work > 0
    assert used.yielded >= 0


def test_a_difference_is_taken_of_everything() -> None:
    after, before = Usage(5.0, 4.0, 300, 20, 10), Usage(1.0, 2.0, 100, 5, 4)
    assert after.since(before) == Usage(4.0, 2.0, 200, 15, 6)
    assert after.since(before).cpu == 6.0
