"""What of a message can be found, and by which words.

Text is folded (width, case and accents do not matter) and cut into terms: scripts that are written without spaces
give one term per character, everything else one per word. A search finds a piece of such a text as a phrase of its
characters, so no dictionary is needed and nothing is missed where a dictionary would have cut otherwise.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import Struct

TERM_MOST = 64
"""Characters of a term that count; longer ones (keys, base64) are found by their beginning."""
PREFIX_LEAST = 3
"""Characters that the last word of a search needs to find longer words, too: fewer begin too many."""
CLAUSES_MOST = 16
"""Words and phrases of one search."""
_PARTS = ("text", "title", "name", "caption", "description", "address")
"""Members of a content that is a JSON object which people would search for."""

# Thai, Lao, Burmese, Khmer, kana, Han, Hangul, emoji.
_SINGLE = (
    "\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u3005-\u3007\u3041-\u30fa\u30fc-\u31ff"
    "\u3400-\u9fff\ua960-\ua97f\uac00-\ud7ff\uf900-\ufaff\U00020000-\U0003ffff"
    "\u2600-\u27bf\U0001f300-\U0001faff"
)
_TERM = re.compile(rf"[{_SINGLE}]|[^\W_{_SINGLE}]+")
_IS_SINGLE = re.compile(f"[{_SINGLE}]")
_ACCENTS = re.compile("[\u0300-\u036f]")
_CHUNK = re.compile(r'"([^"]*)"?|([^\s"]+)')


class Clause(Struct, frozen=True, gc=False):
    """Terms that must follow each other; with `prefix` the last may go on."""

    terms: tuple[str, ...]
    prefix: bool = False


def fold(text: str) -> str:
    """The form in which texts are compared."""
    if text.isascii():
        return text.lower()
    apart = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", text).casefold())
    return unicodedata.normalize("NFKC", _ACCENTS.sub("", apart))


def terms_of(text: str) -> list[str]:
    """The terms of a text, in order."""
    return [term[:TERM_MOST] for term in _TERM.findall(fold(text))]


def parse(query: str) -> tuple[Clause, ...]:
    """What somebody typed, as clauses that must all be found; none if it holds no term.

    Text between double quotes is one phrase; what stands together without a space is one, too. The word that it
    ends with may go on, unless it is quoted. Nothing in it is an operator. Raises ValueError: more than
    `CLAUSES_MOST` clauses.
    """
    clauses = []
    chunks = list(_CHUNK.finditer(query))
    for chunk in chunks:
        terms = tuple(terms_of(chunk[1] or chunk[2] or ""))
        if terms:
            goes_on = chunk is chunks[-1] and chunk[2] is not None and _may_go_on(terms[-1])
            clauses.append(Clause(terms, goes_on))
    if len(clauses) > CLAUSES_MOST:
        raise ValueError(f"at most {CLAUSES_MOST} words and phrases")
    return tuple(clauses)


def _may_go_on(term: str) -> bool:
    return len(term) >= PREFIX_LEAST and _IS_SINGLE.match(term) is None


def searchable(kind: int, content: str | None) -> str:
    """What people would search for in the content of a message of type `kind`."""
    if not content:
        return ""
    if kind == 1 or not content.startswith("{"):
        return content
    try:
        parts: dict[str, Any] = msgspec.json.decode(content, type=dict[str, Any])
    except (msgspec.DecodeError, RecursionError):
        # Nested deeper than the decoder goes: whoever sends such a thing must not stop the indexing.
        return content
    return "\n".join(part for name in _PARTS if isinstance(part := parts.get(name), str))


def found_in(clauses: Sequence[Clause], terms: Sequence[str]) -> bool:
    """Whether a text with these terms has every clause."""
    return all(_has(terms, clause) for clause in clauses)


def _has(terms: Sequence[str], clause: Clause) -> bool:
    wanted = clause.terms
    size = len(wanted)
    for start in range(len(terms) - size + 1):
        last = terms[start + size - 1]
        if tuple(terms[start : start + size - 1]) == wanted[:-1] and (
            last == wanted[-1] or (clause.prefix and last.startswith(wanted[-1]))
        ):
            return True
    return False
