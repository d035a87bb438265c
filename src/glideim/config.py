"""Configuration: one flat set of named options, each the same in TOML, environment and on the command line.

`ws_port` is `ws_port = 8080` in a TOML file, `GLIDEIM_WS_PORT` in the environment and `--ws-port` for `serve`.
Later sources win: default, file, environment, command line.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
from msgspec import Meta, Struct

PREFIX = "GLIDEIM_"

Port = Annotated[int, Meta(ge=0, le=65535)]
Positive = Annotated[int, Meta(gt=0)]
Seconds = Annotated[float, Meta(gt=0)]

_EVENT = "(before_send|after_send|login|offline)"
EVENTS = f"^({_EVENT}(, *{_EVENT})*)?$"
_MEDIA_TYPE = r"[a-z]+/([\w.+-]+|\*)"
MEDIA_TYPES = f"^({_MEDIA_TYPE}(, *{_MEDIA_TYPE})*)?$"


class ConfigError(Exception):
    """The configuration cannot be used; the text says which option and why."""


class Config(Struct, frozen=True, forbid_unknown_fields=True):
    """Every option with its default. The text behind each is its documentation (`docs/configuration.md`)."""

    data: str = "glideim-data"
    """Directory of the database, uploads and the lock file; created if missing."""
    store: Literal["sqlite", "memory"] = "sqlite"
    """Storage engine. `memory` keeps nothing: for trying out and tests."""
    durability: Literal["full", "normal", "relaxed"] = "full"
    """What an acknowledgement survives: `full` power loss; `normal` a crash of the process, but the last moments
    may go with the power; `relaxed` the same, and the file itself may be damaged by a power loss."""
    ids: Literal["leaf", "snowflake"] = "leaf"
    """Where message ids come from: ranges reserved in the database, or time and node number."""
    node: Annotated[str, Meta(pattern="^[a-z0-9][a-z0-9-]{0,62}$")] = "glideim-1"
    """Name of this node, as in `auth.ok`."""
    node_number: Annotated[int, Meta(ge=0, le=31)] = 0
    """Number of this node for `ids = "snowflake"`; unique among nodes."""

    host: str = "127.0.0.1"
    """Address to listen on. The default is this machine only; `0.0.0.0` is every network it is on."""
    ws_port: Port = 8080
    """WebSocket port; 0 takes a free one."""
    tcp_port: Port = 8082
    """TCP port; 0 takes a free one."""
    http_port: Port = 8081
    """HTTP API port; 0 takes a free one."""
    public_ws: str = ""
    """WebSocket URLs that login replies name, comma-separated; empty: the address listened on."""
    public_tcp: str = ""
    """`host:port` of TCP that login replies name, comma-separated; empty: the address listened on."""
    tls_cert: str = ""
    """PEM file with the certificate chain; with `tls_key` every listener speaks TLS."""
    tls_key: str = ""
    """PEM file with the private key."""
    origins: str = ""
    """Origins whose web pages may connect and call the API, comma-separated; empty: any may connect (tokens are
    never in cookies), none may call the API across origins."""

    limits: Literal["on", "off"] = "on"
    """Rate limits. `off` for load tests only."""
    devices: Literal["class", "one", "unlimited"] = "class"
    """Which of a person's connections a new sign-in closes: `class` those of the same device class, `one` all
    others, `unlimited` none."""
    friends_only: Literal["on", "off"] = "off"
    """Whether people must be contacts of each other before they can write; bots and notes to oneself are free."""
    max_frame: Annotated[int, Meta(ge=1024, le=16 * 1024 * 1024)] = 65536
    """Bytes of the largest frame accepted."""
    workers: Annotated[int, Meta(ge=0, le=64)] = 0
    """Processes that hold the connections, beside the one that owns the log; 0: one process does everything."""
    max_connections: Positive = 200_000
    """Connections held; further ones are told to come back later."""
    outbox_bytes: Annotated[int, Meta(ge=65536)] = 1024 * 1024
    """Bytes that may wait for one connection before it is closed with 4008."""
    blocked_timeout: Seconds = 30.0
    """Seconds a connection may read nothing while something waits before it is closed with 4008."""
    heartbeat: Seconds = 30.0
    """Seconds of silence before a heartbeat is sent."""
    heartbeat_misses: Positive = 3
    """Unanswered heartbeats before a connection is closed with 4001."""
    auth_timeout: Seconds = 10.0
    """Seconds to sign in before a connection is closed with 4002."""
    session_days: Positive = 30
    """Days until a session ends unless its token is refreshed."""
    webhook_url: str = ""
    """Where this server POSTs what happens (docs/webhooks.md); empty: nowhere."""
    webhook_secret: str = ""
    """What deliveries to `webhook_url` are signed with; at least 16 characters."""
    webhook_events: Annotated[str, Meta(pattern=EVENTS)] = "after_send"
    """What is told, comma-separated: `before_send` (may refuse and change messages), `after_send`, `login`,
    `offline`."""
    webhook_timeout: Seconds = 5.0
    """Seconds that one request to a webhook may take."""
    webhook_on_failure: Literal["allow", "refuse"] = "allow"
    """What becomes of messages when the `before_send` hook does not answer as it should."""
    recall_seconds: Annotated[int, Meta(ge=0)] = 120
    """Seconds during which a message may be taken back by its sender; admins of groups may at any time."""
    edit_seconds: Annotated[int, Meta(ge=0)] = 900
    """Seconds during which a message may be edited by its sender."""
    files: Literal["local", "s3"] = "local"
    """Where the bytes of files are: in the data directory, or in a bucket of a store that speaks S3."""
    s3_bucket: str = ""
    """Bucket of `files = "s3"`."""
    s3_endpoint: str = ""
    """URL of the store; empty: that of AWS for the region."""
    s3_region: str = ""
    """Region of the bucket."""
    s3_key_id: str = ""
    """Access key; empty: as the environment says."""
    s3_secret: str = ""
    """Its secret."""
    file_bytes: Positive = 104_857_600
    """Bytes of the largest file."""
    file_quota: Positive = 1_073_741_824
    """Bytes of all files of one person."""
    file_types_allowed: Annotated[str, Meta(pattern=MEDIA_TYPES)] = ""
    """Media types of the files that are taken, comma-separated, `image/*` for all images; empty: all. The bytes of a
    file decide what it is, not its name."""
    file_types_denied: Annotated[str, Meta(pattern=MEDIA_TYPES)] = ""
    """Media types of files that are not taken, whatever is allowed."""
    queue: Positive = 50_000
    """Messages that may wait to be committed; more are refused with `unavailable`."""
    batch: Positive = 2048
    """Messages committed at once."""
    remembered: Annotated[int, Meta(ge=100)] = 100_000
    """Conversations, groups and tokens kept in memory, each; twice as many people, ten times as many memberships of groups,
    and at most as many recent sends and buckets of each rate limit. The others are read from the database again."""
    pages_mib: Positive = 128
    """MiB of the database that its writer keeps in memory; readers, and the two of the search index, keep an eighth of it each."""
    drain_seconds: Seconds = 10.0
    """Seconds that connections have to leave when the server stops."""
    log: Literal["text", "json"] = "text"
    """Form of the log on standard error."""
    log_level: Literal["debug", "info", "warning", "error"] = "info"
    """Least severe log lines that are written."""


def load(
    file: Path | None = None,
    *,
    environment: Mapping[str, str] | None = None,
    overrides: Mapping[str, Any] | None = None,
) -> Config:
    """The configuration from all sources. `overrides` with value None do not count. Raises ConfigError."""
    values: dict[str, Any] = _from_file(file) if file is not None else {}
    values.update(_from_environment(os.environ if environment is None else environment))
    values.update({name: value for name, value in (overrides or {}).items() if value is not None})
    try:
        config = msgspec.convert(values, Config, strict=False)
    except msgspec.ValidationError as error:
        raise ConfigError(f"configuration: {error}") from None
    if bool(config.tls_cert) != bool(config.tls_key):
        raise ConfigError("configuration: tls_cert and tls_key go together")
    if config.files == "s3" and not config.s3_bucket:
        raise ConfigError("configuration: files = s3 needs s3_bucket")
    return config


def _from_file(file: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"configuration file {file}: {error.strerror}") from None
    except (ValueError, RecursionError) as error:
        # Not TOML or not UTF-8, both ValueErrors; a number of thousands of digits; nested too deep.
        raise ConfigError(f"configuration file {file}: {error}") from None


def _from_environment(environment: Mapping[str, str]) -> dict[str, Any]:
    """`GLIDEIM_*` variables. Unknown ones are refused like unknown options: a misspelt one would be missed."""
    fields = set(Config.__struct_fields__)
    values: dict[str, Any] = {}
    for variable, value in environment.items():
        if not variable.startswith(PREFIX) or variable in NOT_OPTIONS:
            continue
        name = variable.removeprefix(PREFIX).lower()
        if name not in fields:
            raise ConfigError(f"configuration: {variable} is not an option")
        values[name] = value
    return values


NOT_OPTIONS = frozenset(
    {"GLIDEIM_CONFIG", "GLIDEIM_PASSWORD", "GLIDEIM_SERVER", "GLIDEIM_ACCOUNT", "GLIDEIM_HOME"}
)
"""Variables of the command line tool that do not configure a server."""


def split_list(text: str) -> tuple[str, ...]:
    """A comma-separated option as its parts."""
    return tuple(part.strip() for part in text.split(",") if part.strip())
