"""Webhooks and bots in SQLite. Reads come out as one JSON text (see `connection.single`)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw
import msgspec

from glideim.push.ports import DEAD_MOST, Bot, DeadLetter, Delivery

from .connection import single
from .readers import Readers
from .writer import Writer

_DELIVERY = "json_object('hook', hook, 'ident', ident, 'event', event, 'body', body, 'created_at', created_at)"
_LETTER = (
    f"json_object('delivery', {_DELIVERY}, 'attempts', attempts, 'error', error, 'died_at', died_at,"
    " 'number', number)"
)
_CURSOR = "SELECT json_group_array(mid) FROM hook_cursor WHERE name = ?"
_ADVANCE = """
INSERT INTO hook_cursor (name, mid) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET mid = excluded.mid
"""
_QUEUE = """
INSERT OR IGNORE INTO hook_waiting (hook, ident, event, body, created_at) VALUES (?, ?, ?, ?, ?)
"""
_WAITING = f"""
SELECT json_group_array({_DELIVERY})
FROM (SELECT * FROM hook_waiting WHERE hook = ? ORDER BY number LIMIT ?)
"""
_COUNTS = """
SELECT json_group_array(json_array(hook, waiting))
FROM (SELECT hook, count(*) AS waiting FROM hook_waiting GROUP BY hook)
"""
_SETTLE = "DELETE FROM hook_waiting WHERE ident = ?"
_BURY = """
INSERT OR REPLACE INTO hook_dead (hook, ident, event, body, created_at, attempts, error, died_at)
VALUES (?, ?, ?, ?, ?, ?, ?, ?)
"""
_TRIM = """
DELETE FROM hook_dead
WHERE number <= (SELECT number FROM hook_dead ORDER BY number DESC LIMIT 1 OFFSET ?)
"""
_DEAD = f"""
SELECT json_group_array({_LETTER})
FROM (SELECT * FROM hook_dead WHERE number > ? ORDER BY number LIMIT ?)
"""
_ONE_DEAD = f"SELECT json_group_array({_LETTER}) FROM hook_dead WHERE number = ?"
_FORGET = "DELETE FROM hook_dead WHERE number = ?"
_BOTS = """
SELECT json_group_array(json_object('uid', uid, 'url', url, 'secret', secret, 'created_at', created_at))
FROM (SELECT * FROM bot ORDER BY uid)
"""
_PUT_BOT = "INSERT OR REPLACE INTO bot (uid, url, secret, created_at) VALUES (?, ?, ?, ?)"

_numbers = msgspec.json.Decoder(list[int])
_pairs = msgspec.json.Decoder(list[tuple[int, int]])
_deliveries = msgspec.json.Decoder(list[Delivery])
_letters = msgspec.json.Decoder(list[DeadLetter])
_bots = msgspec.json.Decoder(list[Bot])


class SqliteHooks:
    """`HookStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def cursor(self, name: str) -> int | None:
        """See HookStore."""
        found = await self._readers.run(lambda c: _numbers.decode(single(c, _CURSOR, (name,))))
        return found[0] if found else None

    async def advance(
        self,
        name: str,
        mid: int,
        *,
        queue: Sequence[Delivery] = (),
        bury: Sequence[DeadLetter] = (),
    ) -> None:
        """See HookStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_ADVANCE, (name, mid))
            for d in queue:
                connection.execute(_QUEUE, (d.hook, d.ident, d.event, d.body, d.created_at))
            _bury(connection, bury)

        await self._writer.run(work, 1 + len(queue) + len(bury))

    async def waiting(self, hook: int, limit: int) -> Sequence[Delivery]:
        """See HookStore."""
        return await self._readers.run(
            lambda c: _deliveries.decode(single(c, _WAITING, (hook, limit)))
        )

    async def waiting_counts(self) -> Mapping[int, int]:
        """See HookStore."""
        return dict(await self._readers.run(lambda c: _pairs.decode(single(c, _COUNTS))))

    async def settle(self, ident: str, letter: DeadLetter | None = None) -> None:
        """See HookStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_SETTLE, (ident,))
            if letter is not None:
                _bury(connection, (letter,))

        await self._writer.run(work, 2)

    async def bury(self, letters: Sequence[DeadLetter]) -> None:
        """See HookStore."""
        await self._writer.run(lambda connection: _bury(connection, letters), len(letters))

    async def dead(self, after: int, limit: int) -> Sequence[DeadLetter]:
        """See HookStore."""
        return await self._readers.run(lambda c: _letters.decode(single(c, _DEAD, (after, limit))))

    async def dead_letter(self, number: int) -> DeadLetter | None:
        """See HookStore."""
        found = await self._readers.run(lambda c: _letters.decode(single(c, _ONE_DEAD, (number,))))
        return found[0] if found else None

    async def forget_dead(self, number: int) -> bool:
        """See HookStore."""

        def work(connection: apsw.Connection) -> bool:
            connection.execute(_FORGET, (number,))
            return bool(connection.changes())

        return await self._writer.run(work)

    async def bots(self) -> Sequence[Bot]:
        """See HookStore."""
        return await self._readers.run(lambda c: _bots.decode(single(c, _BOTS)))

    async def put_bot(self, bot: Bot) -> None:
        """See HookStore."""

        def work(connection: apsw.Connection) -> None:
            connection.execute(_PUT_BOT, (bot.uid, bot.url, bot.secret, bot.created_at))

        await self._writer.run(work)

    async def remove_bot(self, uid: int) -> bool:
        """See HookStore."""

        def work(connection: apsw.Connection) -> bool:
            connection.execute("DELETE FROM hook_waiting WHERE hook = ?", (uid,))
            connection.execute("DELETE FROM bot WHERE uid = ?", (uid,))
            return bool(connection.changes())

        return await self._writer.run(work, large=True)


def _bury(connection: apsw.Connection, letters: Sequence[DeadLetter]) -> None:
    for letter in letters:
        d = letter.delivery
        connection.execute(
            _BURY,
            (
                d.hook, d.ident, d.event, d.body, d.created_at, letter.attempts, letter.error,
                letter.died_at,
            ),
        )  # fmt: skip
    if letters:
        connection.execute(_TRIM, (DEAD_MOST,))
