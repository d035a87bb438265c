"""Wires that keep what was written: the gateway's other half in tests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import msgspec


class RecordingWire:
    """A `Wire` whose socket is a list. `writes` has one entry per write: the frames of it."""

    def __init__(self) -> None:
        self.writes: list[list[bytes]] = []
        self.closed: tuple[int, str] | None = None
        self.aborted = False

    def write(self, payloads: Sequence[bytes]) -> None:
        assert self.closed is None, "written after close"
        self.writes.append(list(payloads))

    def close(self, code: int, reason: str) -> None:
        assert self.closed is None, "closed twice"
        self.closed = (code, reason)

    def abort(self) -> None:
        self.aborted = True

    def take(self) -> list[dict[str, Any]]:
        """Every JSON envelope written since the last call, batches taken apart."""
        envelopes: list[dict[str, Any]] = []
        for payload in [payload for write in self.writes for payload in write]:
            decoded = msgspec.json.decode(payload)
            envelopes.extend(decoded if isinstance(decoded, list) else [decoded])
        self.writes = []
        return envelopes
