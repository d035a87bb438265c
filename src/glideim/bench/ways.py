"""`ways`: what a message costs the server over each transport and codec, against JSON over WebSocket.

All get the same load on the same schedule, in alternating rounds, so that a way whose client is slower is not served
in larger batches.
"""

from __future__ import annotations

import contextlib
import shutil
import statistics
import subprocess
import tempfile
from collections.abc import AsyncIterator, Sequence
from pathlib import Path

from msgspec import Struct
from msgspec.structs import replace

from . import target
from .case import Case, Options, Progress
from .ledger import together
from .outcome import Generator, Outcome, load_average, refusal
from .playing import Run, play, steady
from .target import Server

CLIENTS = 500
RATE = 4000.0
"""Messages per second of all clients together: enough for several to share a commit."""
ROUNDS, SECONDS = 3, 5.0
"""Rounds of each way, and how long one is."""
_CERTIFICATE = (
    "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj /CN=localhost "
    "-addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out cert.pem"
)


class Way(Struct, frozen=True):
    """A server's address in a transport, and a codec."""

    name: str
    server: Server
    codec: str


def certificate(directory: Path) -> bool:
    """Make `cert.pem` and `key.pem` for 127.0.0.1, by openssl; says whether that is there."""
    if (openssl := shutil.which("openssl")) is None:
        return False
    command = [openssl, *_CERTIFICATE.split()]
    subprocess.run(command, cwd=directory, check=True, capture_output=True)
    return True


@contextlib.asynccontextmanager
async def _ways(data: str | None, progress: Progress) -> AsyncIterator[list[Way]]:
    """A server without and one with TLS, and the ways to both; JSON over WebSocket is the first."""
    ways: list[Way] = []
    async with contextlib.AsyncExitStack() as stack:
        directory = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        ready, pid = await stack.enter_async_context(target.started(data))
        for transport in ("ws", "tcp"):
            server = Server("glideim", target.url_of(ready, transport), pid, ready, glideim=True)
            codecs = ("json", "protobuf")
            ways.extend(Way(f"{codec} over {transport}", server, codec) for codec in codecs)
        if certificate(directory):
            cert, key = str(directory / "cert.pem"), str(directory / "key.pem")
            secure = target.started(data, GLIDEIM_TLS_CERT=cert, GLIDEIM_TLS_KEY=key)
            ready, pid = await stack.enter_async_context(secure)
            for transport, name in (("ws", "wss"), ("tcp", "tls")):
                url = target.url_of(ready, transport).replace("tcp://", "tls://")
                server = Server("glideim", url, pid, ready, glideim=True, ca=cert)
                ways.append(Way(f"json over {name}", server, "json"))
        else:
            progress.tell("TLS is not measured: there is no openssl to make a certificate with")
        yield ways


async def _run(options: Options, progress: Progress) -> list[Outcome]:
    clients = options.clients or CLIENTS
    shape = steady(RATE, clients, options.seconds or SECONDS)
    target.allow_files(clients)
    async with _ways(options.data, progress) as ways:
        runs: list[list[Run]] = [[] for _ in ways]
        for _ in range(ROUNDS):
            for number, way in enumerate(ways):
                given = replace(options, codec=way.codec)
                server = replace(way.server, name=way.name)
                runs[number].append(await play(server, given, shape, progress))
    return [_outcome(ways, runs)]


def _cost(run: Run) -> float:
    return 1e6 * run.used.cpu / max(1, run.acked)


def _outcome(ways: Sequence[Way], runs: Sequence[Sequence[Run]]) -> Outcome:
    figures, costs = {}, [[_cost(run) for run in of_way] for of_way in runs]
    for way, cost in zip(ways, costs, strict=True):
        figures[f"CPU per message, {way.name} (µs)"] = statistics.median(cost)
    for way, cost in list(zip(ways, costs, strict=True))[1:]:
        ratios = [one / base for one, base in zip(cost, costs[0], strict=True)]
        figures[f"{way.name} / {ways[0].name}"] = statistics.median(ratios)
    everything = [run for of_way in runs for run in of_way]
    figures["messages/s"] = statistics.median(run.rate for run in everything)
    generator = Generator(
        max(run.busiest for run in everything),
        statistics.median(run.generator.lag_p99_ms for run in everything),
        len(everything[0].reports),
    )
    return Outcome(
        case="ways",
        target="glideim",
        figures=figures,
        verdict=together([run.verdict for run in everything]),
        generator=generator,
        problems=tuple(problem for run in everything for problem in run.problems),
        refused=refusal(generator),
        load_average=load_average(),
    )


CASE = Case(
    "ways",
    "CPU per message over WebSocket, TCP and TLS, with JSON and Protobuf, in turn",
    _run,
    clients=CLIENTS,
    own_server=True,
)
