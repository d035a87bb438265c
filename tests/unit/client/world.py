"""A server in memory for the client's tests, with faults on demand, and time that is moved by hand."""

from __future__ import annotations

import asyncio
import heapq
import itertools
from collections.abc import Callable, Sequence
from random import Random
from typing import Any

from glideim.client import Client, MemoryStore, Options, Store
from glideim.client.transport import Receiver
from glideim.protocol.actions import Action
from glideim.protocol.codec import load_codec
from glideim.protocol.conversations import chat_key, parse_key
from glideim.protocol.ports import Codec
from glideim.protocol.records import (
    AckMessage,
    AckNotify,
    AckRequest,
    Auth,
    AuthOk,
    Conversation,
    Empty,
    Envelope,
    Error,
    Guest,
    Hello,
    HistoryQuery,
    LoggedIn,
    Login,
    Message,
    MessageList,
    MessageRead,
    NotifyClose,
    NotifyRead,
    Register,
    Registered,
    Sync,
    Synced,
    User,
    UserList,
    UserSearch,
    UsersQuery,
)  # fmt: skip

START_MS = 1_800_000_000_000


class ManualTimers:
    """Time that moves only when told to."""

    def __init__(self) -> None:
        self.seconds = 0.0
        self._numbers = itertools.count()
        self._heap: list[tuple[float, int, _ManualTimer]] = []

    def now_ms(self) -> int:
        return START_MS + round(self.seconds * 1000)

    def monotonic(self) -> float:
        return self.seconds

    def call_at(self, when: float, callback: Callable[[], None]) -> _ManualTimer:
        timer = _ManualTimer(callback)
        heapq.heappush(self._heap, (when, next(self._numbers), timer))
        return timer

    @property
    def armed(self) -> int:
        return sum(not timer.cancelled for _, _, timer in self._heap)

    async def advance(self, seconds: float) -> None:
        """Move on, timer by timer, letting the loop do what each one starts."""
        end = self.seconds + seconds
        await settle()
        while self._heap and self._heap[0][0] <= end:
            when, _, timer = heapq.heappop(self._heap)
            self.seconds = max(self.seconds, when)
            if not timer.cancelled:
                timer.callback()
                await settle()
        self.seconds = end
        await settle()


class _ManualTimer:
    def __init__(self, callback: Callable[[], None]) -> None:
        self.callback = callback
        self.cancelled = False

    def cancel(self) -> None:
        self.cancelled = True


async def settle(turns: int = 25) -> None:
    """Let the loop run until everything that needs no time has happened."""
    for _ in range(turns):
        await asyncio.sleep(0)


async def eventually(condition: Callable[[], bool]) -> None:
    """Let the loop run until something is so; for what passes through real sockets."""
    async with asyncio.timeout(10):
        while not condition():  # noqa: ASYNC110 - there is no event for it
            await asyncio.sleep(0)


class World:
    """The server: accounts, the log of every conversation, and who is connected."""

    def __init__(self, timers: ManualTimers, rng: Random | None = None) -> None:
        self.timers = timers
        self.rng = rng or Random(1)
        self.passwords: dict[str, tuple[int, str]] = {}
        self.tokens: dict[str, int] = {}
        self.log: dict[str, list[Message]] = {}
        self.delivered: dict[tuple[str, int], int] = {}
        self.reads: dict[tuple[str, int], int] = {}
        self.connections: list[Connection] = []
        self.attempts = 0
        self.refusing_connections = False
        self.heartbeat = 30
        self.lifetime_ms = 1000 * 3600
        self.max_frame = 0
        self.received: list[tuple[int, str, Any]] = []
        """Every envelope that came: (uid, action, data)."""
        # Faults:
        self.silent: set[str] = set()
        """Actions that get no answer and have no effect."""
        self.mute_acks = 0
        """So many of the next messages are stored but not acknowledged."""
        self.refuse_sends: list[str] = []
        """Codes with which the next messages are refused."""
        self.drop_pushes = 0.0
        self.double_pushes = 0.0
        self.break_rate = 0.0
        """Chance that a connection breaks before or after an envelope was handled."""

    def add_user(self, uid: int, name: str, password: str = "secret") -> str:
        self.passwords[name] = (uid, password)
        return self.issue(uid)

    def issue(self, uid: int) -> str:
        token = f"token-{uid}-{len(self.tokens)}"
        self.tokens[token] = uid
        return token

    def stored(self, a: int, b: int) -> list[str]:
        return [m.content or "" for m in self.log.get(chat_key(a, b), [])]

    def say(
        self, sender: int, to: int, content: str, cli_mid: str = "", *, push: bool = True
    ) -> Message:
        """Store a message as if it came from another device of `sender`."""
        conv = chat_key(sender, to)
        log = self.log.setdefault(conv, [])
        message = Message(
            mid=1000 + sum(map(len, self.log.values())), cli_mid=cli_mid or f"w{len(log)}-{conv}", conv=conv,
            seq=len(log) + 1, from_=sender, to=to, type=1, content=content, send_at=self.timers.now_ms(),
        )  # fmt: skip
        log.append(message)
        if push:
            self.push(message)
        return message

    def push(self, message: Message, skip: Connection | None = None) -> None:
        for connection in self.connections:
            if connection is not skip and connection.uid in {message.from_, message.to}:
                if self.rng.random() < self.drop_pushes:
                    continue
                connection.tell(Action.MESSAGE_CHAT, message)
                if self.rng.random() < self.double_pushes:
                    connection.tell(Action.MESSAGE_CHAT, message)

    def of(self, uid: int) -> list[Connection]:
        return [c for c in self.connections if c.uid == uid]

    async def connect(self, receiver: Receiver, codec: Codec) -> None:
        """What a client is given instead of a network."""
        self.attempts += 1
        if self.refusing_connections:
            raise ConnectionRefusedError("nobody is there")
        connection = Connection(self, receiver, codec)
        self.connections.append(connection)
        receiver.opened(connection)
        connection.tell(
            Action.HELLO, Hello(server_time=1, heartbeat=self.heartbeat, max_frame=self.max_frame)
        )

    def client(
        self, uid: int = 0, *, store: Store | None = None, seed: int = 7, **options: Any
    ) -> Client:
        """A client of this world; with `uid` already signed in."""
        store = store or MemoryStore()
        if uid and store.credentials() is None:
            from glideim.client import Credentials

            store.save_credentials(Credentials(uid, self.issue(uid)))
        return Client(
            "ws://test/ws",
            store=store,
            options=Options(**options),
            connect=self.connect,
            timers=self.timers,
            rng=Random(seed),
        )


