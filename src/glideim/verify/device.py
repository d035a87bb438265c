"""One device of a person: a connection that comes back, what it learns, and what it confirms."""

from __future__ import annotations

import asyncio
import functools
import itertools
from collections.abc import Callable, Iterator
from typing import Any

from msgspec import Struct

from glideim.protocol.actions import Action
from glideim.protocol.conversations import group_key, parse_group
from glideim.protocol.records import (
    MAX_ID,
    AckRequest,
    Auth,
    Conversation,
    ConversationList,
    Envelope,
    HistoryQuery,
    Message,
    MessageList,
    NotifyRead,
    Sync,
    Synced,
)
from glideim.protocol.social import (
    AckGroup,
    GroupPageQuery,
    MemberList,
    NotifyGroup,
    PageQuery,
    Stream,
)

from . import record as r
from .changes import Ledger, change_of, reactions_of
from .link import BrokenError, Link, RefusedError
from .state import Held, State, notice_of

PAGE = 200
SHARED = 1 << 15
"""Of so many messages that were told lately, all devices share one copy."""
_sessions = itertools.count(1)
_pages = itertools.count(1)


class Cursor(Struct):
    """Where the next page begins, and whether there is none."""

    at: str
    over: bool = False


class Login(Struct, frozen=True):
    """How one device signs in."""

    url: str
    codec: str
    token: str
    device: int

    @property
    def way(self) -> str:
        """Transport and codec, for the record."""
        return f"{self.url.partition(':')[0]}/{self.codec}"


