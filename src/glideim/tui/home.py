"""Where a terminal client keeps what it has: a folder for each server, in it two files for each account."""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from glideim.client import Credentials, FileStore

API_PORT = 8081
"""Where a server that listens at 8080 answers HTTP."""


def api_of(server: str) -> str:
    """The address of the HTTP API of a server that is named by its address for clients: the same host, and its usual
    port unless a proxy has both at one address."""
    parts = urlsplit(server)
    host = f"[{parts.hostname}]" if ":" in (parts.hostname or "") else parts.hostname or ""
    if parts.scheme == "wss":
        return f"https://{parts.netloc}"
    if parts.scheme == "ws" and parts.port is None:
        return f"http://{host}"
    return f"http://{host}:{API_PORT}"


_SAFE = re.compile(r"[^A-Za-z0-9._-]+")


class Home:
    """The folder of one server."""

    def __init__(self, root: Path, server: str) -> None:
        self._folder = root / _SAFE.sub("_", server).strip("_")
        self._last = self._folder / "last"

    def last_account(self) -> str | None:
        """The account that signed in last."""
        return self._last.read_text("utf-8").strip() or None if self._last.exists() else None

    def remember(self, account: str) -> None:
        """Make this the account that signed in last."""
        self._folder.mkdir(parents=True, exist_ok=True)
        self._last.write_text(account, "utf-8")

    def state(self, account: str, purpose: str = "") -> FileStore:
        """The client's state of an account. Programs that may run beside each other have purposes of their own."""
        return FileStore(self._file(account, f".{purpose}.db" if purpose else ".db"))

    def messages(self, account: str, purpose: str = "") -> Path:
        """The file of an account's messages."""
        return self._file(account, f".{purpose}.messages.db" if purpose else ".messages.db")

    def credentials(self, account: str) -> Credentials | None:
        """Who is signed in as this account, if anybody is."""
        if not self._file(account, ".db").exists():
            return None
        store = self.state(account)
        try:
            return store.credentials()
        finally:
            store.close()

    def save_credentials(self, account: str, credentials: Credentials) -> None:
        """Keep a sign-in for every program of this account."""
        store = self.state(account)
        try:
            store.save_credentials(credentials)
        finally:
            store.close()
        self.remember(account)

    def _file(self, account: str, ending: str) -> Path:
        # Account names are compared without regard to case. A name that had to be changed gets its hex appended,
        # so that two names never share a file.
        plain = _SAFE.sub("_", account.lower())
        if plain != account.lower() or plain.startswith("."):
            plain = f"_{plain}-{account.lower().encode().hex()}"
        return self._folder / f"{plain}{ending}"
