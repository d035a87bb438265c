"""The owner's side of one worker: a gateway that is in another process."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

import msgspec

from glideim.account.ports import Authenticator, Caller
from glideim.dispatch.ports import Dispatch, Item, Push, Reply
from glideim.gateway.ports import ApiService, PresenceSink
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.ports import MessagePath, Send
from glideim.protocol.actions import RECORDS, Action
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.records import Envelope, Error

from . import records as r
from .link import Link
from .presence import Holding


class Services:
    """What a gateway needs, wherever it is."""

    def __init__(
        self,
        *,
        authenticator: Authenticator,
        messages: MessagePath,
        dispatch: Dispatch,
        api: ApiService,
        presence: PresenceSink,
        holding: Holding,
    ) -> None:
        self.authenticator = authenticator
        self.messages = messages
        self.dispatch = dispatch
        self.api = api
        self.presence = presence
        self.holding = holding


class RemoteGateway:
    """A worker, as dispatch sees it (`GatewayLink`), and the servant of what it asks."""

    def __init__(
        self, node: str, services: Services, *, replace: Callable[[str, int, int], None]
    ) -> None:
        """`replace` makes another node close a connection for a newer login: node, connection, class of device."""
        self.node = node
        self._services = services
        self._replace = replace
        self._tasks: set[asyncio.Task[None]] = set()
        self._crowds: OrderedDict[int, tuple[int, tuple[int, ...]]] = OrderedDict()
        self._crowd_numbers = 0
        self.counted: Mapping[str, int] = {}
        loop = asyncio.get_running_loop()
        self.listening: asyncio.Future[None] = loop.create_future()
        self.drained: asyncio.Future[None] = loop.create_future()
        self.gone: asyncio.Future[None] = loop.create_future()
        self.link: Link[r.FromWorker] = Link(
            msgspec.msgpack.Decoder(list[r.FromWorker]), self._received, self._lost
        )
        self._handlers: dict[type, Callable[[Any], None]] = {
            r.Sends: self._on_sends,
            r.Confirms: self._on_confirms,
            r.Authenticate: self._on_authenticate,
            r.CallApi: self._on_api,
            r.MoveRead: self._on_read,
            r.Act: self._on_act,
            r.Grow: self._on_grow,
            r.PassOn: self._on_pass_on,
            r.Came: self._on_came,
            r.SignedIn: self._on_signed_in,
            r.Left: self._on_left,
            r.Watch: self._on_watch,
            r.Pushed: self._on_pushed,
            r.Counted: self._on_counted,
            r.Listening: self._on_listening,
            r.NotListening: self._on_not_listening,
            r.Drained: self._on_drained,
        }

    # --- GatewayLink --------------------------------------------------------------------------------------

    def deliver(self, batch: Sequence[Item]) -> Sequence[int]:
        """See `GatewayLink`. The connections are those that the worker told of."""
        return [self._push(item) if isinstance(item, Push) else self._reply(item) for item in batch]

    def connected(self, uid: int) -> int:
        """See `GatewayLink`."""
        return sum(held.origin.node == self.node for held in self._services.holding.of(uid))

    def close(
        self, uid: int, code: CloseCode, reason: str, *, session_id: int | None = None
    ) -> None:
        """See `GatewayLink`. In the next turn: the answer to the request that caused it goes first."""
        part = r.CloseOf(uid, code, reason, session_id)
        asyncio.get_running_loop().call_soon(self.link.tell, part)

    def _push(self, push: Push) -> int:
        node, of = self.node, self._services.holding.of
        reached = 0
        for uid in push.uids:
            for held in of(uid):
                if held.origin.node == node and held.origin != push.skip:
                    reached += 1
        if reached or (push.echo and self.connected(push.echo)):
            if len(push.uids) >= r.CROWD:
                self.link.tell(r.pushed(push, (), self._crowd(push.uids)))
            else:
                self.link.tell(r.pushed(push, push.uids))
        return reached

    def _reply(self, reply: Reply) -> int:
        if reply.to.node != self.node:
            return 0
        self.link.tell(r.Replied(reply.to, r.enveloped(reply.envelope)))
        return 1

    def _crowd(self, uids: tuple[int, ...]) -> int:
        """The number of a crowd; the worker is told who is in it the first time."""
        key = id(uids)
        known = self._crowds.get(key)
        if known is not None and known[1] is uids:
            self._crowds.move_to_end(key)
            return known[0]
        self._crowd_numbers += 1
        self._crowds[key] = self._crowd_numbers, uids
        forget = 0
        if len(self._crowds) > r.CROWDS:
            forget = self._crowds.popitem(last=False)[1][0]
        self.link.tell(r.Crowd(self._crowd_numbers, uids, forget))
        return self._crowd_numbers

    # --- what the worker says -------------------------------------------------------------------------------

    def _received(self, parts: list[r.FromWorker]) -> None:
        for part in parts:
            self._handlers[type(part)](part)

    def _lost(self) -> None:
        """The worker is gone, and its connections with it."""
        for uid, origin in self._services.holding.at(self.node):
            self._gone(uid, origin)
        for future in (self.listening, self.drained):
            if not future.done():
                future.set_exception(ConnectionError("the worker ended"))
                future.exception()  # Whoever waits gets it; nobody need.
        self.gone.set_result(None)

    def _gone(self, uid: int, origin: Any) -> None:
        services = self._services
        last = services.holding.left(uid, origin)
        services.presence.left(uid, origin)
        if last:
            services.messages.went_offline(uid)

    def _on_sends(self, part: r.Sends) -> None:
        taken = self._services.messages.submit(part.sends)
        for send in part.sends[taken:]:
            self._no_room(send)

    def _no_room(self, send: Send) -> None:
        text = "too many messages are waiting to be stored"
        error = Error(ErrorCode.UNAVAILABLE, text, True, send.message.cli_mid)
        self._reply(
            Reply(send.origin, Envelope(Action.MESSAGE_FAILED_SEND, send.request_seq, error))
        )

    def _on_confirms(self, part: r.Confirms) -> None:
        self._services.messages.confirm(part.confirms)

    def _on_grow(self, part: r.Grow) -> None:
        self._services.messages.stream(part.uid, part.origin, part.request_seq, part.data)

    def _on_pass_on(self, part: r.PassOn) -> None:
        self._services.messages.transient(part.uid, part.origin, part.data)

    def _on_came(self, part: r.Came) -> None:
        services = self._services
        for other in services.holding.came(part.uid, part.device, part.origin):
            self._replace(other.origin.node, other.origin.conn, part.device)
        services.presence.came(part.uid, part.device, part.session_id, part.origin)

    def _on_signed_in(self, part: r.SignedIn) -> None:
        self._services.messages.signed_in(part.uid, part.origin)

    def _on_left(self, part: r.Left) -> None:
        self._gone(part.uid, part.origin)

    def _on_watch(self, part: r.Watch) -> None:
        try:
            self._services.presence.subscribe(part.uid, part.origin, part.uids)
        except RequestError as error:
            refusal = Error(error.code, error.message, error.retryable)
            self._reply(Reply(part.origin, Envelope(Action.ERROR, 0, refusal)))

    def _on_pushed(self, part: r.Pushed) -> None:
        self._services.dispatch.post((r.item(part, {}),))

    def _on_counted(self, part: r.Counted) -> None:
        self.counted = part.values

    def _on_listening(self, _: r.Listening) -> None:
        self.listening.set_result(None)

    def _on_not_listening(self, part: r.NotListening) -> None:
        self.listening.set_exception(OSError(part.why))

    def _on_drained(self, _: r.Drained) -> None:
        if not self.drained.done():
            self.drained.set_result(None)

    # --- calls ----------------------------------------------------------------------------------------------

    def _on_authenticate(self, part: r.Authenticate) -> None:
        async def work() -> bytes:
            return r.pack(await self._services.authenticator.authenticate(part.token, part.address))

        self._start(part.number, work())

    def _on_api(self, part: r.CallApi) -> None:
        async def work() -> bytes:
            caller = Caller(part.principal, part.address, part.token, part.device)
            data = r.unpack(part.data, RECORDS[part.action])
            return r.pack(await self._services.api.handle(caller, part.action, data))

        self._start(part.number, work())

    def _on_read(self, part: r.MoveRead) -> None:
        async def work() -> bytes:
            await self._services.messages.read(part.uid, part.origin, part.conv, part.seq)
            return b""

        self._start(part.number, work())

    def _on_act(self, part: r.Act) -> None:
        async def work() -> bytes:
            data = r.unpack(part.data, RECORDS[part.action])
            answer = await self._services.messages.act(part.uid, part.origin, part.action, data)
            return b"" if answer is None else r.pack(r.enveloped(answer))

        self._start(part.number, work())

    def _start(self, number: int, work: Awaitable[bytes]) -> None:
        task = asyncio.ensure_future(self._answer(number, work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _answer(self, number: int, work: Awaitable[bytes]) -> None:
        """Whatever happens, the call is answered."""
        try:
            answer = r.Answer(number, await work)
        except RequestError as error:
            answer = r.refused(number, error.code, error.message)
        except StoreUnavailableError as error:
            answer = r.Answer(number, b"", text=str(error), unavailable=True)
        except Exception as error:  # noqa: BLE001 - reported by the loop, answered there
            answer = r.refused(number, ErrorCode.INTERNAL, "the server failed")
            context = {"message": f"a call of {self.node} failed", "exception": error}
            asyncio.get_running_loop().call_exception_handler(context)
        self.link.tell(answer)