class Device:
    """Signs in, synchronises, and keeps what it is told. `on_push` gets what is not about messages received."""

    def __init__(
        self,
        record: r.Record,
        uid: int,
        login: Login,
        on_push: Callable[[int, Envelope], None],
        reads: Callable[[], bool] = lambda: True,
    ) -> None:
        self.uid = uid
        self.login = login
        self.state = State(uid)
        self._ledger = Ledger(self.state)
        self.session = 0
        self.current = False
        self.kicked = False
        self._reads = reads
        self._record = record
        self._on_push = on_push
        self._link: Link | None = None
        self._cursor = ""
        self._confirmed: dict[str, int] = {}
        self._pulling: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    # --- connection -----------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether there is a signed-in connection."""
        return self.session != 0

    async def arrive(self) -> None:
        """Open a new connection, sign in and synchronise. Raises OSError, RefusedError."""
        session = next(_sessions)
        early: list[Envelope] = []
        link = Link(
            self.login.codec,
            lambda envelope: early.append(envelope) if self.session != session else self._take(session, envelope),
            functools.partial(self._gone, session),
        )  # fmt: skip
        await link.connect(self.login.url)
        try:
            await link.ask(
                Action.AUTH, Auth(token=self.login.token, device=self.login.device, batch=True)
            )
        except BaseException:
            link.abort()
            if link.broken:
                self._note_broken(session, link.broken)
            raise
        if link.closed_with is not None:
            raise ConnectionError("closed")
        record = self._record
        record.add(r.Opened(record.now(), self.uid, session, self.login.device, self.login.way))
        self._link, self.session, self.current = link, session, False
        for envelope in early:
            self._take(session, envelope)
        await self._sync()

    def _gone(self, session: int, code: int) -> None:
        if session != self.session:
            return
        if self._link is not None and self._link.broken:
            self._note_broken(session, self._link.broken)
        self._record.add(r.Closed(self._record.now(), self.uid, session, code))
        self.kicked = code == 4100
        self.session, self._link, self.current = 0, None, False

    def heir(self) -> Device:
        """The same device, signing in once more elsewhere: it knows what this one knows."""
        heir = Device(self._record, self.uid, self.login, self._on_push, self._reads)
        heir.state, heir._ledger, heir._cursor = self.state, self._ledger, self._cursor
        return heir

    def stored(self, conv: str, seq: int, held: Held) -> None:
        """One's own message was acknowledged: it is not pushed to the device that sent it."""
        self.state.conv(conv).put(seq, held)
        self._settle(conv)

    def _note_broken(self, session: int, what: str) -> None:
        self._record.add(r.Broken(self._record.now(), self.uid, session, what))

    def drop(self) -> None:
        """Lose the connection without a word."""
        if self._link is not None:
            self._link.abort()

    async def leave(self) -> None:
        """Close the connection for good."""
        link = self._link
        if link is not None:
            self._gone(self.session, 1000)
            link.close()
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    @property
    def link(self) -> Link:
        """The connection. Raises ConnectionError when there is none."""
        if self._link is None:
            raise ConnectionError("not connected")
        return self._link

    # --- pushes ---------------------------------------------------------------------------------------------

    def _take(self, session: int, envelope: Envelope) -> None:
        data = envelope.data
        change = change_of(envelope, self.uid)
        if change is not None:
            self._ledger.take(change)
        elif isinstance(data, Message):
            self._learn(data, r.PUSH)
            self._settle(data.conv)
        elif isinstance(data, Stream):
            if data.op == "open":
                self._learn(_growing(data), r.PUSH)
                self._settle(data.conv)
        elif isinstance(data, NotifyGroup):
            self._noticed(session, data)
        elif isinstance(data, NotifyRead):
            now = self._record.now()
            self._record.add(r.ReadBy(now, self.uid, session, data.conv, data.uid, data.seq))
        else:
            self._on_push(session, envelope)

    def _noticed(self, session: int, notice: NotifyGroup) -> None:
        if not notice.seq:
            return
        conv, now = group_key(notice.gid), self._record.now()
        self._record.add(
            r.Received(now, self.uid, session, conv, notice.seq, 0, "", 0, f"event {notice.seq}", 0)
        )
        self._apply(conv, notice)
        self.state.conv(conv).put(notice.seq, Held(0, f"event {notice.seq}"))
        self._settle(conv)

    def _apply(self, conv: str, notice: NotifyGroup) -> None:
        now = self._record.now()
        for change in (r.membership(now, conv, notice), r.role(now, conv, notice)):
            if change is not None:
                self._record.add(change)
        self.state.notice(notice)

    def _learn(self, message: Message, page: int) -> None:
        """Note a message and keep it."""
        sender, cli, content = r.said(message)
        held = held_of(message)
        self._record.add(
            r.Received(
                self._record.now(), self.uid, self.session, message.conv, message.seq, message.mid,
                cli, sender, content, message.send_at, page, held.status, held.reactions, held.pinned,
            )
        )  # fmt: skip
        notice = notice_of(message)
        if notice is not None:
            self._apply(message.conv, notice)
        conv = self.state.conv(message.conv)
        take = conv.grow if page == r.PUSH and held.status == r.GROWING else conv.put
        take(message.seq, held)

    def _settle(self, key: str) -> None:
        """Confirm what is complete; pull what is missing."""
        conv = self.state.conv(key)
        if conv.gap and self.current and key not in self._pulling:
            self._pulling.add(key)
            self._start(self._pull(key))
        self._confirm(key, conv.known)

    def _confirm(self, key: str, seq: int) -> None:
        if seq <= self._confirmed.get(key, 0) or self._link is None or not self._reads():
            return
        self._confirmed[key] = seq
        self._record.add(r.Confirmed(self._record.now(), self.uid, self.session, key, seq))
        gid = parse_group(key)
        if gid is None:
            self._link.tell(Action.ACK_REQUEST, AckRequest(conv=key, seq=seq))
        else:
            self._link.tell(Action.ACK_GROUP_MSG, AckGroup(to=gid, seq=seq))

    def _start(self, work: Any) -> None:
        task = asyncio.ensure_future(work)
        self._tasks.add(task)
        task.add_done_callback(self._ended)

    def _ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and task.exception() is not None:
            self._note_broken(self.session, f"cannot be taken in: {task.exception()!r}")

    def _broken(self, what: str) -> BrokenError:
        """What was answered cannot be: the connection is given up, and whoever asked must be told."""
        return self.link.give_up(what)

    # --- fetching -------------------------------------------------------------------------------------------

    async def _pull(self, key: str) -> None:
        try:
            while self.state.conv(key).gap:
                before = self.state.conv(key).known
                await self.fetch(key, before)
                if self.state.conv(key).known == before:
                    return
        except (RefusedError, OSError):
            return  # the next synchronisation brings it
        finally:
            self._pulling.discard(key)
        self._confirm(key, self.state.conv(key).known)

    async def fetch(self, key: str, after: int, *, final: bool = False) -> list[Message]:
        """One page of history. Raises RefusedError, ConnectionError."""
        query, mark = HistoryQuery(conv=key, after=after, limit=PAGE), self._ledger.begin()
        page = next(_pages)
        try:
            answer = await self.link.call(Action.API_MESSAGES_LIST, query, MessageList)
            items = list(answer.items)
            for message in items:
                self._learn(message, page)
        finally:
            self._ledger.end(mark)
        upto = items[-1].seq if items else after
        if items and upto <= after:
            raise self._broken(f"history of {key} after {after} ends with {upto}")
        self._record.add(
            r.Fetched(self._record.now(), self.uid, page, key, after, upto, final=final)
        )
        return items

    async def history(
        self, key: str, after: int = 0, upto: int = MAX_ID, *, final: bool = False
    ) -> dict[int, Held]:
        """What the server shows of a conversation, all of it unless told otherwise. Raises RefusedError,
        ConnectionError."""
        found: dict[int, Held] = {}
        while after < upto and (items := await self.fetch(key, after, final=final)):
            found.update((item.seq, held_of(item)) for item in items)
            after = items[-1].seq
        return found

    async def conversations(self) -> dict[str, Conversation]:
        """Every conversation of the person. Raises RefusedError, ConnectionError."""
        found: dict[str, Conversation] = {}
        for cursor in self._each_page("conversations"):
            answer = await self.link.call(
                Action.API_CONVERSATIONS_LIST, PageQuery(cursor=cursor.at), ConversationList
            )
            found.update((item.conv, item) for item in answer.items)
            cursor.at = answer.cursor
        return found

    async def members(self, key: str) -> set[int]:
        """Who is in a group, by the server. Raises RefusedError, ConnectionError."""
        found: set[int] = set()
        for cursor in self._each_page("members"):
            query = GroupPageQuery(gid=parse_group(key) or 0, cursor=cursor.at)
            answer = await self.link.call(Action.API_GROUPS_MEMBERS, query, MemberList)
            found.update(item.uid for item in answer.items)
            cursor.at = answer.cursor
        return found

    async def _sync(self) -> None:
        """Everything missed since the last time."""
        known, mark = self.state.known(), self._ledger.begin()
        changed: set[str] = set()
        try:
            for cursor in self._each_page("sync", self._cursor):
                answer = await self.link.call(Action.API_SYNC, Sync(known, cursor.at), Synced)
                for items in answer.messages.values():
                    for message in items:
                        self._learn(message, r.ALONE)
                cursor.at, cursor.over = answer.cursor, not answer.more
                changed.update(conversation.conv for conversation in answer.conversations)
        finally:
            self._ledger.end(mark)
        self._cursor, self.current = cursor.at, True
        for key in changed | self.state.convs.keys():
            self._settle(key)

    def _each_page(self, what: str, start: str = "") -> Iterator[Cursor]:
        """A cursor for each page, until it is over. Raises BrokenError when one comes again: it would never end."""
        cursor, seen = Cursor(start), set()
        while True:
            yield cursor
            if cursor.over or not cursor.at:
                return
            if cursor.at in seen:
                raise self._broken(f"{what}: the same cursor for the second time")
            seen.add(cursor.at)


def held_of(message: Message) -> Held:
    """A message as a device holds it."""
    content = r.said(message)[2]
    return _held(message.mid, content, message.status, reactions_of(message), message.pinned)


@functools.lru_cache(SHARED)
def _held(*fields: Any) -> Held:
    """One for all devices that hold the same: they hear of a message at about the same time."""
    return Held(*fields)


def _growing(step: Stream) -> Message:
    """The message that is opened."""
    return Message(
        mid=step.mid, cli_mid=step.stream_id, conv=step.conv, seq=step.seq, from_=step.from_, to=step.to,
        type=step.type, status=r.GROWING,
    )  # fmt: skip
