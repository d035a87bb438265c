"""Signed-in devices, as the application deals with them."""

from __future__ import annotations

from collections.abc import AsyncIterator

from glideim.protocol.actions import Action
from glideim.protocol.records import ChangePassword, Empty
from glideim.protocol.social import EndSession, PageQuery, SessionInfo, SessionList

from .asking import Ask, paged


class Sessions:
    """`client.sessions`. Everything raises RequestFailed when the server refuses it."""

    def __init__(self, ask: Ask) -> None:
        self._ask = ask

    def list(self) -> AsyncIterator[SessionInfo]:
        """Where one is signed in, the newest first."""
        return paged(self._ask, Action.API_AUTH_SESSIONS, PageQuery, SessionList)

    async def end(self, session_id: int) -> None:
        """Sign a device out; its connection is closed."""
        await self._ask(Action.API_AUTH_END_SESSION, EndSession(session_id), Empty)

    async def change_password(self, old: str, new: str) -> None:
        """Every other session of the account ends."""
        await self._ask(Action.API_AUTH_PASSWORD, ChangePassword(old, new), Empty)
