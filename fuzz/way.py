"""One way into the server (a transport, a codec, how bytes arrive), and what is promised on it."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from random import Random
from typing import Any

from glideim.kernel.errors import RequestError
from glideim.protocol.actions import RESULTS, Action
from glideim.protocol.limits import MAX_FRAME
from glideim.protocol.ports import Codec
from glideim.protocol.records import Auth, Empty, Envelope, FrameError, Message

from .corpus import frames_of
from .live import Live, Loopback, Socket
from .mutate import inputs
from .pool import Person
from .shapes import mutated_json, mutated_protobuf, shaped
from .tally import ALWAYS, OK, OTHER, SILENT, TAKEN, Tally
from .valid import Frames, encoded
from .wires import Tcp, Wire, answers
from .world import World

PER_CONNECTION = 48
SIZES = (1, 2, 2, 3)
"""Connections at the same time: what one does, others hear of."""
STRANGERS, WILD = 0.05, 0.1
"""Shares of connections that do not sign in, and that send hardly anything a client would."""
LIES = 0.02
"""Share of connections whose framing lies."""
NONSENSE, CHANGED, GOLDEN, BATCHES = 0.015, 0.12, 0.03, 0.05
"""Shares of frames: changed anywhere or random, changed by shape, from spec/vectors and changed, several in one."""
AS_KEY = 0.8
"""Share of calls for administrators that come from another server, with a key; a connection is refused."""
FASTEST = 192
"""Pieces of a frame that comes byte by byte, at most: a longer one comes in larger pieces."""
GOOD_EVERY = 100
CLOSES = frozenset({4008, 4009, 4010, 4100, 4101, 4102, 4103})
"""What a client may be told that sends nonsense, asks for more than it reads, signs in twice, is banned or signed out."""
REFUSED = frozenset({Action.ERROR, Action.MESSAGE_FAILED_SEND})


class Broken(Exception):  # noqa: N818 - a finding
    """A promise was broken, by these bytes."""


class Client:
    """One connection, and what was asked on it."""

    def __init__(self, person: Person, socket: Socket | Loopback, *, honest: bool) -> None:
        self.person = person
        self.socket = socket
        self.honest = honest
        self.signed_in = False
        self.wild = False
        self.sent = bytearray()
        self.asked: dict[int, Envelope] = {}
        self.twice: set[int] = set()
        """Numbers of several requests: which answer is whose is not told."""
        self.unreadable = 0
        self.longest = 0
        self.seq = 1000

    @property
    def over(self) -> bool:
        """Whether the server ended it, or is about to."""
        return self.socket.ended or b"notify.close" in self.socket.written[-300:]


class Way:
    """Parties of connections, one after the other."""

    def __init__(
        self, server: Live, world: World, wire: Wire, codec: Codec, *, pieces: bool, seed: int, sockets: bool
    ) -> None:  # fmt: skip
        self._server, self._world = server, world
        self._wire, self._codec = wire, codec
        self.pieces = pieces
        self._sockets = sockets
        self._seed, self._parties = seed, 0
        self._random = Random(seed)
        self._frames = Frames(world.pool, self._random)
        golden = frames_of(codec.name)
        self._golden, self._anywhere = shaped(golden, self._random), inputs(golden, seed)
        self.name = f"{wire.name} {codec.name} {'byte by byte' if pieces else 'whole'}"
        self.frames = 0
        self.connections = 0
        self.tally = Tally()
        self.closed: Counter[int] = Counter()
        self.good: list[float] = []

    async def run(self, until: float) -> None:
        """Go on until so many frames were sent in all, and serve the well-behaved one now and then. Raises Broken,
        Unwanted."""
        due = self.connections + GOOD_EVERY
        while self.frames < until:
            before = self.frames
            await self.party()
            await self._world.used(self.frames - before)
            if self.connections >= due:
                due += GOOD_EVERY
                await self.well_behaved()
        await self.well_behaved()

    async def party(self) -> None:
        """Some connections from their first byte to their end. Raises Broken, Unwanted."""
        # Each party by a seed of its own: what hangs on time in one of them changes no other.
        self._parties += 1
        self._random.seed(f"{self._seed} {self._parties}")
        clients: list[Client] = []
        try:
            await self._meet(clients)
        finally:
            for client in clients:
                client.socket.leave()
        await self._server.settle(3)
        self._server.check()

    async def _meet(self, clients: list[Client]) -> None:
        for _ in range(self._random.choice(SIZES)):
            clients.append(await self._join())  # noqa: PERF401 - those who came leave again, whatever happens
        for _ in range(PER_CONNECTION):
            for client in clients:
                if not client.over:
                    await self._step(client)
        await self._server.settle()
        for client in clients:
            await self._finish(client)

    # --- what is sent ---------------------------------------------------------------------------------------

    async def _open(self) -> Socket | Loopback:
        if self._sockets:
            return await self._server.loopback("tcp" if self._wire is Tcp else "ws")
        return self._server.tcp() if self._wire is Tcp else self._server.websocket()

    async def _join(self) -> Client:
        self.connections += 1
        random = self._random
        person, device = self._world.pool.person(random), random.choice((1, 2, 3, 4, 5))
        stranger, wild, lies = (random.random() < share for share in (STRANGERS, WILD, LIES))
        client = Client(person, await self._open(), honest=not lies)
        client.wild = wild
        self._feed(client, self._wire.opening(self._codec))
        if not stranger:
            token = await self._world.token(person, device)
            auth = Envelope(Action.AUTH, 1, Auth(token, device, batch=random.random() < 0.3))
            self._feed(client, self._wire.frame(self._codec, self._codec.encode(auth)))
            written = client.socket.written
            if not await self._server.until(lambda: b"auth.ok" in written or client.over):
                raise Broken(f"{self.name}: not signed in\n  sent: {client.sent.hex()}")
            client.signed_in = b"auth.ok" in written
        return client

    def _feed(self, client: Client, data: bytes) -> None:
        client.sent += data
        client.socket.feed(data, max(1, len(data) // FASTEST) if self.pieces else 0)

    async def _step(self, client: Client) -> None:
        body = await self._body(client)
        if body is not None:
            self.frames += 1
            if client.honest:
                self._note(client, body)
            self._feed(client, self._wire.frame(self._codec, body) if client.honest else body)
        if self._random.random() < 0.85:
            await self._server.settle(1)

    async def _body(self, client: Client) -> bytes | None:
        random = self._random
        chance = random.random()
        if client.wild:
            chance *= NONSENSE + CHANGED + GOLDEN
        elif client.unreadable > 1:
            # One more would be the end, and most of what is to be reached is further on.
            chance = max(chance, NONSENSE + CHANGED + GOLDEN)
        if chance < NONSENSE:
            return next(self._anywhere) if chance < NONSENSE / 2 else random.randbytes(random.randrange(64))  # fmt: skip
        if chance < NONSENSE + GOLDEN:
            return next(self._golden)
        envelope = self._ask(client)
        body = encoded(self._codec, envelope)
        if body is None:
            return None
        if chance < NONSENSE + GOLDEN + CHANGED:
            return (mutated_json(random, body) or mutated_protobuf(random, body) or body)[:MAX_FRAME]  # fmt: skip
        if chance > 1 - BATCHES:
            more = (encoded(self._codec, self._ask(client)) for _ in range(random.randrange(1, 4)))
            return self._codec.join([body, *(other for other in more if other is not None)])
        if envelope.action.startswith("api.admin.") and random.random() < AS_KEY:
            await self._as_key(body)
            return None
        return body

    def _ask(self, client: Client) -> Envelope:
        client.seq += 1
        return self._frames.envelope(client.person, client.seq)

    def _note(self, client: Client, body: bytes) -> None:
        client.longest = max(client.longest, len(body))
        try:
            items = self._codec.decode(body)
        except FrameError:
            client.unreadable += 1
            return
        for item in items:
            if item.seq:
                if item.seq in client.asked:
                    client.twice.add(item.seq)
                asked = item if isinstance(item, Envelope) else Envelope(item.action, item.seq)
                client.asked[item.seq] = asked

    async def _as_key(self, body: bytes) -> None:
        """Another server asks: over HTTP it would be, and what it asks for is checked and served in the same way."""
        self.frames += 1
        (asked,) = self._codec.decode(body)
        if not isinstance(asked, Envelope):
            self.tally.count(asked.action, asked.code)
            return
        try:
            result = await self._world.key(asked.action, asked.data)
        except RequestError as error:
            self.tally.count(asked.action, error.code)
            return
        except Exception as error:
            raise Broken(f"{self.name}: {asked} failed: {error!r}") from error
        self.tally.count(asked.action, OK)
        self._codec.encode(Envelope(Action.API_OK, asked.seq, result))

    # --- what is promised -----------------------------------------------------------------------------------

    async def _finish(self, client: Client) -> None:
        """Every answer is waited for, and looked at. Raises Broken."""
        if client.honest and not await self._server.until(lambda: not self._missing(client)):
            missing = [client.asked[seq] for seq in self._missing(client)]
            raise self._broken(client, f"not answered: {missing}")
        self._judge(client, self._heard(client))

    def _heard(self, client: Client) -> list[Envelope]:
        return answers(self._wire, self._codec, bytes(client.socket.written))

    def _missing(self, client: Client) -> set[int]:
        if client.over:
            return set()
        due = {seq for seq, asked in client.asked.items() if asked.action in ALWAYS}
        return due - {envelope.seq for envelope in self._heard(client)}

    def _judge(self, client: Client, found: list[Envelope]) -> None:
        code = 0
        done: set[int] = set()
        for item in found:
            if item.action == Action.NOTIFY_CLOSE:
                code = item.data.code
            elif item.seq in client.asked and item.seq not in done:
                done.add(item.seq)
                self._answered(client, client.asked[item.seq], item)
            elif item.action in REFUSED:
                self._refused(client, OTHER, item)
            elif not item.seq:
                self.tally.pushed[item.action] += 1
        self.closed[code] += 1
        if not code and not client.socket.ended and client.signed_in:
            silent = (a for s, a in client.asked.items() if s not in done and a.action in SILENT)
            for asked in silent:
                self.tally.count(asked.action, TAKEN)
        self._judge_end(client, code)

    def _answered(self, client: Client, asked: Envelope, item: Envelope) -> None:
        if item.action in REFUSED:
            self._refused(client, asked.action, item)
            return
        if asked.seq in client.twice:
            self.tally.count(OTHER, OK)
            return
        self.tally.count(asked.action, OK)
        result = item.data
        if item.action == Action.API_OK:
            try:
                result = self._codec.result(result, RESULTS[asked.action])
            except (FrameError, KeyError) as error:
                raise self._broken(client, f"{asked} answered by {item}: {error}") from error
        self._world.answered(client.person, asked, result)

    def _refused(self, client: Client, action: str, item: Envelope) -> None:
        self.tally.count(action, item.data.code)
        if item.data.code == "internal":
            raise self._broken(client, f"internal error: {action}: {item}")

    def _judge_end(self, client: Client, code: int) -> None:
        if code and code not in CLOSES:
            raise self._broken(client, f"closed with {code}")
        if not client.honest:
            return
        if client.unreadable >= 3 and not client.over:
            raise self._broken(client, f"{client.unreadable} bad frames, and open")
        if code == 4010 and client.unreadable < 3:
            raise self._broken(client, f"4010 after {client.unreadable} bad frames")
        if code == 4009 and client.longest <= MAX_FRAME:
            raise self._broken(client, f"4009, and the longest had {client.longest} bytes")
        # A reset may overtake the last words on a real socket.
        if client.socket.ended and not code and not self._sockets:
            raise self._broken(client, "closed without a word")

    def _broken(self, client: Client, what: str) -> Broken:
        wrong = "; ".join(self._server.wrong)
        return Broken(f"{self.name}: {what} {wrong}\n  sent: {client.sent.hex()}")

    async def well_behaved(self) -> None:
        """A good client connects, signs in, asks and writes something: it is served, and nothing in the server is
        beyond its limit. Raises Broken."""
        auth = Envelope(Action.AUTH, 1, Auth(await self._server.guest(), 3))
        began = time.perf_counter()
        client = Client(Person(0), await self._open(), honest=True)
        self._feed(client, self._wire.opening(self._codec))
        uid = (await self._served(client, auth)).data.uid
        await self._served(client, Envelope(Action.API_USERS_ME, 2, Empty()))
        note = Message(cli_mid="good", to=uid, type=1, content="to myself")
        ack = await self._served(client, Envelope(Action.MESSAGE_CHAT, 3, note))
        if ack.action != Action.ACK_MESSAGE or ack.data.seq != 1:
            raise self._broken(client, f"a good client was answered {ack}")
        self.good.append(time.perf_counter() - began)
        client.socket.leave()
        for name, value, limit in beyond(self._server.server.statistics()):
            raise Broken(f"{self.name}: {name} is {value}, beyond its limit of {limit}")

    async def _served(self, client: Client, asked: Envelope) -> Any:
        self._feed(client, self._wire.frame(self._codec, self._codec.encode(asked)))
        found: list[Envelope] = []

        def answered() -> bool:
            found[:] = [item for item in self._heard(client) if item.seq == asked.seq]
            return bool(found) or client.over

        if not await self._server.until(answered) or not found:
            raise self._broken(client, f"a good client was not served: {asked}")
        return found[0]


def beyond(parts: Any) -> Iterator[tuple[str, float, float]]:
    """Queues and memories that hold more than they may."""
    for part, figures in parts.items():
        for name, limit in figures.items():
            value = figures.get(name.removesuffix("_limit"), 0)
            if name.endswith("_limit") and value > limit:
                yield f"{part}.{name.removesuffix('_limit')}", value, limit
