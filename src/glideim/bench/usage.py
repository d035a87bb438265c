"""What a process and those it started use, from /proc."""

from __future__ import annotations

import os
from pathlib import Path

from msgspec import Struct

_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class Usage(Struct, frozen=True):
    """User and system time (s), resident memory (bytes), context switches that were and were not asked for."""

    user: float = 0.0
    system: float = 0.0
    resident: int = 0
    yielded: int = 0
    preempted: int = 0

    @property
    def cpu(self) -> float:
        """Seconds of processor time."""
        return self.user + self.system

    def since(self, before: Usage) -> Usage:
        """What was used in between; memory is the growth. Switches of threads that ended are not known any more."""
        return Usage(
            self.user - before.user,
            self.system - before.system,
            self.resident - before.resident,
            max(0, self.yielded - before.yielded),
            max(0, self.preempted - before.preempted),
        )

    def plus(self, other: Usage) -> Usage:
        """Both together."""
        return Usage(*(getattr(self, n) + getattr(other, n) for n in self.__struct_fields__))


def usage(pid: int) -> Usage:
    """Of the process and its descendants, all threads. Raises OSError when it is gone."""
    root = Path(f"/proc/{pid}")
    fields = (root / "stat").read_text().rpartition(")")[2].split()
    # User, system, and both of children that have ended: without these, time would go backwards when one does.
    times = [int(field) / _TICKS for field in fields[11:15]]
    resident = int((root / "statm").read_text().split()[1]) * _PAGE
    yielded = preempted = 0
    for task in (root / "task").iterdir():
        one, other = _switches(task)
        yielded, preempted = yielded + one, preempted + other
    total = Usage(times[0] + times[2], times[1] + times[3], resident, yielded, preempted)
    for child in children(pid):
        try:
            total = total.plus(usage(child))
        except OSError:
            continue  # it ended just now: what it used is its parent's already
    return total


def children(pid: int) -> list[int]:
    """What its threads started, as far as they are still there."""
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += map(int, task.read_text().split())
        except OSError:
            continue  # the thread ended just now
    return found


def _switches(task: Path) -> tuple[int, int]:
    """Of one thread; none if it ended meanwhile."""
    try:
        lines = (task / "status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = dict(line.split(":", 1) for line in lines if "ctxt_switches" in line)
    return int(found["voluntary_ctxt_switches"]), int(found["nonvoluntary_ctxt_switches"])