class Connection:
    """The server's end of a connection; the client's `Transport`."""

    def __init__(self, world: World, receiver: Receiver, codec: Codec) -> None:
        self.world = world
        self.receiver = receiver
        self.codec = codec
        self.uid = 0
        self.open = True
        self._out: list[Envelope] = []
        self._due = False

    # --- transport ---

    def write(self, frames: Sequence[bytes]) -> None:
        for frame in frames:
            for envelope in self.codec.decode(frame):
                assert isinstance(envelope, Envelope), envelope
                self._maybe_break()
                if self.open:
                    self._handle(envelope)
                    self._maybe_break()

    def close(self) -> None:
        self.break_off()

    def abort(self) -> None:
        self.break_off()

    # --- server ---

    def tell(self, action: str, data: Any, seq: int = 0) -> None:
        self._out.append(Envelope(action, seq, data))
        if not self._due:
            self._due = True
            asyncio.get_running_loop().call_soon(self._flush)

    def _flush(self) -> None:
        self._due = False
        out, self._out = self._out, []
        if self.open and out:
            frames = [self.codec.encode(envelope) for envelope in out]
            self.receiver.received(frames[0] if len(frames) == 1 else self.codec.join(frames))

    def break_off(self, code: int = 0, reason: str = "") -> None:
        """The connection is gone, with everything that was on its way."""
        if self.open:
            self.gone()
            asyncio.get_running_loop().call_soon(self.receiver.closed, code, reason)

    def gone(self) -> None:
        """Nothing can be said to this client any more."""
        if self.open:
            self.open = False
            self.world.connections.remove(self)

    def end(self, code: int, reason: str = "", reconnect_after: int = 0) -> None:
        """Close in the way of the protocol."""
        self.tell(Action.NOTIFY_CLOSE, NotifyClose(code, reason, reconnect_after))
        self._flush()
        self.break_off(code, reason)

    def _maybe_break(self) -> None:
        if self.world.break_rate and self.world.rng.random() < self.world.break_rate:
            self.break_off()

    def _handle(self, envelope: Envelope) -> None:
        action, data, seq = envelope.action, envelope.data, envelope.seq
        self.world.received.append((self.uid, action, data))
        if action in self.world.silent:
            return
        if action == Action.AUTH:
            self._auth(data, seq)
        elif action in {Action.MESSAGE_CHAT, Action.MESSAGE_CHAT_RETRY}:
            self._message(data, seq)
        elif action == Action.ACK_REQUEST:
            self._confirmed(data)
        elif action == Action.MESSAGE_READ:
            self._read(data)
        elif action.startswith("api."):
            self._api(action, data, seq)

    def _auth(self, auth: Auth, seq: int) -> None:
        uid = self.world.tokens.get(auth.token)
        if uid is None:
            self.tell(Action.ERROR, Error("unauthenticated", "token: not valid"), seq)
            self.end(4101, "token: not valid")
            return
        for other in self.world.of(uid):
            if other is not self:
                other.end(4100, "signed in elsewhere")
        self.uid = uid
        self.tell(Action.AUTH_OK, AuthOk(uid, auth.device, self.world.timers.now_ms(), "n1"), seq)

    def _message(self, message: Message, seq: int) -> None:
        world = self.world
        if world.refuse_sends:
            code = world.refuse_sends.pop(0)
            retryable = code in {"unavailable", "rate_limited", "internal"}
            error = Error(code, "refused", retryable, message.cli_mid)
            self.tell(Action.MESSAGE_FAILED_SEND, error, seq)
            return
        conv = chat_key(self.uid, message.to)
        for known in world.log.get(conv, []):
            if (known.from_, known.cli_mid) == (self.uid, message.cli_mid):
                break
        else:
            known = world.say(
                self.uid, message.to, message.content or "", message.cli_mid, push=False
            )
            world.push(known, skip=self)
        if world.mute_acks:
            world.mute_acks -= 1
            return
        self.tell(
            Action.ACK_MESSAGE,
            AckMessage(known.cli_mid, known.mid, conv, known.seq, known.send_at),
            seq,
        )

    def _confirmed(self, ack: AckRequest) -> None:
        self.world.delivered[ack.conv, self.uid] = ack.seq
        pair = parse_key(ack.conv)
        assert pair is not None
        for other in pair:
            for connection in self.world.of(other):
                if other != self.uid:
                    connection.tell(
                        Action.ACK_NOTIFY, AckNotify(conv=ack.conv, seq=ack.seq, from_=self.uid)
                    )

    def _read(self, read: MessageRead) -> None:
        self.world.reads[read.conv, self.uid] = read.seq
        pair = parse_key(read.conv)
        assert pair is not None
        for other in set(pair):
            for connection in self.world.of(other):
                if connection is not self:
                    connection.tell(Action.NOTIFY_READ, NotifyRead(read.conv, self.uid, read.seq))

    def _api(self, action: str, data: Any, seq: int) -> None:
        result = self._answer(action, data)
        if isinstance(result, Error):
            self.tell(Action.ERROR, result, seq)
        else:
            self.tell(Action.API_OK, result, seq)

    def _answer(self, action: str, data: Any) -> Any:
        world = self.world
        match data:
            case Register(account, password):
                if account in world.passwords:
                    return Error("conflict", "account: is taken")
                uid = 1 + len(world.passwords)
                world.add_user(uid, account, password)
                return Registered(uid)
            case Login(account, password):
                uid, right = world.passwords.get(account, (0, ""))
                if password != right or not uid:
                    return Error("unauthenticated", "account or password: not right")
                return self._logged_in(uid)
            case Guest():
                uid = 1000 + len(world.tokens)
                return self._logged_in(uid)
            case Sync():
                return self._sync(data)
            case HistoryQuery(conv, after, before, limit):
                return MessageList(tuple(self._history(conv, after, before, limit)))
            case UserSearch(q):
                found = [
                    (name, uid)
                    for name, (uid, _) in world.passwords.items()
                    if name.startswith(q.lower())
                ]
                return UserList(tuple(User(uid, name) for name, uid in found))
            case UsersQuery(uids):
                named = {uid: name for name, (uid, _) in world.passwords.items()}
                return UserList(tuple(User(uid, named[uid]) for uid in uids if uid in named))
            case _:
                return self._simple(action)

    def _simple(self, action: str) -> Any:
        if action == Action.API_AUTH_REFRESH:
            return self._logged_in(self.uid)
        if action == Action.API_AUTH_LOGOUT:
            asyncio.get_running_loop().call_soon(self.end, 4103, "signed out")
            return Empty()
        return User(self.uid, "me")

    def _logged_in(self, uid: int) -> LoggedIn:
        return LoggedIn(
            self.world.issue(uid), uid, self.world.timers.now_ms() + self.world.lifetime_ms
        )

    def _history(
        self, conv: str, after: int | None, before: int | None, limit: int
    ) -> list[Message]:
        found = [
            m
            for m in self.world.log.get(conv, [])
            if m.seq > (after or 0) and (before is None or m.seq < before)
        ]
        size = limit or 50
        return found[:size] if after is not None else found[-size:]

    def _sync(self, sync: Sync) -> Synced:
        """Two conversations a page, three messages of each: whatever is beyond has to be pulled."""
        world = self.world
        convs = sorted(conv for conv in world.log if self.uid in (parse_key(conv) or ()))
        start = int(sync.cursor or 0)
        page = convs[start : start + 2]
        more = start + 2 < len(convs)
        messages = {c: tuple(world.log[c][sync.known.get(c, 0) :][:3]) for c in page}
        return Synced(
            tuple(self._conversation(conv) for conv in page),
            {conv: found for conv, found in messages.items() if found},
            str(start + 2) if more else "0",
            more,
        )

    def _conversation(self, conv: str) -> Conversation:
        world, log = self.world, self.world.log[conv]
        a, b = parse_key(conv) or (0, 0)
        peer = b if self.uid == a else a
        read = world.reads.get((conv, self.uid), 0)
        names = {uid: name for name, (uid, _) in world.passwords.items()}
        return Conversation(
            conv, len(log), read, len(log) - read, last_message=log[-1], peer=User(peer, names.get(peer, "")),
            delivered_seq=world.delivered.get((conv, self.uid), 0),
            peer_delivered_seq=world.delivered.get((conv, peer), 0),
            peer_read_seq=world.reads.get((conv, peer), 0),
        )  # fmt: skip


async def next_of(stream: Any, kind: type) -> Any:
    """The next event of a kind."""
    async for event in stream:
        if isinstance(event, kind):
            return event
    raise AssertionError("the events ended")


__all__ = ["Connection", "ManualTimers", "World", "load_codec", "next_of", "settle"]
