"""`scripts/services`, which other tests build on."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from glideim.bench.adapters.programs import NotAvailableError, find
from tests.support.services import ROOT, running, s3_request

COMMAND = [sys.executable, str(ROOT / "scripts" / "services")]


def services(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False)


def test_started_services_run_until_they_are_stopped(tmp_path: Path) -> None:
    state = tmp_path / "state.json"
    started = services("start", "s3", "--state", str(state))
    assert started.returncode == 0, started.stderr
    service: dict[str, Any] = json.loads(started.stdout)["s3"]
    try:
        assert json.loads(state.read_text()) == {"s3": service}
        assert s3_request(service["info"], "PUT", "here", b"content") == 200
        assert s3_request(service["info"], "GET", "here") == 200
        assert s3_request(service["info"], "GET", "not-here") == 404
        assert s3_request({**service["info"], "secret": "another"}, "GET", "here") == 403
        again = services("start", "s3", "--state", str(state))
        assert (again.returncode, again.stdout) == (1, "")
        assert "already started" in again.stderr
    finally:
        stopped = services("stop", "--state", str(state))
    assert stopped.returncode == 0, stopped.stderr
    assert s3_request(service["info"], "GET", "here") == 0
    assert not Path(service["directory"]).exists()
    assert not state.exists()


def test_services_of_a_run_end_with_it_even_if_it_is_killed() -> None:
    # What holds the other end of the input is gone, however it went.
    with subprocess.Popen(
        [*COMMAND, "run", "s3"], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        service = json.loads(process.stdout.readline())["s3"]
        assert s3_request(service["info"], "GET", "not-here") == 404
        process.stdin.close()
        assert process.wait() == 0
    assert s3_request(service["info"], "GET", "not-here") == 0
    assert not Path(service["directory"]).exists()


@pytest.mark.parametrize("name", ["nats", "jetstream", "mosquitto", "ejabberd"])
def test_servers_for_comparison_answer(name: str) -> None:
    try:
        find(name)
    except NotAvailableError as error:
        pytest.skip(str(error))
    with running(name) as info, socket.create_connection((info["host"], int(info["port"]))):
        assert info["url"].endswith(f":{info['port']}")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((info["host"], int(info["port"])))


def test_what_there_is_not_is_refused(tmp_path: Path) -> None:
    refused = services("start", "time-machine", "--state", str(tmp_path / "state.json"))
    assert refused.returncode == 1
    assert "there are: " in refused.stderr
    assert services("stop", "--state", str(tmp_path / "state.json")).returncode == 0
