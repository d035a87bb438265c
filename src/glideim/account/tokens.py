"""Verified tokens, remembered for a while: a sign-in then costs no look-up."""

from __future__ import annotations

from collections import OrderedDict

from .ports import Session


class TokenCache:
    """Sessions by hashed token; the least recently used are forgotten first, ended ones at once."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._entries: OrderedDict[bytes, tuple[Session, int]] = OrderedDict()
        self._replaced: set[bytes] = set()
        self._of_session: dict[int, set[bytes]] = {}

    def __len__(self) -> int:
        return len(self._entries)

    def get(self, key: bytes, now_ms: int) -> Session | None:
        """The session of a token, if it is remembered and still good."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        session, until = entry
        if until <= now_ms:
            self.drop(key)
            return None
        self._entries.move_to_end(key)
        return session

    def put(self, key: bytes, session: Session, until_ms: int) -> None:
        """Remember a token until then."""
        self._entries[key] = (session, until_ms)
        self._of_session.setdefault(session.session_id, set()).add(key)
        while len(self._entries) > self._limit:
            self.drop(next(iter(self._entries)))

    def replaced(self, key: bytes, until_ms: int) -> None:
        """A new token took this one's place: it is good until then at most. Only the first time counts."""
        entry = self._entries.get(key)
        if entry is not None and key not in self._replaced:
            self._entries[key] = (entry[0], min(entry[0].expires_at, until_ms))
            self._replaced.add(key)

    def drop(self, key: bytes) -> None:
        """Forget one token."""
        self._replaced.discard(key)
        entry = self._entries.pop(key, None)
        if entry is None:
            return
        keys = self._of_session[entry[0].session_id]
        keys.discard(key)
        if not keys:
            del self._of_session[entry[0].session_id]

    def drop_session(self, session_id: int) -> None:
        """Forget every token of a session."""
        for key in list(self._of_session.get(session_id, ())):
            self.drop(key)
