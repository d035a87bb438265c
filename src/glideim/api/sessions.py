"""`api.auth.sessions` and `api.auth.end_session`: where one is signed in, and signing out from afar."""

from __future__ import annotations

from typing import Protocol

from glideim.account.ports import Caller, Session
from glideim.account.service import AccountService
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Empty
from glideim.protocol.social import EndSession, PageQuery, SessionInfo, SessionList

from .auth import signed_in
from .ports import Endpoint

GROUP = "Accounts"


class Connected(Protocol):
    """Knows which sessions have a connection."""

    def sessions(self, uid: int) -> frozenset[int]:
        """Those of a person."""
        ...


class SessionHandlers:
    """The handlers."""

    def __init__(self, accounts: AccountService, connected: Connected) -> None:
        self._accounts = accounts
        self._connected = connected

    async def list(self, caller: Caller, request: PageQuery) -> SessionList:
        """One's sessions, the newest first."""
        me = signed_in(caller)
        found, cursor = await self._accounts.sessions(me.uid, request.cursor, request.limit)
        online = self._connected.sessions(me.uid)
        items = tuple(_info(s, me.session_id, s.session_id in online) for s in found)
        return SessionList(items, cursor)

    async def end(self, caller: Caller, request: EndSession) -> Empty:
        """The end of one of one's sessions."""
        await self._accounts.end_session(signed_in(caller).uid, request.session_id)
        return Empty()

    def endpoints(self) -> tuple[Endpoint, ...]:
        """The table of this group."""
        example = {
            "sessionId": 77,
            "device": 2,
            "deviceId": "firefox-1",
            "createdAt": 1796083200000,
            "expiresAt": 1798675200000,
            "current": True,
            "online": True,
        }
        return (
            Endpoint(
                "GET", "/auth/sessions", Action.API_AUTH_SESSIONS, PageQuery, SessionList, self.list,
                "Where one is signed in", GROUP,
                "The newest first, at most 50 a page. `current` is the session of this call; `online` ones have a"
                " connection.",
                example={"limit": 50}, example_result={"items": [example]},
            ),
            Endpoint(
                "DELETE", "/auth/sessions/{sessionId}", Action.API_AUTH_END_SESSION, EndSession, Empty, self.end,
                "Sign out elsewhere", GROUP,
                "Ends one of one's sessions: its tokens at once, its connections with 4103. The other devices get"
                " `notify.logout`.",
                errors=(ErrorCode.NOT_FOUND,), example={"sessionId": 77},
            ),
        )  # fmt: skip


def _info(session: Session, current: int, online: bool) -> SessionInfo:
    return SessionInfo(
        session.session_id,
        session.device,
        session.device_id,
        session.created_at,
        session.expires_at,
        session.session_id == current,
        online,
    )
