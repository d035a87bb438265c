"""Rows of messages out of the database, with the reactions to them."""

from __future__ import annotations

from collections.abc import Sequence

import apsw
import msgspec

from glideim.protocol.records import Message, Reaction

from .connection import Value, single
from .rows import MessageRow, to_json

_messages = msgspec.json.Decoder(list[MessageRow])
_reactions = msgspec.json.Decoder(list[tuple[int, int, int, str, int, int]])

_REACTIONS = """
SELECT json_group_array(json_array(low, high, seq, key, n, mine)) FROM (
    SELECT r.low, r.high, r.seq, r.key, count(*) AS n, max(r.uid = ?2) AS mine
    FROM json_each(?1) AS j CROSS JOIN reaction AS r
    ON r.low = j.value ->> 0 AND r.high = j.value ->> 1 AND r.seq = j.value ->> 2
    GROUP BY r.low, r.high, r.seq, r.key
)
"""


def fetch_rows(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value]
) -> list[MessageRow]:
    """The rows of a query that gives one JSON array of `MESSAGE_JSON`."""
    return _messages.decode(single(connection, sql, parameters))


def fetch(
    connection: apsw.Connection, sql: str, parameters: Sequence[Value], viewer: int = 0
) -> list[Message]:
    """The messages of such a query; for a `viewer` with reactions."""
    rows = fetch_rows(connection, sql, parameters)
    return with_reactions(connection, rows, viewer) if viewer else [row.message() for row in rows]


def with_reactions(
    connection: apsw.Connection, rows: Sequence[MessageRow], viewer: int
) -> list[Message]:
    """Messages as somebody sees them. Only what was ever changed can have reactions: most pages ask nothing more."""
    places = [(row.low, row.high, row.seq) for row in rows if row.changed]
    if not places:
        return [row.message() for row in rows]
    found: dict[tuple[int, int, int], list[Reaction]] = {}
    for low, high, seq, key, count, mine in _reactions.decode(
        single(connection, _REACTIONS, (to_json(places), viewer))
    ):
        found.setdefault((low, high, seq), []).append(Reaction(key, count, mine > 0))
    return [row.message(tuple(found.get((row.low, row.high, row.seq), ()))) for row in rows]
