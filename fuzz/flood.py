"""Millions of random and mutated frames at the real listeners and gateway, in this process.

    python -m fuzz.flood --frames 10000000

Each connection gets frames until the server ends it, or so many; half of them are signed in. Every way is tried: TCP and
WebSocket, JSON and Protobuf, whole frames and byte by byte. Beside them somebody well-behaved is served all the time.
Stops at the first promise that is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from typing import Any

from glideim.protocol.ports import Codec
from glideim.protocol.records import Auth, Empty, Envelope, FrameError

from .corpus import frames_of
from .live import Live, Socket, live
from .mutate import inputs
from .shapes import shaped
from .wires import JSON, PROTOBUF, Tcp, WebSocket, Wire, answers

PER_CONNECTION = 32
ROUNDS = 20
LONGEST_BY_BYTES = 192
"""Longer frames are cut before they are sent byte by byte: it is the places that matter."""
MIX = 30
"""Frames changed by their shape, for one changed anywhere and one of random bytes."""
LIES = 0.02
"""Share of connections whose framing lies."""
CLOSES = frozenset({4010, 4009, 4101, 4103, 4100})
"""What a client that sends nonsense, or signs out by chance, may be told."""
WAYS: tuple[tuple[Wire, Codec, bool], ...] = tuple(
    (wire, codec, pieces)
    for wire in (Tcp, WebSocket)
    for codec in (JSON, PROTOBUF)
    for pieces in (False, True)
)


class Broken(Exception):  # noqa: N818 - a finding
    """A promise was broken, by these bytes."""


class Flood:
    """One way: a transport, a codec, and how bytes arrive."""

    def __init__(self, server: Live, wire: Wire, codec: Codec, *, pieces: bool, seed: int) -> None:
        self._server = server
        self._wire = wire
        self._codec = codec
        self._size = 1 if pieces else 0
        self._random = Random(seed)
        self._source = self._frames(seed)
        self.name = f"{wire.name} {codec.name} {'byte by byte' if pieces else 'whole'}"
        self.frames = 0
        self.connections = 0
        self.codes: Counter[str] = Counter()
        self.closed: Counter[int] = Counter()
        self.good: list[float] = []

    def _frames(self, seed: int) -> Iterator[bytes]:
        seeds = frames_of(self._codec.name)
        mutated, by_shape = inputs(seeds, seed), shaped(seeds, self._random)
        while True:
            # One connection takes two frames that cannot be read: most must be readable to come any further.
            for _ in range(MIX):
                data = next(by_shape)
                yield data[:LONGEST_BY_BYTES] if self._size else data
            yield next(mutated)[: LONGEST_BY_BYTES if self._size else None]
            yield self._random.choice(
                (seeds[0], self._random.randbytes(self._random.randrange(64)))
            )

    def _open(self) -> Socket:
        return self._server.tcp() if self._wire is Tcp else self._server.websocket()

    async def run(self, frames: int) -> None:
        """Send so many frames, and serve the well-behaved one now and then."""
        until = self.frames + frames
        while self.frames < until:
            await self.connection()
            if self.connections % 200 == 0:
                await self.well_behaved()
        await self.well_behaved()

    async def connection(self) -> None:
        """One connection from its first byte to its end. Raises Broken."""
        self.connections += 1
        socket = self._open()
        sent = bytearray(self._wire.opening(self._codec))
        if self._random.random() < 0.5:
            auth = Envelope("auth", 1, Auth(self._server.token, 2))
            sent += self._wire.frame(self._codec, self._codec.encode(auth))
        socket.feed(bytes(sent), self._size)
        await self._server.settle(3)
        honest = self._random.random() >= LIES
        unreadable = 0
        for _ in range(PER_CONNECTION):
            body = next(self._source)
            stream = self._wire.frame(self._codec, body) if honest else body
            sent += stream
            unreadable += honest and not self._readable(body)
            self.frames += 1
            socket.feed(stream, self._size)
            if socket.ended or b"notify.close" in socket.written[-300:]:
                break
        await self._server.settle(3)
        self._judge(bytes(sent), socket, unreadable, honest=honest)
        socket.leave()
        self._server.check()

    def _readable(self, body: bytes) -> bool:
        try:
            self._codec.decode(body)
        except FrameError:
            return False
        return True

    def _judge(self, sent: bytes, socket: Socket, unreadable: int, *, honest: bool) -> None:
        found = answers(self._wire, self._codec, bytes(socket.written))
        for item in found:
            if item.action in {"error", "message.failed.send"}:
                self.codes[item.data.code] += 1
                if item.data.code == "internal":
                    raise Broken(f"{self.name}: internal error: {item}\n  sent: {sent.hex()}")
            else:
                self.codes["served"] += 1
        code = next((e.data.code for e in found if e.action == "notify.close"), 0)
        self.closed[code] += 1
        if code in {4101, 4103}:
            self._server.stale = True
        if code and code not in CLOSES:
            raise Broken(f"{self.name}: closed with {code}\n  sent: {sent.hex()}")
        if honest and (unreadable >= 3) > (code != 0):
            raise Broken(f"{self.name}: {unreadable} bad frames, and open\n  sent: {sent.hex()}")
        if honest and code == 4010 and unreadable < 3:
            raise Broken(f"{self.name}: 4010 after {unreadable} bad frames\n  sent: {sent.hex()}")

    async def well_behaved(self) -> None:
        """A good client connects, signs in and asks something: it is served. Raises Broken."""
        await self._server.renew()
        began = time.perf_counter()
        socket = self._open()
        asked = (
            Envelope("auth", 1, Auth(self._server.token, 3)),
            Envelope("api.users.me", 2, Empty()),
        )
        socket.feed(self._wire.opening(self._codec))
        for envelope in asked:
            socket.feed(self._wire.frame(self._codec, self._codec.encode(envelope)))
            found: Sequence[Any] = ()
            for _ in range(100):
                await self._server.settle(1)
                found = answers(self._wire, self._codec, bytes(socket.written))
                if found[-1].seq == envelope.seq:
                    break
            else:
                raise Broken(f"{self.name}: a good client was not served: {found}")
        self.good.append(time.perf_counter() - began)
        socket.leave()


def resident() -> int:
    """Bytes of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def table(floods: list[Flood]) -> str:
    """What was done, a row for each way."""
    rows = [f"{'way':<34}{'frames':>10}{'conns':>9}{'good p99':>10}  answers; closed with"]
    for flood in floods:
        good = sorted(flood.good)
        p99 = f"{good[int(len(good) * 0.99)] * 1000:.2f} ms" if good else "-"
        codes = " ".join(f"{code}={n}" for code, n in flood.codes.most_common())
        closed = " ".join(f"{code or 'open'}={n}" for code, n in sorted(flood.closed.items()))
        rows.append(
            f"{flood.name:<34}{flood.frames:>10}{flood.connections:>9}{p99:>10}  {codes}; {closed}"
        )
    return "\n".join(rows)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.flood", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000, help="of all ways together")
    parser.add_argument("--pieces", type=float, default=0.05, help="share sent byte by byte")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a run")
    parser.add_argument("--json", type=Path, help="write the counts there, too")
    return parser.parse_args()


