"""Every case of `glideim bench` in a short form, against real servers. Figures are read, never judged."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from glideim.bench.adapters.brokers import BROKERS
from glideim.bench.adapters.programs import NotAvailableError, find
from glideim.bench.case import Options, Progress
from glideim.bench.cases import run
from glideim.bench.outcome import Outcome
from glideim.bench.workers import WorkerError


def measure(case: str, directory: Path, *arguments: str) -> tuple[int, dict[str, Any]]:
    """The command's exit code and its JSON of the first server."""
    file = directory / "figures.json"
    done = subprocess.run(
        [sys.executable, "-m", "glideim.cli", "bench", case, *arguments, "--json", str(file)],
        capture_output=True, text=True, timeout=50, check=False,
    )  # fmt: skip
    assert file.exists(), done.stderr
    return done.returncode, json.loads(file.read_text())[0]


async def outcome(case: str, options: Options) -> Outcome:
    """Of the first server."""
    return (await run(case, options, Progress()))[0]


@pytest.mark.parametrize(("codec", "transport"), [("json", "ws"), ("protobuf", "tcp")])
async def test_a_published_case_delivers_every_message(codec: str, transport: str) -> None:
    options = Options(clients=20, messages=10, codec=codec, transport=transport)
    result = await outcome("v1-2000", options)
    assert result.verdict is not None
    assert result.verdict.good
    assert result.verdict.acked == result.verdict.arrived == 200
    assert not result.problems
    assert result.latency_ms["delivery"]["max"] > 0
    assert sum(result.per_second) == 200
    assert result.figures["server memory (MiB)"] > 1


def test_the_command_writes_figures_and_a_picture(tmp_path: Path) -> None:
    picture = tmp_path / "picture.svg"
    code, figures = measure(
        "v1-10000", tmp_path, "--clients", "10", "--messages", "5", "--plot", str(picture)
    )
    # The machine may be so busy that the result is refused: then the figures say so.
    assert code == (2 if figures["refused"] else 0)
    assert figures["verdict"]["acked"] == 50
    assert ElementTree.parse(picture).getroot().tag.endswith("svg")


@pytest.mark.parametrize("case", ["login", "idle", "storm"])
async def test_people_sign_in_and_come_back(case: str) -> None:
    result = await outcome(case, Options(clients=30, seconds=0.2))
    assert result.code == 0
    assert result.figures["signed in"] == 30
    assert result.figures["refused"] == 0
    if case == "storm":
        assert result.figures["returned and current"] == 30


async def test_fan_out_reaches_everybody() -> None:
    result = await outcome("fanout", Options(clients=20, messages=5))
    assert not result.problems
    assert result.generator.processes == 2
    assert result.generator.cpu > 0
    assert result.figures["deliveries"] == 19 * 5


@pytest.mark.parametrize("name", ["nats", "mosquitto"])
async def test_another_server_fans_out_to_everybody(name: str) -> None:
    try:
        find(name)
    except NotAvailableError as error:
        pytest.skip(str(error))
    results = await run("fanout", Options(clients=20, messages=30, against=(name,)), Progress())
    assert [result.target for result in results] == ["glideim", name]
    assert [result.problems for result in results] == [(), ()]
    assert results[1].figures["deliveries"] == 19 * 30


@pytest.mark.parametrize(
    ("case", "options"),
    [("history", Options(messages=1100)), ("sync", Options(clients=5, messages=3))],
)
async def test_what_is_stored_is_read_right(case: str, options: Options) -> None:
    result = await outcome(case, options)
    assert result.code == 0
    assert result.figures["p99 of much / p99 of little"] > 0


async def test_durable_figures_of_two_servers_on_one_disk() -> None:
    try:
        find("jetstream")
    except NotAvailableError as error:
        pytest.skip(str(error))
    options = Options(clients=4, seconds=0.6, window=4, against=("jetstream",))
    results = await run("durable", options, Progress())
    assert [result.target for result in results] == ["glideim", "jetstream"]
    for result in results:
        assert result.verdict is not None
        assert result.verdict.good
        assert result.verdict.acked == result.verdict.arrived > 0
        assert result.figures["rounds"] == 3
    assert results[0].figures["messages/s against jetstream, median"] > 0


async def test_acknowledgements_are_compared_with_a_commit() -> None:
    result = await outcome("ack", Options(clients=10, seconds=0.5, window=2))
    assert result.verdict is not None
    assert result.verdict.good
    assert result.figures["one commit, median (ms)"] > 0
    assert result.figures["ack p99 / one commit, median"] > 0


async def test_every_way_costs_something() -> None:
    result = await outcome("ways", Options(clients=10, seconds=0.1))
    assert result.verdict is not None
    assert result.verdict.good
    ways = [name for name in result.figures if name.endswith("/ json over ws")]
    assert len(ways) in (3, 5)  # without openssl there is no TLS


async def test_the_relay_and_the_estimate_from_it() -> None:
    result = await outcome("estimate", Options(clients=20, seconds=0.2))
    assert result.figures["CPU per message (µs)"] > 0
    assert result.figures["messages/s"] > 0


@pytest.mark.parametrize("name", BROKERS)
async def test_another_server_does_the_same(name: str) -> None:
    try:
        find(name)
    except NotAvailableError as error:
        pytest.skip(str(error))
    options = Options(clients=10, messages=5, against=(name,))
    results = await run("v1-2000", options, Progress())
    assert [result.target for result in results] == ["glideim", name]
    assert results[1].verdict is not None
    assert results[1].verdict.good
    assert results[1].verdict.acked == 50


async def test_a_server_that_is_not_there_is_said() -> None:
    with pytest.raises(WorkerError, match="signing in"):
        await outcome("v1-2000", Options(clients=2, url="ws://127.0.0.1:1/ws"))


async def test_those_who_never_read_are_cut_off_beside_people_who_chat() -> None:
    result = await outcome("stuck", Options(clients=6, seconds=2.0))
    assert not result.problems
    assert result.verdict is not None
    assert result.verdict.good
    assert result.figures["of these ended"] == 6
    assert result.figures["closed as too slow, by the server's count"] == 6
