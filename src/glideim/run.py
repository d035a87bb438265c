"""Running a server as a program: logging, signals, the line that says it is ready."""

from __future__ import annotations

import asyncio
import gc
import logging
import signal
import sys

import msgspec
import structlog
import uvloop

from .config import Config
from .server import Server
from .settings import StartError

log = logging.getLogger("glideim")

TURN = 0.0005
"""Seconds that a thread may keep the interpreter while another wants it, a tenth of what Python has of its own. The loop
waits for a commit's end, and whoever commits for the loop: for that long at most."""


def serve(config: Config) -> int:
    """Run until SIGTERM or SIGINT, then drain. Returns the exit code: 0 after a drain, 1 when it cannot start."""
    configure_logging(config)
    # Long-lived records have no cycles; rarer full collections spare the loop pauses that grow with the heap.
    gc.set_threshold(50_000, 20, 100)
    try:
        uvloop.run(_serve(config))
    except StartError as error:
        print(f"glideim: {error}", file=sys.stderr)
        return 1
    return 0


async def _serve(config: Config) -> None:
    server = await Server.start(config)
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    gc.freeze()
    sys.setswitchinterval(TURN)
    ready = {"ready": True, **server.addresses()}
    print(msgspec.json.encode(ready).decode(), flush=True)
    log.info("ready: %s", server.addresses())
    await stop.wait()
    log.info("draining")
    await server.stop()
    log.info("stopped")


def configure_logging(config: Config) -> None:
    """Everything goes to standard error, one event a line; tokens and contents are never logged."""
    shared: list[structlog.typing.Processor] = [
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.format_exc_info,
    ]
    renderer: structlog.typing.Processor = (
        structlog.processors.JSONRenderer()
        if config.log == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, renderer],
        )
    )
    logging.basicConfig(handlers=[handler], level=config.log_level.upper(), force=True)
    # The libraries below say once per connection what statistics count.
    for noisy in ("picows", "aiofastnet", "uvicorn", "httpx2", "httpcore2"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
