"""Presence: connections come and go; who subscribed and may know is told, seldom and in bulk.

The work is linear in the notices that are sent: a change costs as many as there are connections that watch the
person and may see it, however often it happens within `NOTICE_EVERY`.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple

from msgspec import Struct

from glideim.dispatch.ports import Dispatch, Origin, Reply
from glideim.kernel.clock import Clock
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.kernel.ratelimit import WATCH, RateLimiter
from glideim.protocol.actions import Action
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import Envelope
from glideim.protocol.social import NotifyPresence

from .ports import AUDIENCES, Audience, CallLater, Kept, Pair, PresenceStore, Relations, Timer
from .rights import Rights
from .seen import LastSeen
from .watching import Eye, Watching

log = logging.getLogger(__name__)

NOTICE_EVERY = 0.5
"""Seconds between notices about one person, at least."""
GO_ON_AFTER = 0.01
"""Seconds between parts of a crowd of notices, so that messages pass in between."""
AGAIN_AFTER = 1.0
"""Seconds until rights are looked up again when the store could not tell."""

_KEPT = Kept()


class PresenceLimits(Struct, frozen=True):
    """Named limits."""

    uids: int = 500
    """People that a connection may watch, or that one request may ask for."""
    subscriptions: int = 1_000_000
    """Pairs of a connection and a person, of all connections together: about 240 bytes each."""
    notices_at_once: int = 2000
    """Notices sent before other work has its turn."""
    pairs_at_once: int = 500
    """Rights looked up with one request to the store."""
    seen: int = 200_000
    """People whose last time here is kept in memory."""
    saved_at_once: int = 2000
    """Times written in one transaction."""


class _Place(NamedTuple):
    """A connection: which device it is, which session it belongs to."""

    device: int
    session_id: int


class PresenceService:
    """Who is here. Implements the gateway's `PresenceSink` and listens to changed relations."""

    def __init__(
        self,
        *,
        store: PresenceStore,
        relations: Relations,
        dispatch: Dispatch,
        clock: Clock,
        call_later: CallLater,
        limiter: RateLimiter,
        limits: PresenceLimits | None = None,
    ) -> None:
        self._limits = limits or PresenceLimits()
        self._store = store
        self._rights = Rights(store, relations)
        self._dispatch = dispatch
        self._clock = clock
        self._call_later = call_later
        self._limiter = limiter
        self._here: dict[int, dict[Origin, _Place]] = {}
        self._since: dict[int, int] = {}
        self._watching = Watching()
        self._seen = LastSeen(
            store, call_later, most=self._limits.seen, at_once=self._limits.saved_at_once
        )
        self._changed: dict[int, None] = {}
        self._notices: Iterator[Reply] | None = None
        self._timer: Timer | None = None
        self._unclear: dict[Pair, None] = {}
        """Pairs whose right to see is to be looked up; never more than there are subscriptions."""
        self._review: asyncio.Task[None] | None = None
        self._again: Timer | None = None
        self._sent = 0
        self._closed = False

    def statistics(self) -> Mapping[str, int]:
        """Sizes and counters."""
        return {
            "people": len(self._here),
            "subscriptions": self._watching.count,
            "subscriptions_limit": self._limits.subscriptions,
            "rights_to_look_up": len(self._unclear),
            "last_seen_cached": len(self._seen),
            "last_seen_cached_limit": self._limits.seen,
            "last_seen_unsaved": self._seen.unsaved,
            "notices_total": self._sent,
        }

    async def close(self) -> None:
        """Tell nobody any more; store when people were last seen."""
        self._closed = True
        for timer in (self._timer, self._again):
            if timer is not None:
                timer.cancel()
        if self._review is not None:
            self._review.cancel()
            await asyncio.gather(self._review, return_exceptions=True)
        await self._seen.close()

    # --- called by the gateway ----------------------------------------------------------------------------

    def came(self, uid: int, device: int, session_id: int, origin: Origin) -> None:
        """A connection has signed in."""
        now = self._clock.now_ms()
        places = self._here.get(uid)
        if places is None:
            places = self._here[uid] = {}
            self._since[uid] = now
        places[origin] = _Place(device, session_id)
        self._seen.note(uid, now)
        self._mark(uid)

    def left(self, uid: int, origin: Origin) -> None:
        """A signed-in connection is gone."""
        places = self._here.get(uid)
        if places is None or places.pop(origin, None) is None:
            return
        self._watching.drop(origin)
        if not places:
            del self._here[uid], self._since[uid]
        self._seen.note(uid, self._clock.now_ms())
        self._mark(uid)

    def subscribe(self, uid: int, origin: Origin, uids: Sequence[int]) -> None:
        """From now on the connection of `uid` is told of these people, and of nobody else; how they are now is
        told at once. Raises RequestError."""
        wanted = dict.fromkeys(uids)
        self._check(uid, wanted)
        if origin not in self._here.get(uid, {}):
            return
        watching = self._watching
        if watching.count - watching.held(origin) + len(wanted) > self._limits.subscriptions:
            raise RequestError(ErrorCode.UNAVAILABLE, "too many subscriptions on this server")
        watching.replace(origin, uid, wanted)
        self._look_up((uid, viewed) for viewed in wanted)

    # --- called by others ---------------------------------------------------------------------------------

    def relations_changed(self, a: int, b: int) -> None:
        """These two became friends, or stopped to be, or one blocked the other, or not any more."""
        for viewer, viewed in ((a, b), (b, a)):
            watch = self._watching.of(viewed)
            if watch is not None and any(eye.viewer == viewer for eye in watch.eyes.values()):
                self._look_up(((viewer, viewed),))

    def sessions(self, uid: int) -> frozenset[int]:
        """The sessions of a person that have a connection."""
        return frozenset(place.session_id for place in self._here.get(uid, {}).values())

    async def audience(self, uid: int) -> str:
        """Who may see whether somebody is there: `everyone`, `contacts` or `nobody`."""
        return (await self._store.kept((uid,))).get(uid, _KEPT).audience.name.lower()

    async def set_audience(self, uid: int, name: str) -> None:
        """Decide who may see. Raises RequestError."""
        await self._store.set_audience(uid, check_audience(name))
        watch = self._watching.of(uid)
        if watch is not None:
            self._look_up((eye.viewer, uid) for eye in watch.eyes.values())

    async def states(self, viewer: int, uids: Sequence[int]) -> tuple[NotifyPresence, ...]:
        """How people are, each as `viewer` may see it. Raises RequestError."""
        wanted = tuple(dict.fromkeys(uids))
        self._check(viewer, wanted)
        seeing, kept = await self._rights.look_up([(viewer, viewed) for viewed in wanted])
        return tuple(
            self._state(viewed, kept.get(viewed, _KEPT))
            if (viewer, viewed) in seeing
            else NotifyPresence(viewed, online=False)
            for viewed in wanted
        )

    def _check(self, viewer: int, uids: Collection[int]) -> None:
        check_people(uids, self._limits.uids)
        if not self._limiter.allow(WATCH, viewer):
            raise RequestError(ErrorCode.RATE_LIMITED, "too many questions; slow down")

    # --- changes ------------------------------------------------------------------------------------------

    def _state(self, uid: int, kept: Kept = _KEPT) -> NotifyPresence:
        places = self._here.get(uid)
        if places:
            devices = tuple(sorted({place.device for place in places.values()}))
            return NotifyPresence(uid, online=True, devices=devices, at=self._since[uid])
        return NotifyPresence(uid, online=False, at=self._seen.get(uid) or kept.seen_at)

    def _mark(self, uid: int) -> None:
        """Something changed: those who watch are told soon."""
        if self._watching.of(uid) is None or self._closed:
            return
        self._changed[uid] = None
        if self._timer is None:
            self._timer = self._call_later(NOTICE_EVERY, self._flush)

    def _flush(self) -> None:
        """Send what there is to tell, a part of it if it is much."""
        if self._notices is None:
            changed, self._changed = self._changed, {}
            self._notices = self._tell(changed)
        batch = list(islice(self._notices, self._limits.notices_at_once))
        self._post(batch)
        delay = GO_ON_AFTER
        if len(batch) < self._limits.notices_at_once:
            self._notices, delay = None, NOTICE_EVERY
        more = self._notices is not None or self._changed
        self._timer = self._call_later(delay, self._flush) if more else None

    def _tell(self, changed: Iterable[int]) -> Iterator[Reply]:
        for uid in changed:
            watch = self._watching.of(uid)
            # Nobody was told anything yet: what is told then is how it is then.
            if watch is None or watch.told is None:
                continue
            state = self._state(uid)
            if _same(state, watch.told):
                continue
            watch.told = state
            envelope = Envelope(Action.NOTIFY_PRESENCE, 0, state)
            for origin, eye in list(watch.eyes.items()):
                # Parts of a crowd are sent one after another: rights and subscriptions may change in between.
                if eye.sees and watch.eyes.get(origin) is eye:
                    yield Reply(origin, envelope)

    def _post(self, notices: Sequence[Reply]) -> None:
        if notices:
            self._sent += len(notices)
            self._dispatch.post(notices)

    # --- rights -------------------------------------------------------------------------------------------

    def _look_up(self, pairs: Iterable[Pair]) -> None:
        self._unclear.update(dict.fromkeys(pairs))
        self._begin_review()

    def _begin_review(self) -> None:
        if self._unclear and not self._closed and (self._review is None or self._review.done()):
            self._review = asyncio.get_running_loop().create_task(self._look(), name="presence")

    async def _look(self) -> None:
        """Look up rights until nothing is unclear. A pair that changes meanwhile is looked up once more."""
        while self._unclear:
            pairs = list(islice(self._unclear, self._limits.pairs_at_once))
            for pair in pairs:
                del self._unclear[pair]
            try:
                seeing, kept = await self._rights.look_up(pairs)
            except StoreUnavailableError as error:
                log.warning("who may see whom could not be looked up: %s", error)
                self._unclear.update(dict.fromkeys(pairs))
                self._again = self._call_later(AGAIN_AFTER, self._begin_review)
                return
            self._post([notice for pair in pairs for notice in self._judge(pair, seeing, kept)])

    def _judge(
        self, pair: Pair, seeing: frozenset[Pair], kept: Mapping[int, Kept]
    ) -> Iterator[Reply]:
        """What a viewer's connections are told now that the right to see is clear."""
        viewer, viewed = pair
        watch = self._watching.of(viewed)
        if watch is None:
            return
        if watch.told is None:
            watch.told = self._state(viewed, kept.get(viewed, _KEPT))
        sees = pair in seeing
        notice = watch.told if sees else NotifyPresence(viewed, online=False)
        for origin in self._here.get(viewer, ()):
            eye = watch.eyes.get(origin)
            if eye is not None and _settle(eye, sees):
                yield Reply(origin, Envelope(Action.NOTIFY_PRESENCE, 0, notice))


def check_audience(name: str) -> Audience:
    """The audience by its name. Raises RequestError."""
    audience = AUDIENCES.get(name)
    if audience is None:
        raise RequestError(ErrorCode.BAD_REQUEST, "presence: must be everyone, contacts or nobody")
    return audience


def _settle(eye: Eye, sees: bool) -> bool:
    """Note whether it may see; True if that is news to its client."""
    changed = eye.sees is not sees
    eye.sees = sees
    return changed


def _same(one: NotifyPresence, other: NotifyPresence) -> bool:
    """Whether there is nothing to tell: who came back within the interval was not away."""
    return (one.online, one.devices) == (other.online, other.devices) and (
        one.online or one.at == other.at
    )


def check_people(uids: Collection[int], most: int) -> None:
    """Whether a question may name these. Raises RequestError."""
    if len(uids) > most:
        raise RequestError(ErrorCode.TOO_LARGE, f"uids: at most {most}")
    if any(uid <= 0 for uid in uids):
        raise RequestError(ErrorCode.BAD_REQUEST, "uids: must be ids of people")
