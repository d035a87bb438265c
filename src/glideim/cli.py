"""The `glideim` command."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Annotated, Any, NoReturn, TypeVar

try:
    import typer
except ImportError:  # the SDK alone is installed
    sys.exit("the glideim command needs more than the SDK: pip install 'glideim[server,chat]'")

from . import __version__
from .config import Config, ConfigError, load

app = typer.Typer(
    no_args_is_help=True, add_completion=False, help="GlideIM: instant messaging for your app."
)
user_app = typer.Typer(no_args_is_help=True, help="Accounts of a data directory.")
app.add_typer(user_app, name="user")
key_app = typer.Typer(no_args_is_help=True, help="API keys of a data directory.")
app.add_typer(key_app, name="key")

T = TypeVar("T")

DEFAULT_SERVER = "ws://127.0.0.1:8080/ws"

ConfigFile = Annotated[
    Path | None, typer.Option("--config", envvar="GLIDEIM_CONFIG", help="TOML file with options.")
]
DataDir = Annotated[str | None, typer.Option("--data", help="Directory of the database.")]
Server = Annotated[
    str,
    typer.Option(
        "--server",
        envvar="GLIDEIM_SERVER",
        help="ws://…/ws, wss://…/ws, tcp://host:port or tls://…",
    ),
]
Account = Annotated[
    str | None, typer.Option("--account", "-u", envvar="GLIDEIM_ACCOUNT", help="Account name.")
]
Password = Annotated[
    str | None,
    typer.Option(
        "--password",
        envvar="GLIDEIM_PASSWORD",
        help="Password; asked for when needed and not given.",
    ),
]
Home = Annotated[
    Path,
    typer.Option(
        "--home", envvar="GLIDEIM_HOME", help="Where the client keeps tokens and positions."
    ),
]
CLIENT_HOME = Path.home() / ".glideim"


def _configuration(file: Path | None, **overrides: Any) -> Config:
    try:
        return load(file, overrides=overrides)
    except ConfigError as error:
        raise typer.BadParameter(str(error)) from None


def _fail(error: Exception) -> NoReturn:
    """Say in one line why the command failed."""
    typer.echo(f"glideim: {error}", err=True)
    raise typer.Exit(1)


def _done(work: Coroutine[Any, Any, T]) -> T:
    """The result of work on a data directory; what went wrong is said, not traced."""
    from .kernel.errors import RequestError, StoreUnavailableError
    from .settings import StartError

    try:
        return asyncio.run(work)
    except (RequestError, StartError, StoreUnavailableError, OSError) as error:
        _fail(error)


def _quit_on_failure(work: Callable[[], None]) -> None:
    """Run a command of the client; what went wrong is said, not traced."""
    from .client import ClientError

    try:
        work()
    except (ClientError, OSError, ValueError) as error:
        _fail(error)
    except KeyboardInterrupt:
        raise typer.Exit(130) from None


@app.command()
def serve(
    config: ConfigFile = None,
    data: DataDir = None,
    host: Annotated[
        str | None, typer.Option(help="Address to listen on [default: 127.0.0.1].")
    ] = None,
    ws_port: Annotated[
        int | None, typer.Option(help="WebSocket port, 0 takes a free one [8080].")
    ] = None,
    tcp_port: Annotated[
        int | None, typer.Option(help="TCP port, 0 takes a free one [8082].")
    ] = None,
    http_port: Annotated[
        int | None, typer.Option(help="HTTP port, 0 takes a free one [8081].")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(help="Processes that hold the connections [0: this one does].")
    ] = None,
    store: Annotated[str | None, typer.Option(help="sqlite or memory [sqlite].")] = None,
    durability: Annotated[str | None, typer.Option(help="full, normal or relaxed [full].")] = None,
    tls_cert: Annotated[str | None, typer.Option(help="Certificate chain (PEM).")] = None,
    tls_key: Annotated[str | None, typer.Option(help="Private key (PEM).")] = None,
    log: Annotated[str | None, typer.Option(help="text or json [text].")] = None,
    log_level: Annotated[
        str | None, typer.Option(help="debug, info, warning or error [info].")
    ] = None,
) -> None:
    """Run the server. Once ready it prints one line of JSON with its addresses; logs go to standard error."""
    from .run import serve as run_server

    options = _configuration(
        config, data=data, host=host, ws_port=ws_port, tcp_port=tcp_port, http_port=http_port,
        workers=workers, store=store,
        durability=durability, tls_cert=tls_cert, tls_key=tls_key, log=log, log_level=log_level,
    )  # fmt: skip
    raise typer.Exit(run_server(options))


@user_app.command("add")
def user_add(
    account: Annotated[str, typer.Argument(help="Account name.")],
    config: ConfigFile = None,
    data: DataDir = None,
    nickname: Annotated[str, typer.Option(help="Name shown to others.")] = "",
    password: Password = None,
) -> None:
    """Add an account; prints its uid. The server may be running."""
    from .maintenance import add_user

    secret = password or typer.prompt("Password", hide_input=True, confirmation_prompt=True)
    typer.echo(_done(add_user(_configuration(config, data=data), account, secret, nickname)))


@key_app.command("add")
def key_add(
    name: Annotated[str, typer.Argument(help="What the key is for.")],
    scope: Annotated[
        list[str],
        typer.Option(
            "--scope", "-s", help="act, users, messages, groups, webhooks or admin; once for each."
        ),
    ],
    config: ConfigFile = None,
    data: DataDir = None,
) -> None:
    """Make an API key and print it: it is not shown again. The server may be running."""
    from .maintenance import add_key

    typer.echo(_done(add_key(_configuration(config, data=data), name, scope)))


@key_app.command("list")
def key_list(config: ConfigFile = None, data: DataDir = None) -> None:
    """Print every API key as a line of JSON, without its secret."""
    import msgspec

    from .maintenance import list_keys

    for key in _done(list_keys(_configuration(config, data=data))):
        typer.echo(msgspec.json.encode(key).decode())


@key_app.command("revoke")
def key_revoke(
    key_id: Annotated[int, typer.Argument(help="Its `key_id` in the list.")],
    config: ConfigFile = None,
    data: DataDir = None,
) -> None:
    """Refuse an API key from now on. The server may be running."""
    from .maintenance import revoke_key

    _done(revoke_key(_configuration(config, data=data), key_id))


@app.command()
def chat(
    server: Server = DEFAULT_SERVER,
    account: Account = None,
    password: Password = None,
    home: Home = CLIENT_HOME,
    line: Annotated[
        bool, typer.Option("--line", help="Plain lines on standard input and output.")
    ] = False,
    api: Annotated[
        str,
        typer.Option(
            envvar="GLIDEIM_API",
            help="Address of the HTTP API, for files; by default at port 8081.",
        ),
    ] = "",
) -> None:
    """Chat in the terminal. `/help` in it shows what can be done."""
    from .tui import run_chat, run_line_chat

    run = run_line_chat if line else run_chat
    _quit_on_failure(lambda: run(server, account, password, home, api))


@app.command()
def send(
    to: Annotated[str, typer.Argument(help="Account name or uid of the receiver.")],
    text: Annotated[str, typer.Argument(help="The message; - reads standard input.")],
    server: Server = DEFAULT_SERVER,
    account: Account = None,
    password: Password = None,
    home: Home = CLIENT_HOME,
) -> None:
    """Send one message; prints its acknowledgement as a line of JSON."""
    from .tui import send_once

    content = sys.stdin.read() if text == "-" else text
    _quit_on_failure(lambda: send_once(server, account, password, home, to, content))


@app.command()
def tail(
    server: Server = DEFAULT_SERVER,
    account: Account = None,
    password: Password = None,
    home: Home = CLIENT_HOME,
) -> None:
    """Print messages as they arrive, one line of JSON each, until interrupted."""
    from .tui import tail as follow

    _quit_on_failure(lambda: follow(server, account, password, home))


@app.command()
def verify(
    seconds: Annotated[float, typer.Option(help="Seconds of load.", min=1)] = 60.0,
    people: Annotated[int, typer.Option(help="How many people write to each other.", min=2)] = 20,
    seed: Annotated[int, typer.Option(help="Seed of everything that is drawn by lot.")] = 1,
    faults: Annotated[
        str,
        typer.Option(
            help="In turn: kill, restart, stop, clock, readonly, disk, slow, cut, drop, blackhole, "
            "throttle, stuck; empty: none."
        ),
    ] = "kill,stop,cut,drop",
    think: Annotated[
        float, typer.Option(help="Mean seconds between two acts of a person.", min=0.001)
    ] = 0.25,
    report: Annotated[
        Path | None, typer.Option(help="Directory for report.json, report.html and the record.")
    ] = None,
    url: Annotated[
        str, typer.Option(help="ws:// address of a running server; else one is started.")
    ] = "",
    tcp: Annotated[str, typer.Option(help="tcp:// address of the same server.")] = "",
) -> None:
    """Check the promises of the protocol on a real server under faults. Exit code 1 when one was broken."""
    from .verify.options import Options, UsageError
    from .verify.report import report as make_report
    from .verify.report import text, write
    from .verify.run import verify as run_verify
    from .verify.servers import NoServerError

    names = tuple(name.strip() for name in faults.split(",") if name.strip())
    options = Options(
        seconds, people, seed=seed, faults=names, think=think, report=report, url=url, tcp=tcp
    )
    try:
        made = make_report(run_verify(options, typer.echo))
    except (UsageError, NoServerError, OSError) as error:
        _fail(error)
    if report is not None:
        write(made, report)
    typer.echo(text(made))
    raise typer.Exit(0 if made.ok else 1)


@app.command()
def bench(
    case: Annotated[
        str,
        typer.Argument(
            help="v1-2000 or v1-10000 (version 1's published cases), fanout, idle, login, storm, relay, ways, "
            "ack, durable, sync, history, rows, stuck, estimate or soak."
        ),
    ],
    clients: Annotated[int, typer.Option(help="0: what the case has.", min=0)] = 0,
    seconds: Annotated[float, typer.Option(help="0: what the case has.", min=0)] = 0.0,
    minutes: Annotated[
        float,
        typer.Option(help="Added to --seconds; durable runs 30 unless told otherwise.", min=0),
    ] = 0.0,
    messages: Annotated[int, typer.Option(help="Of each client; 0: what the case has.", min=0)] = 0,
    window: Annotated[
        int, typer.Option(help="Messages under way for each sender, for ack and durable.", min=0)
    ] = 0,
    processes: Annotated[int, typer.Option(help="Processes that make the load.", min=1)] = 2,
    codec: Annotated[str, typer.Option(help="json or protobuf.")] = "json",
    transport: Annotated[str, typer.Option(help="ws or tcp, with a server of its own.")] = "ws",
    url: Annotated[
        str, typer.Option(help="A running server, ws:// or tcp://; else one is started.")
    ] = "",
    pid: Annotated[int, typer.Option(help="Of the server at --url, if it runs here.")] = 0,
    against: Annotated[
        str,
        typer.Option(help="Others in the same run: nats, jetstream, mosquitto, ejabberd."),
    ] = "",
    data: Annotated[
        str | None, typer.Option(help="Where the servers' data is; else with temporary files.")
    ] = None,
    seconds_between: Annotated[
        float, typer.Option(help="Between a person's messages, for estimate.", min=0.001)
    ] = 30.0,
    seed: Annotated[int, typer.Option(help="Of everything that is drawn by lot.")] = 1,
    json: Annotated[Path | None, typer.Option(help="Write the figures to this file.")] = None,
    plot: Annotated[Path | None, typer.Option(help="Write a picture (SVG) to this file.")] = None,
) -> None:
    """Measure a server. Exit code 2 when the result is refused because the load itself was the limit, 1 when
    messages were lost, doubled or misordered."""
    from .bench.case import Options, UsageError
    from .bench.command import bench as measure
    from .bench.target import GoneError
    from .bench.workers import WorkerError

    options = Options(
        clients=clients, seconds=seconds + 60 * minutes, messages=messages, processes=processes, codec=codec,
        transport=transport, url=url, pid=pid, seed=seed, seconds_between=seconds_between,
        window=window, data=data,
        against=tuple(name.strip() for name in against.split(",") if name.strip()),
    )  # fmt: skip
    try:
        code = measure(case, options, json, plot)
    except (UsageError, WorkerError, GoneError, OSError) as error:
        _fail(error)
    raise typer.Exit(code)


@app.command()
def version() -> None:
    """Print the version."""
    typer.echo(__version__)


def main() -> None:
    """Entry point."""
    app()


if __name__ == "__main__":
    main()
