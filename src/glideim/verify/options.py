"""What a run is asked to do."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct


class Options(Struct, frozen=True):
    """`seconds` of load, shared by the `faults` in turn; `url` and `tcp` of a server that runs already, or none."""

    seconds: float = 60.0
    people: int = 20
    groups: int = 4
    seed: int = 1
    faults: tuple[str, ...] = ("kill",)
    think: float = 0.25
    report: Path | None = None
    url: str = ""
    tcp: str = ""
    churn: bool = True


class UsageError(Exception):
    """The options ask for what cannot be done; the text says why and what to do."""
