"""To which fault something belongs: the last that began before."""

from __future__ import annotations

from bisect import bisect_right
from collections import Counter
from collections.abc import Iterable, Sequence

from msgspec import Struct

from . import record as r

LOAD = "(no fault yet)"


class Recovery(Struct, frozen=True):
    """How long after the end of a fault (ms of the run) everyone was current again, in seconds."""

    fault: str
    began: float
    ended: float
    current_after: float


def during(recoveries: Sequence[Recovery], at: float) -> str:
    """The last fault that had begun by then."""
    found = bisect_right(recoveries, at, key=lambda item: item.began)
    return recoveries[found - 1].fault if found else LOAD


def acked_by_fault(acks: Iterable[r.Acked], recoveries: Sequence[Recovery]) -> Counter[str]:
    """How many messages were acknowledged from the beginning of each kind of fault to that of the next one."""
    acked = {(during(recoveries, ack.at), ack.uid, ack.cli) for ack in acks}
    return Counter(name for name, _, _ in acked)
