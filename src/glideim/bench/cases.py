"""The cases of `glideim bench`, by name. A new one is a module that defines it, and its entry here."""

from __future__ import annotations

from . import (
    ack,
    broadcast,
    durable,
    estimate,
    people,
    published,
    rows,
    soak,
    stored,
    stuck,
    ways,
    yardstick,
)
from .case import Case, Options, Progress, UsageError
from .outcome import Outcome

_ALL = (
    *published.CASES,
    broadcast.CASE,
    *people.CASES,
    yardstick.CASE,
    ways.CASE,
    ack.CASE,
    durable.CASE,
    *stored.CASES,
    rows.CASE,
    stuck.CASE,
    estimate.CASE,
    soak.CASE,
)
CASES = {case.name: case for case in _ALL}


def check(name: str, options: Options) -> Case:
    """The case of that name. Raises UsageError for one that there is not, or options that do not go with it."""
    if (case := CASES.get(name)) is None:
        raise UsageError(f"{name}: there is {', '.join(CASES)}")
    if unknown := [other for other in options.against if other not in case.against]:
        can = ", ".join(case.against) or "nothing"
        raise UsageError(f"{name} can be compared with {can}, not with {', '.join(unknown)}")
    if options.url and case.own_server:
        raise UsageError(f"{name} starts its own servers: --url does not go with it")
    if not 1 <= options.processes <= case.clients_of(options):
        raise UsageError("--processes must be at least 1 and at most as many as clients")
    case.check(options)
    return case


async def run(name: str, options: Options, progress: Progress) -> list[Outcome]:
    """One outcome for each server. Raises UsageError, WorkerError, GoneError, OSError."""
    return await check(name, options).run(options, progress)