def counts(floods: list[Flood], memory: list[int], began: float, seed: int) -> dict[str, Any]:
    """What was done so far."""
    return {
        "frames": sum(flood.frames for flood in floods),
        "byte_by_byte": sum(flood.frames for flood in floods if flood._size),
        "connections": sum(flood.connections for flood in floods),
        "seconds": round(time.monotonic() - began),
        "seed": seed,
        "memory": memory,
        "answers": dict(sum((flood.codes for flood in floods), Counter())),
        "closed": dict(sum((flood.closed for flood in floods), Counter())),
        "good": sum(len(flood.good) for flood in floods),
    }


def run(frames: int, pieces: float, seed: int, into: Path | None = None) -> dict[str, Any]:
    """All ways in rounds; counts are written `into` a file after each. Raises what a broken promise raises."""
    server = live()
    began = time.monotonic()
    floods = [
        Flood(server, wire, codec, pieces=cut, seed=seed + n)
        for n, (wire, codec, cut) in enumerate(WAYS)
    ]
    shares = [frames * (pieces if flood._size else 1 - pieces) / 4 for flood in floods]
    memory: list[int] = []
    result: dict[str, Any] = {}
    for _ in range(ROUNDS):
        for flood, share in zip(floods, shares, strict=True):
            server.run(flood.run(round(share / ROUNDS)))
        memory.append(resident())
        result = counts(floods, memory, began, seed)
        print(f"  {result['frames']} frames, {memory[-1] >> 20} MiB", file=sys.stderr, flush=True)
        if into is not None:
            into.write_text(json.dumps(result, indent=1) + "\n")
    print(table(floods))
    return result


def main() -> int:
    """Run; an exception tells which promise is broken, and by what."""
    options = arguments()
    result = run(options.frames, options.pieces, options.seed, options.json)
    # Until timers of the first connections have run out, memory grows: they are remembered for ten seconds.
    before, after = result["memory"][ROUNDS // 4], result["memory"][-1]
    print(
        f"{result['frames']} frames in {result['seconds']} s; {before >> 20} -> {after >> 20} MiB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
