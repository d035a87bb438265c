"""The worker's side: what a gateway needs, asked of the process that owns the log."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol

import msgspec

from glideim.account.ports import Caller, Principal
from glideim.dispatch.ports import GatewayLink, Item, Origin, Push
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.ports import Confirm, Send
from glideim.presence.service import PresenceLimits, check_people
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.records import Envelope
from glideim.protocol.social import Stream, Transient

from . import records as r
from .link import Link


class Local(GatewayLink, Protocol):
    """The gateway of this process."""

    def replaced(self, number: int, device: int) -> None:
        """A newer login elsewhere takes the place of a connection."""
        ...


class Owner:
    """The other process. Implements what the gateway asks for: `Authenticator`, `MessagePath`, `ApiService`,
    `PresenceSink` and, for what the gateway itself has to tell, `Dispatch`."""

    def __init__(
        self,
        public: Collection[str],
        *,
        drain: Callable[[], None],
        send_away: Callable[[], None],
        lost: Callable[[], None],
    ) -> None:
        self._public = public
        self._drain = drain
        self._send_away = send_away
        self._on_lost = lost
        self._numbers = 0
        self._waiting: dict[int, asyncio.Future[bytes]] = {}
        self._crowds: dict[int, tuple[int, ...]] = {}
        self._later: list[r.FromOwner] | None = None
        """What waits for a closing; None: nothing is closing."""
        self._gateway: Local | None = None
        self.link: Link[r.FromOwner] = Link(
            msgspec.msgpack.Decoder(list[r.FromOwner]), self._received, self._lost
        )

    def attach(self, gateway: Local) -> None:
        """The gateway that gets what is delivered."""
        self._gateway = gateway

    # --- what the gateway asks ------------------------------------------------------------------------------

    async def authenticate(self, token: str, address: str = "") -> Principal:
        """See `Authenticator`."""
        raw = await self._call(lambda number: r.Authenticate(number, token, address))
        principal: Principal = r.unpack(raw, Principal)
        return principal

    def submit(self, sends: Sequence[Send]) -> int:
        """See `MessagePath`. What finds no room there is refused from there."""
        self.link.tell(r.Sends(list(sends)))
        return len(sends)

    def confirm(self, confirms: Sequence[Confirm]) -> None:
        """See `MessagePath`."""
        self.link.tell(r.Confirms(list(confirms)))

    async def read(self, uid: int, origin: Origin, conv: str, seq: int) -> None:
        """See `MessagePath`."""
        await self._call(lambda number: r.MoveRead(number, uid, origin, conv, seq))

    async def act(self, uid: int, origin: Origin, action: str, data: Any) -> Envelope | None:
        """See `MessagePath`."""
        packed = r.pack(data)
        raw = await self._call(lambda number: r.Act(number, uid, origin, action, packed))
        return r.opened(r.unpack(raw, r.Enveloped)) if raw else None

    def stream(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        """See `MessagePath`."""
        self.link.tell(r.Grow(uid, origin, request_seq, data))

    def transient(self, uid: int, origin: Origin, data: Transient) -> None:
        """See `MessagePath`."""
        self.link.tell(r.PassOn(uid, origin, data))

    def signed_in(self, uid: int, origin: Origin) -> None:
        """See `MessagePath`."""
        self.link.tell(r.SignedIn(uid, origin))

    def went_offline(self, uid: int) -> None:
        """See `MessagePath`. The owner knows from `left`, and whether it was the last one anywhere."""

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        """See `ApiService`."""
        packed = r.pack(data)
        raw = await self._call(
            lambda number: r.CallApi(
                number,
                caller.principal,
                caller.address,
                caller.token,
                caller.device,
                action,
                packed,
            )
        )
        return r.unpacked_result(action, raw)

    def is_public(self, action: str) -> bool:
        """See `ApiService`."""
        return action in self._public

    def came(self, uid: int, device: int, session_id: int, origin: Origin) -> None:
        """See `PresenceSink`."""
        self.link.tell(r.Came(uid, device, session_id, origin))

    def left(self, uid: int, origin: Origin) -> None:
        """See `PresenceSink`."""
        self.link.tell(r.Left(uid, origin))

    def subscribe(self, uid: int, origin: Origin, uids: Sequence[int]) -> None:
        """See `PresenceSink`. What is wrong with the question is seen here; that there are too many, over there: that
        refusal comes as an error without the number of the request."""
        wanted = tuple(dict.fromkeys(uids))
        check_people(wanted, PresenceLimits().uids)
        self.link.tell(r.Watch(uid, origin, wanted))

    async def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """See `Dispatch`: the owner counts, so nothing is counted here."""
        self.post(batch)
        return [0] * len(batch)

    def post(self, batch: Sequence[Item]) -> None:
        """See `Dispatch`."""
        for item in batch:
            if isinstance(item, Push):
                self.link.tell(r.pushed(item, item.uids))

    async def online(self, uids: Sequence[int]) -> frozenset[int]:
        """See `Dispatch`: those who are here."""
        gateway = self._gateway
        return frozenset(uid for uid in uids if gateway is not None and gateway.connected(uid))

    async def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        """See `Dispatch`: here only."""
        if self._gateway is not None:
            self._gateway.close(uid, code, reason, session_id=session_id)

    async def _call(self, part: Callable[[int], r.Part]) -> bytes:
        """Ask, and wait. Raises RequestError, StoreUnavailableError."""
        self._numbers += 1
        number = self._numbers
        answer: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._waiting[number] = answer
        try:
            self.link.tell(part(number))
            return await answer
        finally:
            self._waiting.pop(number, None)
            # Otherwise an error would know this frame, which knows it: garbage that only the collector finds.
            del answer

    # --- what the owner says --------------------------------------------------------------------------------

    def _received(self, parts: list[r.FromOwner]) -> None:
        """In order. A closing takes effect in the next turn, after what was answered before; what follows it has to wait
        for it, or it would still reach the connections that close."""
        if self._later is not None:
            self._later.extend(parts)
            return
        items: list[Item] = []
        for n, part in enumerate(parts):
            if isinstance(part, r.Pushed | r.Replied):
                items.append(r.item(part, self._crowds))
            elif isinstance(part, r.Crowd):
                self._name(part)
            else:
                self._deliver(items)
                items = []
                self._do(part)
                if isinstance(part, r.CloseOf):
                    self._later = parts[n + 1 :]
                    asyncio.get_running_loop().call_soon(self._go_on)
                    return
        self._deliver(items)

    def _go_on(self) -> None:
        parts, self._later = self._later or [], None
        self._received(parts)

    def _deliver(self, items: Sequence[Item]) -> None:
        if items and self._gateway is not None:
            self._gateway.deliver(items)

    def _name(self, crowd: r.Crowd) -> None:
        self._crowds.pop(crowd.forget, None)
        self._crowds[crowd.number] = crowd.uids

    def _do(self, part: r.FromOwner) -> None:
        match part:
            case r.Answer():
                self._answered(part)
            case r.CloseOf(uid, code, reason, session_id) if self._gateway is not None:
                self._gateway.close(uid, CloseCode(code), reason, session_id=session_id)
            case r.Replace(conn, device) if self._gateway is not None:
                self._gateway.replaced(conn, device)
            case r.Drain():
                self._drain()
            case r.SendAway():
                self._send_away()
            case _:
                raise AssertionError(part)

    def _answered(self, answer: r.Answer) -> None:
        waiting = self._waiting.get(answer.number)
        if waiting is None or waiting.done():
            return
        if answer.unavailable:
            waiting.set_exception(StoreUnavailableError(answer.text))
        elif answer.code:
            waiting.set_exception(RequestError(ErrorCode(answer.code), answer.text))
        else:
            waiting.set_result(answer.data)

    def _lost(self) -> None:
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(StoreUnavailableError("the server is gone"))
        self._on_lost()
