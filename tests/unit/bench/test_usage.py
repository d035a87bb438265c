"""What /proc says of this process."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from glideim.bench.usage import Usage, children, usage


def test_this_process_uses_memory_and_time_and_both_grow() -> None:
    before = usage(os.getpid())
    assert before.resident > 2**20
    assert before.yielded + before.preempted > 0
    # Time is counted in ticks of 10 ms: until there is one, there is more to do.
    while (used := usage(os.getpid()).since(before)).cpu <= 0:
        sum(range(1000))
    assert used.cpu == used.user + used.system > 0
    assert used.yielded >= 0


def test_a_process_that_is_not_there_is_said() -> None:
    with subprocess.Popen(["true"]) as process:
        process.wait()
    with pytest.raises(OSError, match="No such"):
        usage(process.pid)


def test_what_children_used_stays_counted_when_they_end() -> None:
    before = usage(os.getpid())
    code = "import time\nwhile time.process_time() < 0.1: pass"
    with subprocess.Popen([sys.executable, "-c", code]) as process:
        assert process.pid in children(os.getpid())
    after = usage(os.getpid())
    assert process.pid not in children(os.getpid())
    assert after.since(before).cpu >= 0.05  # in ticks it may look like less than it was


def test_a_difference_is_taken_of_everything() -> None:
    after, before = Usage(5.0, 4.0, 300, 20, 10), Usage(1.0, 2.0, 100, 5, 4)
    assert after.since(before) == Usage(4.0, 2.0, 200, 15, 6)
    assert after.since(before).cpu == 6.0
