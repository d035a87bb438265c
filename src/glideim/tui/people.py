"""Who is who: names, one's own names for contacts, who is there, who is typing."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from glideim.client import Client, ClientError, Presence
from glideim.protocol.records import User

ASKED = 100
"""Names that one request asks for."""
WATCHED = 500
"""People whose coming and going one hears of."""
TYPING_EVERY = 3_000
"""Milliseconds between two signals that one is typing."""
TYPING_SHOWN = 5_000
"""Milliseconds that somebody is shown to be typing after a signal."""


class People:
    """What a chat program knows of people."""

    def __init__(self, client: Client, now_ms: Callable[[], int]) -> None:
        self._client = client
        self._now_ms = now_ms
        self._names: dict[int, str] = {}
        self._remarks: dict[int, str] = {}
        self._unknown: set[int] = set()
        self._nobody: set[int] = set()
        self._there: dict[int, bool] = {}
        self._watched: tuple[int, ...] = ()
        self._typing: dict[str, dict[int, int]] = {}
        self._told: dict[str, int] = {}

    # --- names ----------------------------------------------------------------------------------------------

    def name(self, uid: int) -> str:
        """What a person is called; asked for with the next `learn` when it is not known."""
        if uid == self._client.uid:
            return "me"
        known = self._remarks.get(uid) or self._names.get(uid)
        if not known:
            self._want([uid])
        return known or f"#{uid}"

    def known(self, uid: int) -> str:
        """What a person is called, or nothing."""
        return self._remarks.get(uid) or self._names.get(uid, "")

    def remember(self, users: Iterable[User]) -> None:
        """Keep the names of these people."""
        for user in users:
            self._names[user.uid] = user.nickname or user.account or f"#{user.uid}"
            self._unknown.discard(user.uid)

    def call(self, uid: int, name: str) -> None:
        """Keep a name that is known from before."""
        self._names.setdefault(uid, name)

    def remark(self, uid: int, remark: str) -> None:
        """Keep one's own name for a contact; empty: none."""
        self._remarks[uid] = remark

    @property
    def has_unknown(self) -> bool:
        """Whether there are names to ask for."""
        return bool(self._unknown)

    async def learn(self, uids: Iterable[int] = ()) -> bool:
        """Ask for the names that are wanted, and these. False when it was not possible: they stay wanted."""
        self._want(uid for uid in uids if uid != self._client.uid)
        while self._unknown:
            wanted = list(self._unknown)[:ASKED]
            try:
                users = await self._client.users(wanted)
            except ClientError:
                return False
            self._unknown.difference_update(wanted)
            # Whom the server does not know is not asked for again with every message.
            self._nobody.update(wanted)
            self.remember(users)
        return True

    def _want(self, uids: Iterable[int]) -> None:
        self._unknown.update(
            uid for uid in uids if uid not in self._names and uid not in self._nobody
        )

    # --- who is there ---------------------------------------------------------------------------------------

    def watch(self, uids: Iterable[int]) -> None:
        """Hear of these people coming and going, the first ones if they are too many."""
        wanted = tuple(sorted(list(dict.fromkeys(uids))[:WATCHED]))
        if wanted != self._watched and self._client.uid:
            self._watched = wanted
            self._client.watch(wanted)

    def came_or_went(self, event: Presence) -> None:
        """Somebody did."""
        self._there[event.uid] = event.online

    def is_there(self, uid: int) -> bool:
        """Whether somebody is connected, as far as one may know."""
        return self._there.get(uid, False)

    # --- who is typing --------------------------------------------------------------------------------------

    def typed(self, conv: str) -> None:
        """One types oneself: the others are told, now and then."""
        now = self._now_ms()
        if now - self._told.get(conv, -TYPING_EVERY) >= TYPING_EVERY:
            self._told[conv] = now
            self._client.signal(conv)

    def sent(self, conv: str) -> None:
        """What was typed is sent: the next letter is a new beginning."""
        self._told.pop(conv, None)

    def types(self, conv: str, uid: int) -> None:
        """Somebody else types."""
        if uid != self._client.uid:
            self._typing.setdefault(conv, {})[uid] = self._now_ms() + TYPING_SHOWN

    def said(self, conv: str, uid: int) -> None:
        """Somebody has sent what they typed."""
        self._typing.get(conv, {}).pop(uid, None)

    def typing(self, conv: str) -> list[str]:
        """Who is typing at this moment."""
        now = self._now_ms()
        still = {uid: end for uid, end in self._typing.get(conv, {}).items() if end > now}
        self._typing[conv] = still
        return [self.name(uid) for uid in still]
