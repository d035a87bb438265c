"""Text from others, made safe and short for a terminal."""

from __future__ import annotations

import unicodedata
from datetime import datetime

_KEEP = {"\n", "\t", "\u200d"}
"""Line break, tabulator, and the joiner inside emoji."""


def clean(text: str) -> str:
    """Without control characters: an escape sequence in a message must not reach the terminal, nor may a change of
    writing direction disguise who said what."""
    return "".join(
        c if c in _KEEP or unicodedata.category(c) not in {"Cc", "Cf", "Cs"} else "\ufffd"
        for c in text
    )


def one_line(text: str, length: int = 60) -> str:
    """The beginning, in one line."""
    flat = " ".join(clean(text).split())
    return flat if len(flat) <= length else flat[: length - 1] + "…"


def clock(at_ms: int, now_ms: int) -> str:
    """Local time; with the date when it was not today."""
    then = datetime.fromtimestamp(at_ms / 1000).astimezone()
    today = datetime.fromtimestamp(now_ms / 1000).astimezone()
    return then.strftime("%H:%M" if then.date() == today.date() else "%d %b %H:%M")
