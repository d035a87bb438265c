"""`make bench-fanout`: one group of thousands of connected members, every message to every one of them.

Members live in several processes (`crowd`); each checks, message by message, that it gets all of them, once, in
order and under successive `seq`. Said are deliveries per second from the first send to the last arrival, the
server's CPU per delivery (user and system time of its process, all threads), and how long deliveries took.
The load runs on the same machine: rates are what both together reach, CPU per delivery is the server's alone.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import json
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import msgspec
import uvloop
from msgspec import Struct

from glideim.protocol.actions import Action
from glideim.protocol.records import AckMessage, Group, Message
from glideim.protocol.social import AddMembers, CreateGroup, MembersAdded

from . import target
from .case import Bar, Progress
from .light import LightClient, RefusedError, now_us
from .outcome import Generator, refusal
from .quick import cpu_seconds
from .usage import usage
from .workers import Workers, shares

WAYS = ("ws-json", "ws-protobuf", "tcp-json", "tcp-protobuf")
ADD_AT_ONCE = 500
"""Members added with one call."""
ARRIVE_WITHIN = 300.0
"""Seconds for all members to sign in."""
DELIVER_WITHIN = 300.0
"""Seconds after the last send until what is missing counts as lost."""


class Options(Struct, frozen=True):
    """What to measure."""

    members: int = 5000
    messages: int = 200
    processes: int = 2
    window: int = 4
    """Messages sent and not yet acknowledged."""
    ways: tuple[str, ...] = WAYS
    data: str | None = None


class Result(Struct, frozen=True, rename="camel"):
    """What was measured; times in seconds unless they say otherwise."""

    members: int
    messages: int
    deliveries: int
    complete: int
    wrong: int
    problems: tuple[str, ...]
    seconds: float
    deliveries_per_second: float
    server_cpu_us_per_delivery: float
    server_cpu_share: float
    latency_ms: dict[str, int]
    server_rss_mib: float
    generator: Generator = Generator()

    @property
    def good(self) -> bool:
        """Every member got everything, as it should be."""
        return self.complete == self.members and not self.wrong


class Crowds:
    """The processes with the members."""

    def __init__(self) -> None:
        self._workers = Workers()

    async def start(self, members: int, processes: int, ways: Sequence[str], bar: Bar) -> list[int]:
        """Start them and wait until all members are signed in; returns their uids."""
        given = [part for way in ways for part in ("--way", way)]
        for share in shares(members, processes):
            await self._workers.start("glideim.bench.crowd", "--members", str(share), *given)
        async with asyncio.timeout(ARRIVE_WITHIN):
            said = await self._workers.hear(bar)
        return [uid for line in said for uid in line["uids"]]

    async def listen(self, conv: str, messages: int) -> None:
        """Tell them what to expect."""
        self._workers.say({"conv": conv, "messages": messages})
        await self._workers.hear()

    async def reports(self, bar: Bar) -> list[dict[str, Any]]:
        """What the members saw, when all have everything or the time is over."""
        heard = asyncio.ensure_future(self._workers.hear(bar))
        done, _ = await asyncio.wait((heard,), timeout=DELIVER_WITHIN)
        if not done:
            self._workers.say({"enough": True})
        return await heard

    async def stop(self) -> None:
        """End the processes."""
        await self._workers.stop()


async def measure(options: Options, ready: dict[str, Any], pid: int, progress: Progress) -> Result:
    """One run against a running server, whose ready line and pid these are."""
    crowds = Crowds()
    url = {"ws": ready["ws"], "tcp": f"tcp://{ready['tcp']}"}
    ways = [f"{url[way.partition('-')[0]]}={way.partition('-')[2]}" for way in options.ways]
    try:
        with progress.phase("sign-in", options.members - 1) as bar:
            uids = await crowds.start(options.members - 1, options.processes, ways, bar)
        owner = LightClient("json")
        await owner.connect(url["ws"])
        await owner.guest()
        gid = await make_group(owner, uids)
        await crowds.listen(f"g:{gid}", options.messages)
        cpu, began = cpu_seconds(pid), now_us()
        with progress.phase("load", len(uids) * options.messages) as bar:
            reporting = asyncio.ensure_future(crowds.reports(bar))
            acks = await send_all(owner, gid, options)
            reports = await reporting
        cpu = cpu_seconds(pid) - cpu
        owner.close()
    finally:
        await crowds.stop()
    return summarise(options, reports, [ack.seq for ack in acks], began, cpu, pid)


async def make_group(owner: LightClient, uids: Sequence[int]) -> int:
    """A group of the owner and these. Raises RefusedError if one of them cannot be added."""
    made = await owner.call(Action.API_GROUPS_CREATE, CreateGroup(name="crowd"), Group)
    for start in range(0, len(uids), ADD_AT_ONCE):
        members = AddMembers(made.gid, tuple(uids[start : start + ADD_AT_ONCE]))
        added = await owner.call(Action.API_GROUPS_ADD_MEMBERS, members, MembersAdded)
        if added.refused:
            raise RefusedError(f"members refused: {added.refused[:10]}")
    return made.gid


async def send_all(owner: LightClient, gid: int, options: Options) -> list[AckMessage]:
    """Send every message, a window of them under way; returns the acknowledgements."""
    room = asyncio.Semaphore(options.window)
    run = f"{time.time_ns():x}"

    async def send(number: int) -> AckMessage:
        try:
            message = Message(
                cli_mid=f"{run}-{number}", to=gid, type=1, content=f"{number} {now_us()}"
            )
            ack: AckMessage = (await owner.ask(Action.MESSAGE_GROUP, message)).data
            return ack
        finally:
            room.release()

    sends = []
    for number in range(options.messages):
        await room.acquire()
        sends.append(asyncio.ensure_future(send(number)))
    return list(await asyncio.gather(*sends))


def summarise(
    options: Options,
    reports: Sequence[dict[str, Any]],
    seqs: Sequence[int],
    began: int,
    cpu: float,
    pid: int,
) -> Result:
    """The figures of all processes together."""
    deliveries = sum(report["deliveries"] for report in reports)
    problems = [problem for report in reports for problem in report["problems"]]
    wrong = sum(report["wrong"] for report in reports)
    firsts = {first for report in reports for first in report["firsts"]}
    if firsts != {seqs[0]} or list(seqs) != list(range(seqs[0], seqs[0] + len(seqs))):
        wrong += 1
        problems.append(f"first seqs {sorted(firsts)}, acknowledged {list(seqs[:5])} …")
    latency: Counter[int] = Counter()
    for report in reports:
        latency.update({int(ms): count for ms, count in report["latencyMs"].items()})
    seconds = (max((r["endedAt"] for r in reports), default=0) - began) / 1e6
    return Result(
        members=sum(report["members"] for report in reports),
        messages=options.messages,
        deliveries=deliveries,
        complete=sum(report["complete"] for report in reports),
        wrong=wrong,
        problems=tuple(problems),
        seconds=seconds,
        deliveries_per_second=deliveries / seconds if seconds > 0 else 0.0,
        server_cpu_us_per_delivery=1e6 * cpu / max(1, deliveries),
        server_cpu_share=cpu / seconds if seconds > 0 else 0.0,
        latency_ms={f"p{share}": quantile(latency, share / 100) for share in (50, 90, 99, 100)},
        server_rss_mib=usage(pid).resident / 2**20,
        generator=Generator(
            cpu=max((report["busy"] for report in reports), default=0.0), processes=len(reports)
        ),
    )


def quantile(counts: Counter[int], share: float) -> int:
    """The smallest value that at least this share of all is not above; 0 for none."""
    wanted, sum_so_far = share * counts.total(), 0
    for value, count in sorted(counts.items()):
        sum_so_far += count
        if sum_so_far >= wanted:
            return value
    return 0


async def run(options: Options, progress: Progress) -> Result:
    """Start everything, measure, stop everything."""
    target.allow_files(options.members)
    async with target.started(options.data) as (ready, pid):
        return await measure(options, ready, pid, progress)


def report(result: Result) -> str:
    """The figures as text."""
    latency = ", ".join(f"{name} {value} ms" for name, value in result.latency_ms.items())
    lines = [
        f"members             {result.members:>12,}",
        f"messages            {result.messages:>12,}",
        f"deliveries          {result.deliveries:>12,}   in {result.seconds:.2f} s",
        f"complete, in order  {result.complete:>12,}   wrong: {result.wrong}",
        f"deliveries/s        {result.deliveries_per_second:>12,.0f}",
        f"CPU per delivery    {result.server_cpu_us_per_delivery:>9.2f} µs   of the server ({result.server_cpu_share:.0%} of a core)",
        f"latency             {latency}",
        f"server memory       {result.server_rss_mib:>9.0f} MiB",
        f"receivers           {result.generator.cpu:>12.0%}   of a core, the busiest of {result.generator.processes} processes",
    ]
    if why := refusal(result.generator):
        lines.append(f"REFUSED: {why}")
    return "\n".join([*lines, *result.problems])


class _Lines(Progress):
    """A line on standard error for each part."""

    @contextlib.contextmanager
    def phase(self, what: str, total: float) -> Iterator[Bar]:
        print(f"{what} ({total:,.0f}) …", file=sys.stderr, flush=True)
        yield lambda _done: None


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(prog="bench-fanout", description=__doc__)
    parser.add_argument("--members", type=int, default=5000, help="members, the sender among them")
    parser.add_argument("--messages", type=int, default=200)
    parser.add_argument("--processes", type=int, default=2, help="processes of members")
    parser.add_argument("--window", type=int, default=4, help="messages under way")
    parser.add_argument("--way", action="append", choices=WAYS, help="repeat; default: all")
    parser.add_argument("--data", default=None, help="directory for the database")
    parser.add_argument("--json", type=Path, default=None, help="write the figures to this file")
    given = parser.parse_args()
    options = Options(
        members=given.members,
        messages=given.messages,
        processes=given.processes,
        window=given.window,
        ways=tuple(given.way or WAYS),
        data=given.data,
    )
    result = uvloop.run(run(options, _Lines()))
    print(report(result))
    if given.json is not None:
        given.json.write_text(json.dumps(to_json(result), indent=2))
    if not result.good:
        raise SystemExit(1)
    if refusal(result.generator):
        raise SystemExit(2)


def to_json(result: Result) -> dict[str, Any]:
    """The result as it is written to a file."""
    value: dict[str, Any] = msgspec.to_builtins(result)
    return value


if __name__ == "__main__":
    main()
