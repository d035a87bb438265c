"""Millions of frames at the real listeners and gateway, in this process.

    python -m fuzz.flood --frames 10000000

Most frames are right in shape and name what exists: people who are friends or blocked, groups with their roles, messages,
files, cursors; with values at the borders among them. Others are changed by their shape or anywhere, or are nothing at all.
Most connections are signed in, and several are there at once. Every way is tried: TCP and WebSocket, JSON and Protobuf, whole
frames and byte by byte, with `--sockets` over loopback. Beside them somebody well-behaved is served all the time.
Stops at the first promise that is broken.
"""

from __future__ import annotations

import argparse
import json
import resource
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

from glideim.protocol.ports import Codec

from .live import Store, live
from .tally import Tally
from .way import Broken, Way
from .wires import JSON, PROTOBUF, Tcp, WebSocket, Wire
from .world import World

ROUNDS = 20
GROWTH, SLACK = 1.5, 64 << 20
"""Times the memory of the first quarter, and bytes beside it, beyond which a run ends as unbounded."""
WAYS: tuple[tuple[Wire, Codec, bool], ...] = tuple(
    (wire, codec, pieces)
    for wire in (Tcp, WebSocket)
    for codec in (JSON, PROTOBUF)
    for pieces in (False, True)
)


def resident() -> int:
    """Bytes of memory this process has."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize()


def table(ways: list[Way]) -> str:
    """What was done, a row for each way."""
    rows = [f"{'way':<34}{'frames':>10}{'conns':>9}{'good p99':>10}  closed with"]
    for way in ways:
        good = sorted(way.good)
        p99 = f"{good[int(len(good) * 0.99)] * 1000:.2f} ms" if good else "-"
        closed = " ".join(f"{code or 'open'}={n}" for code, n in sorted(way.closed.items()))
        rows.append(f"{way.name:<34}{way.frames:>10}{way.connections:>9}{p99:>10}  {closed}")
    return "\n".join(rows)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.flood", description=__doc__)
    parser.add_argument("--frames", type=int, default=100_000, help="of all ways together")
    parser.add_argument("--pieces", type=float, default=0.05, help="share sent byte by byte")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a run")
    parser.add_argument("--store", choices=("memory", "sqlite"), default="memory")
    parser.add_argument("--sockets", action="store_true", help="real ones, over loopback")
    parser.add_argument("--json", type=Path, help="write the counts there, too")
    return parser.parse_args()


def together(ways: list[Way]) -> Tally:
    """What all of them were answered."""
    tally = Tally()
    for way in ways:
        tally.add(way.tally)
    return tally


def counts(ways: list[Way], memory: list[int], began: float, seed: int) -> dict[str, Any]:
    """What was done so far."""
    return {
        "frames": sum(way.frames for way in ways),
        "byte_by_byte": sum(way.frames for way in ways if way.pieces),
        "connections": sum(way.connections for way in ways),
        "seconds": round(time.monotonic() - began),
        "seed": seed,
        "memory": memory,
        "closed": dict(sum((way.closed for way in ways), Counter())),
        "good": sum(len(way.good) for way in ways),
        **together(ways).plain(),
    }


def run(
    frames: int, pieces: float, seed: int, into: Path | None = None, *, store: Store = "memory", sockets: bool = False
) -> dict[str, Any]:  # fmt: skip
    """All ways in rounds; counts are written `into` a file after each. Raises what a broken promise raises."""
    server = live(store)
    world = World(server, seed)
    server.run(world.renew())
    began = time.monotonic()
    ways = [
        Way(server, world, wire, codec, pieces=cut, seed=seed + n, sockets=sockets)
        for n, (wire, codec, cut) in enumerate(WAYS)
    ]
    shares = [frames * (pieces if way.pieces else 1 - pieces) / 4 for way in ways]
    rounds = min(ROUNDS, max(1, frames // 1000))
    memory: list[int] = []
    result: dict[str, Any] = {}
    try:
        for done in range(1, rounds + 1):
            for way, share in zip(ways, shares, strict=True):
                server.run(way.run(share * done / rounds))
            memory.append(resident())
            result = counts(ways, memory, began, seed)
            print(f"  {result['frames']} frames, {memory[-1] >> 20} MiB", file=sys.stderr, flush=True)  # fmt: skip
            if into is not None:
                into.write_text(json.dumps(result, indent=1) + "\n")
    finally:
        server.run(world.end())
    print(table(ways), together(ways).text(), sep="\n")
    check_memory(memory)
    return result


def check_memory(memory: list[int]) -> None:
    """Raises Broken when the process grew all the time. Until timers of the first connections have run out it does:
    they are remembered for ten seconds."""
    early, late = memory[len(memory) // 4], memory[-1]
    if late > GROWTH * early + SLACK:
        raise Broken(f"memory grew from {early >> 20} to {late >> 20} MiB: {memory}")


def main() -> int:
    """Run; an exception tells which promise is broken, and by what."""
    options = arguments()
    result = run(
        options.frames, options.pieces, options.seed, options.json, store=options.store, sockets=options.sockets
    )  # fmt: skip
    memory = result["memory"]
    before, after = memory[len(memory) // 4], memory[-1]
    print(
        f"{result['frames']} frames in {result['seconds']} s, seed {result['seed']}; {before >> 20} -> {after >> 20} MiB"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
