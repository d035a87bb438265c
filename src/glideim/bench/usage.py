"""What a process and those it started use, from /proc. System calls are not counted: that would need a tracer."""

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
        """What was used in between; memory is the growth."""
        return Usage(*(getattr(self, n) - getattr(before, n) for n in self.__struct_fields__))


def usage(pid: int) -> Usage:
    """Of the process and its descendants, all threads. Raises OSError when it is gone."""
    root = Path(f"/proc/{pid}")
    fields = (root / "stat").read_text().rpartition(")")[2].split()
    user, system = int(fields[11]) / _TICKS, int(fields[12]) / _TICKS
    resident = int((root / "statm").read_text().split()[1]) * _PAGE
    yielded = preempted = 0
    for task in (root / "task").iterdir():
        one, other = _switches(task)
        yielded, preempted = yielded + one, preempted + other
    for child in (root / "task" / str(pid) / "children").read_text().split():
        of = usage(int(child))
        user, system, resident = user + of.user, system + of.system, resident + of.resident
        yielded, preempted = yielded + of.yielded, preempted + of.preempted
    return Usage(user, system, resident, yielded, preempted)


def _switches(task: Path) -> tuple[int, int]:
    """Of one thread; none if it ended meanwhile."""
    try:
        lines = (task / "status").read_text().splitlines()
    except OSError:
        return 0, 0
    found = dict(line.split(":", 1) for line in lines if "ctxt_switches" in line)
    return int(found["voluntary_ctxt_switches"]), int(found["nonvoluntary_ctxt_switches"])
