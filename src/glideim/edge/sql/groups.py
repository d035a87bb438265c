"""Groups, their members and who asks to join, in SQLite."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import apsw

from glideim.group.ports import Group, GroupChange, GroupState, Member, Request, Role
from glideim.protocol.conversations import group_key

from .readers import Readers
from .rows import to_json
from .writer import Writer

_GROUP = (
    "gid, name, owner, avatar, announcement, join_mode, history, invite, muted_until, max_members,"
    " created_at, dissolved"
)
_MEMBER = "uid, role, muted_until, nickname, joined_at, since"

_PUT_GROUP = f"INSERT OR REPLACE INTO chat_group ({_GROUP}) VALUES ({', '.join('?' * 12)})"
_PUT_MEMBER = f"INSERT OR REPLACE INTO group_member (gid, {_MEMBER}) VALUES (?, ?, ?, ?, ?, ?, ?)"
# Whoever comes back finds the positions of before; they only move forward.
_PUT_INBOX = """
INSERT INTO member (conv, uid, delivered, read, changed) VALUES (?1, ?2, ?3, ?3, ?4)
ON CONFLICT DO UPDATE SET delivered = max(delivered, ?3), read = max(read, ?3), changed = ?4
"""
PUT_EXPIRY = """
INSERT INTO conversation (low, high, expire_after, changed) VALUES (?1, ?2, ?3, ?4)
ON CONFLICT DO UPDATE SET expire_after = ?3, changed = ?4
"""
NEXT_CHANGE = "UPDATE segment SET next = next + 1 WHERE name = 'change' RETURNING next - 1"


def apply_change(connection: apsw.Connection, change: GroupChange, seq: int) -> None:
    """Write a change of a group, in the transaction of its event, which has `seq`."""
    conv, gid = group_key(change.gid), change.gid
    number = connection.execute(NEXT_CHANGE).get
    if change.group is not None:
        g = change.group
        connection.execute(
            _PUT_GROUP,
            (
                g.gid, g.name, g.owner, g.avatar, g.announcement, g.join_mode, g.history, g.invite, g.muted_until,
                g.max_members, g.created_at, int(g.dissolved),
            ),
        )  # fmt: skip
    connection.executemany(
        _PUT_MEMBER,
        [
            (gid, m.uid, str(m.role), m.muted_until, m.nickname, m.joined_at, m.since)
            for m in change.upsert
        ],
    )
    connection.executemany(_PUT_INBOX, [(conv, uid, seq, number) for uid in change.joining])
    leaving = [(gid, uid) for uid in change.leaving]
    connection.executemany("DELETE FROM group_member WHERE gid = ? AND uid = ?", leaving)
    connection.executemany(
        "DELETE FROM member WHERE conv = ? AND uid = ?", [(conv, uid) for uid in change.leaving]
    )
    connection.executemany(
        "DELETE FROM group_request WHERE gid = ? AND uid = ?",
        [(gid, uid) for uid in change.answered],
    )
    if change.group is not None and change.group.dissolved:
        connection.execute("DELETE FROM group_request WHERE gid = ?", (gid,))
    if change.expire_after is not None:
        connection.execute(PUT_EXPIRY, (0, gid, change.expire_after, number))


class SqliteGroups:
    """`GroupStore` on SQLite."""

    def __init__(self, writer: Writer, readers: Readers) -> None:
        self._writer = writer
        self._readers = readers

    async def load(self, gid: int) -> GroupState | None:
        """See GroupStore."""

        def query(connection: apsw.Connection) -> GroupState | None:
            row = connection.execute(f"SELECT {_GROUP} FROM chat_group WHERE gid = ?", (gid,)).get
            if row is None:
                return None
            members = connection.execute(
                f"SELECT {_MEMBER} FROM group_member WHERE gid = ?", (gid,)
            )
            return GroupState(_group(row), {int(m[0]): _member(m) for m in members})

        return await self._readers.run(query)

    async def groups_of(self, uid: int, after: int, limit: int) -> Sequence[int]:
        """See GroupStore."""
        sql = "SELECT gid FROM group_member WHERE uid = ? AND gid > ? ORDER BY gid LIMIT ?"
        return await self._readers.run(
            lambda c: [int(gid) for (gid,) in c.execute(sql, (uid, after, limit))]
        )

    async def memberships(self, uid: int, gids: Sequence[int]) -> Mapping[int, Member]:
        """See GroupStore."""
        sql = f"""
            SELECT gid, {_MEMBER} FROM group_member
            WHERE uid = ? AND gid IN (SELECT value FROM json_each(?))
        """
        return await self._readers.run(
            lambda c: {
                int(row[0]): _member(row[1:]) for row in c.execute(sql, (uid, to_json(list(gids))))
            }
        )

    async def crowded(self, uids: Sequence[int], most: int) -> frozenset[int]:
        """See GroupStore."""
        sql = """
            SELECT value FROM json_each(?1) AS j WHERE ?2 <= (
                SELECT count(*) FROM (SELECT 1 FROM group_member AS g WHERE g.uid = j.value LIMIT ?2)
            )
        """
        return await self._readers.run(
            lambda c: frozenset(int(uid) for (uid,) in c.execute(sql, (to_json(list(uids)), most)))
        )

    async def infos(self, gids: Sequence[int]) -> Mapping[int, tuple[Group, int]]:
        """See GroupStore."""
        sql = f"""
            SELECT {_GROUP}, (SELECT count(*) FROM group_member AS m WHERE m.gid = chat_group.gid)
            FROM chat_group WHERE gid IN (SELECT value FROM json_each(?))
        """
        return await self._readers.run(
            lambda c: {
                int(row[0]): (_group(row), int(row[-1]))
                for row in c.execute(sql, (to_json(list(gids)),))
            }
        )

    async def add_request(self, gid: int, request: Request, most: int) -> bool:
        """See GroupStore."""
        sql = """
            INSERT INTO group_request SELECT ?1, ?2, ?3, ?4
            WHERE (SELECT count(*) FROM group_request WHERE gid = ?1 AND uid <> ?2) < ?5
            ON CONFLICT DO UPDATE SET message = ?3, at = ?4
        """
        parameters = (gid, request.uid, request.message, request.at, most)

        def work(connection: apsw.Connection) -> bool:
            connection.execute(sql, parameters)
            return connection.changes() > 0

        return await self._writer.run(work)

    async def requests(self, gid: int, after: int, limit: int) -> Sequence[Request]:
        """See GroupStore."""
        sql = """
            SELECT uid, message, at FROM group_request WHERE gid = ? AND uid > ? ORDER BY uid LIMIT ?
        """
        return await self._readers.run(
            lambda c: [
                Request(int(uid), str(message), int(at))
                for uid, message, at in c.execute(sql, (gid, after, limit))
            ]
        )

    async def drop_request(self, gid: int, uid: int) -> bool:
        """See GroupStore."""

        def work(connection: apsw.Connection) -> bool:
            connection.execute("DELETE FROM group_request WHERE gid = ? AND uid = ?", (gid, uid))
            return connection.changes() > 0

        return await self._writer.run(work)


def _group(row: Sequence[object]) -> Group:
    gid, name, owner, avatar, announcement, join_mode, history, invite = row[:8]
    muted_until, max_members, created_at, dissolved = row[8:12]
    return Group(
        _int(gid), str(name), _int(owner), str(avatar), str(announcement), str(join_mode), str(history), str(invite),
        _int(muted_until), _int(max_members), _int(created_at), bool(dissolved),
    )  # fmt: skip


def _member(row: Sequence[object]) -> Member:
    uid, role, muted_until, nickname, joined_at, since = row
    return Member(
        _int(uid), Role(str(role)), _int(muted_until), str(nickname), _int(joined_at), _int(since)
    )


def _int(value: object) -> int:
    if not isinstance(value, int):
        raise TypeError(f"not an integer: {value!r}")
    return value
