"""Seeds: the golden frames of spec/vectors/ and what is kept in kept/, so that what was once found is tried again for
ever."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from .seeds import SEEDS

KEPT = Path(__file__).parent / "kept"
"""Inputs that reach something that no other does, or broke a promise once: a file for each target, in base64, one a line."""
KEPT_MOST = 250
"""Of each target by coverage: everything kept is tried whenever the tests run."""
FOLDER = Path(__file__).resolve().parent.parent / "spec/vectors"

TOKENS = (
    b"null", b"true", b'""', b"{}", b"[]", b"-1", b"0", b"9007199254740991", b"9007199254740992", b"1e400", b"\\ud83d",
    b"\\u0000", b'"action":', b'"data":', b'"seq":', b"message.chat", b"ack.request", b"api.ok", b"\x12\x0cmessage.chat",
    b"\x0a", b"\x12", b"\x2a", b"\x3a", b"\x30", b"\x48", b"\xff" * 9 + b"\x01", b"\x80" * 7 + b"\x10", b"\x00\x00\x01\x00",
    b"\x00\x00\x00\x01", b"GLIM", b"c:", b":", b"\xed\xa0\x80", b"\xc3\xa9", b"\xff",
)  # fmt: skip
"""What mutations put in."""


def kept(target: str) -> list[bytes]:
    """What was kept of a target."""
    file = KEPT / f"{target}.txt"
    return [b64decode(line) for line in file.read_text("ascii").split()] if file.exists() else []


def keep(target: str, found: Iterable[bytes], most: int | None = None) -> None:
    """Keep these beside what was kept before, without those that are made anyway; with `most`, so many of the target in
    all, the shortest of the new ones. What is kept stays: it may have broken a promise once."""
    before = kept(target)
    new = {*found} - {*_made(target), *before, b""}
    chosen = sorted(new, key=lambda data: (len(data), data))
    if most is not None:
        del chosen[max(0, most - len(before)) :]
    if chosen:
        KEPT.mkdir(exist_ok=True)
        lines = [b64encode(data).decode() for data in (*before, *chosen)]
        (KEPT / f"{target}.txt").write_text("\n".join(lines) + "\n", "ascii")


def seeds(target: str) -> list[bytes]:
    """Where the mutations of a target start."""
    return [*_made(target), *kept(target)]


def _made(target: str) -> list[bytes]:
    if target in SEEDS:
        return SEEDS[target]
    every = {
        path.stem: json.loads(path.read_text("utf-8")) for path in sorted(FOLDER.glob("*.json"))
    }
    if target == "keys":
        return [row["key"].encode() for row in every["keys"]]
    if target == "framing":
        return [bytes.fromhex(row.get("stream") or row["preamble"]) for row in every["framing"]]
    if target == "joiner":
        return [b"\x85hello", b"\x02he\x83llo", b"\x7f" + b"x" * 127 + b"\xff" + b"y" * 127]
    return frames(target, every)


def frames_of(codec: str) -> list[bytes]:
    """The golden frames of a codec."""
    return _made(codec)


def frames(codec: str, every: dict[str, list[dict[str, Any]]]) -> list[bytes]:
    """All frames of a codec."""
    texts = [row[codec] for row in every["valid"]]
    texts += [
        row["frame"]
        for name in ("accepted", "refused")
        for row in every[name]
        if row["codec"] == codec
    ]
    return [text.encode() if codec == "json" else bytes.fromhex(text) for text in texts]
