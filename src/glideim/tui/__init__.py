"""The terminal client, with a screen (textual) and without."""

from __future__ import annotations

from pathlib import Path

from .line import run_line_chat, send_once, tail

__all__ = ["run_chat", "run_line_chat", "send_once", "tail"]


def run_chat(
    server: str, account: str | None, password: str | None, data: Path, api: str = ""
) -> None:
    """Chat in the terminal until the person quits. `data` is where accounts and messages are kept, `api` the address
    of the HTTP API."""
    # Imported here: the commands without a screen need no textual.
    from .app import ChatApp  # noqa: PLC0415

    ChatApp(server, account, password, data, api=api).run()
