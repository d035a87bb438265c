"""A gateway over wires that are lists: greeting, sign-in, kicks, batches, limits, closing."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from glideim.account.ports import Caller, Principal
from glideim.dispatch.local import LocalDispatch
from glideim.dispatch.ports import Origin, Push, Reply
from glideim.gateway.connection import Connection
from glideim.gateway.gateway import Gateway
from glideim.gateway.options import GatewayOptions
from glideim.kernel.clock import ManualClock
from glideim.kernel.errors import RequestError
from glideim.messaging.ports import Confirm, Send
from glideim.protocol.codec import JsonCodec
from glideim.protocol.codes import CloseCode, ErrorCode
from glideim.protocol.records import Empty, Envelope, Heartbeat, LoggedIn, Message
from glideim.protocol.social import Stream, Transient
from tests.support.wires import RecordingWire

CODEC = JsonCodec()


class People:
    """Tokens are `t<uid>`; `banned` is banned."""

    async def authenticate(self, token: str, address: str = "") -> Principal:
        assert address == "192.0.2.1"
        if token == "banned":
            raise RequestError(ErrorCode.FORBIDDEN, "the account is banned")
        if not token.startswith("t"):
            raise RequestError(ErrorCode.UNAUTHENTICATED, "the token is not valid")
        return Principal(int(token[1:]), 7)


class Messages:
    """Keeps what it was given; has room for `room` sends."""

    def __init__(self) -> None:
        self.batches: list[Sequence[Send]] = []
        self.confirms: list[Confirm] = []
        self.offline: list[int] = []
        self.online: list[int] = []
        self.acts: list[tuple[int, str, Any]] = []
        self.slow: dict[int, int] = {}
        """Turns that changes of the message with this `seq` take."""
        self.room = 1000

    def submit(self, sends: Sequence[Send]) -> int:
        self.batches.append(sends)
        return min(self.room, len(sends))

    def confirm(self, confirms: Sequence[Confirm]) -> None:
        self.confirms.extend(confirms)

    async def read(self, uid: int, origin: Origin, conv: str, seq: int) -> None:
        raise RequestError(
            ErrorCode.NOT_FOUND, f"{uid} has no {conv} up to {seq} from {origin.conn}"
        )

    async def act(self, uid: int, origin: Origin, action: str, data: Any) -> Envelope | None:
        await turns(self.slow.get(data.seq, 0))
        self.acts.append((uid, action, data))
        return Envelope(action, 0, data)

    def stream(self, uid: int, origin: Origin, request_seq: int, data: Stream) -> None:
        self.acts.append((uid, "message.stream", data))

    def transient(self, uid: int, origin: Origin, data: Transient) -> None:
        self.acts.append((uid, "message.cli", data))

    def signed_in(self, uid: int, origin: Origin) -> None:
        self.online.append(uid)

    def went_offline(self, uid: int) -> None:
        self.offline.append(uid)


class Presence:
    """Keeps what it was told; nobody may watch 13."""

    def __init__(self) -> None:
        self.here: dict[Origin, tuple[int, int, int]] = {}
        self.watching: list[tuple[int, Origin, Sequence[int]]] = []

    def came(self, uid: int, device: int, session_id: int, origin: Origin) -> None:
        self.here[origin] = (uid, device, session_id)

    def left(self, uid: int, origin: Origin) -> None:
        assert self.here.pop(origin)[0] == uid

    def subscribe(self, uid: int, origin: Origin, uids: Sequence[int]) -> None:
        if 13 in uids:
            raise RequestError(ErrorCode.TOO_LARGE, "not 13")
        self.watching.append((uid, origin, uids))


class Api:
    """`api.users.me` answers, `api.auth.login` is public, `api.sync` crashes; a refreshed token has
    one more 0."""

    async def handle(self, caller: Caller, action: str, data: Any) -> Any:
        if action == "api.sync":
            raise ZeroDivisionError(f"for {caller.address}")
        if action == "api.auth.refresh":
            return LoggedIn(token=f"{caller.token}0")
        return Empty()

    def is_public(self, action: str) -> bool:
        return action == "api.auth.login"


class Bench:
    """A gateway and what surrounds it."""

    def __init__(self, **options: Any) -> None:
        self.messages = Messages()
        self.presence = Presence()
        self.dispatch = LocalDispatch()
        self.allowed = True
        self.gateway = Gateway(
            options=GatewayOptions(**options),
            clock=ManualClock(),
            authenticator=People(),
            messages=self.messages,
            dispatch=self.dispatch,
            api=Api(),
            presence=self.presence,
            may_send=lambda _: self.allowed,
        )
        self.dispatch.attach(self.gateway)

    def open(self) -> tuple[RecordingWire, Connection]:
        wire = RecordingWire()
        return wire, self.gateway.opened(wire, CODEC, "192.0.2.1")

    def say(self, connection: Connection, **envelope: Any) -> None:
        self.gateway.received(connection, msgspec.json.encode(envelope))

    async def sign_in(
        self, uid: int, device: int = 1, **auth: Any
    ) -> tuple[RecordingWire, Connection]:
        wire, connection = self.open()
        self.say(
            connection, action="auth", seq=1, data={"token": f"t{uid}", "device": device, **auth}
        )
        await turns()
        assert [e["action"] for e in wire.take()] == ["hello", "auth.ok"]
        return wire, connection


async def turns(count: int = 5) -> None:
    """Let the loop come round."""
    for _ in range(count):
        await asyncio.sleep(0)


def close_code(wire: RecordingWire) -> int | None:
    """The code that the wire was closed with; a call, so that nobody takes it for constant."""
    return None if wire.closed is None else wire.closed[0]


def actions(wire: RecordingWire) -> list[str]:
    return [envelope["action"] for envelope in wire.take()]


async def test_hello_says_what_the_client_needs() -> None:
    bench = Bench(heartbeat=12.0, max_frame=2048, node="n-1", server="glideim/9")
    wire, _ = bench.open()
    await turns()
    [hello] = wire.take()
    assert hello["action"] == "hello" and "seq" not in hello
    data = hello["data"]
    assert (data["heartbeat"], data["maxFrame"], data["server"]) == (12, 2048, "glideim/9")
    assert data["serverTime"] == ManualClock().now_ms()
    assert data["connId"].startswith("n-1-") and "json" in data["codecs"]


async def test_each_refresh_takes_the_place_of_the_token_before() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(5)
    for seq in (2, 3):
        bench.say(connection, action="api.auth.refresh", seq=seq)
        await turns()
    assert [envelope["data"]["token"] for envelope in wire.take()] == ["t50", "t500"]


async def test_sign_in_is_answered_and_a_second_one_refused() -> None:
    bench = Bench(node="n-1")
    wire, connection = bench.open()
    bench.say(connection, action="auth", seq=4, data={"token": "t5", "device": 2})
    await turns()
    answer = wire.take()[-1]
    assert answer["seq"] == 4
    assert answer["data"] == {
        "uid": 5,
        "device": 2,
        "serverTime": ManualClock().now_ms(),
        "node": "n-1",
    }
    bench.say(connection, action="auth", seq=5, data={"token": "t5", "device": 2})
    await turns()
    [refused] = wire.take()
    assert (refused["action"], refused["seq"], refused["data"]["code"]) == ("error", 5, "conflict")


@pytest.mark.parametrize(
    ("token", "code", "error"),
    [
        ("nonsense", CloseCode.TOKEN_INVALID, "unauthenticated"),
        ("banned", CloseCode.BANNED, "forbidden"),
    ],
)
async def test_a_token_that_is_no_good_closes(token: str, code: CloseCode, error: str) -> None:
    bench = Bench()
    wire, connection = bench.open()
    bench.say(connection, action="auth", seq=1, data={"token": token, "device": 1})
    await turns()
    _, refusal, close = wire.take()
    assert (refusal["action"], refusal["seq"], refusal["data"]["code"]) == ("error", 1, error)
    assert (close["action"], close["data"]["code"]) == ("notify.close", code)
    assert close_code(wire) == code


@pytest.mark.parametrize("device", [0, -1, 100])
async def test_a_device_class_out_of_range_is_a_bad_request(device: int) -> None:
    bench = Bench()
    wire, connection = bench.open()
    bench.say(connection, action="auth", seq=1, data={"token": "t1", "device": device})
    await turns()
    assert wire.take()[-1]["data"]["code"] == "bad_request"
    bench.say(connection, action="auth", seq=2, data={"token": "t1", "device": 1})
    await turns()
    assert actions(wire) == ["auth.ok"]


@pytest.mark.parametrize(
    "action", ["message.chat", "ack.request", "message.read", "api.users.me", "nonsense"]
)
async def test_before_sign_in_nothing_else_is_served(action: str) -> None:
    bench = Bench()
    wire, connection = bench.open()
    await turns()
    wire.take()
    bench.say(connection, action=action, seq=3, data={"cliMid": "m"})
    await turns()
    [refusal] = wire.take()
    assert refusal["seq"] == 3
    assert refusal["data"]["code"] == "unauthenticated"
    assert bench.messages.batches == [] and bench.messages.confirms == []


async def test_before_sign_in_heartbeats_and_public_calls_are_served() -> None:
    bench = Bench()
    wire, connection = bench.open()
    bench.say(connection, action="heartbeat")
    bench.say(connection, action="api.auth.login", seq=2, data={})
    await turns()
    assert actions(wire) == ["hello", "api.ok"]


async def test_the_same_device_class_is_kicked_and_the_others_are_told() -> None:
    bench = Bench()
    phone, _ = await bench.sign_in(5, device=1)
    desk, _ = await bench.sign_in(5, device=4)
    assert actions(phone) == ["notify.login"]
    newer, _ = await bench.sign_in(5, device=1)
    kicked, closed = phone.take()
    assert (kicked["action"], kicked["data"]["device"]) == ("notify.kickout", 1)
    assert closed["data"]["code"] == 4100 and phone.closed is not None and phone.closed[0] == 4100
    [login] = desk.take()
    assert (login["action"], login["data"]["device"]) == ("notify.login", 1)
    assert newer.closed is None and newer.take() == []
    assert bench.messages.offline == [], "the person never was offline"


async def test_one_device_at_a_time_if_configured() -> None:
    bench = Bench(devices="one")
    phone, _ = await bench.sign_in(5, device=1)
    await bench.sign_in(6, device=1)
    desk, _ = await bench.sign_in(5, device=4)
    assert actions(phone) == ["notify.kickout", "notify.close"]
    assert close_code(phone) == CloseCode.KICKED
    assert close_code(desk) is None
    assert bench.gateway.connected(5) == bench.gateway.connected(6) == 1


async def test_any_number_of_devices_if_configured() -> None:
    bench = Bench(devices="unlimited")
    wires = [(await bench.sign_in(5, device=1))[0] for _ in range(4)]
    assert bench.gateway.connected(5) == 4
    assert [close_code(wire) for wire in wires] == [None] * 4
    assert actions(wires[0]) == ["notify.login"] * 3


async def test_presence_learns_who_comes_and_goes() -> None:
    bench = Bench()
    _, phone = await bench.sign_in(5, device=1)
    _, desk = await bench.sign_in(5, device=4)
    bench.open()
    assert bench.presence.here == {phone.origin: (5, 1, 7), desk.origin: (5, 4, 7)}
    _, newer = await bench.sign_in(5, device=1)
    assert set(bench.presence.here) == {newer.origin, desk.origin}
    bench.gateway.end(desk, CloseCode.IDLE_TIMEOUT, "silence")
    bench.gateway.closed(desk)
    bench.gateway.closed(phone)
    assert set(bench.presence.here) == {newer.origin}


async def test_subscriptions_to_presence() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(5)
    bench.say(connection, action="presence.sub", seq=2, data={"uids": [7, 8]})
    bench.say(connection, action="presence.sub", seq=3, data={"uids": [13]})
    await turns()
    assert bench.presence.watching == [(5, connection.origin, (7, 8))]
    [error] = wire.take()
    assert (error["action"], error["seq"], error["data"]["code"]) == ("error", 3, "too_large")
    stranger, unknown = bench.open()
    bench.say(unknown, action="presence.sub", seq=4, data={"uids": [7]})
    await turns()
    assert [e["data"].get("code") for e in stranger.take()] == [None, "unauthenticated"]
    assert len(bench.presence.watching) == 1


async def test_what_one_turn_read_is_one_batch_in_order() -> None:
    bench = Bench()
    _, first = await bench.sign_in(1)
    _, second = await bench.sign_in(2)
    for n in range(3):
        for connection in (first, second):
            bench.say(connection, action="message.chat", seq=n, data={"cliMid": f"m{n}", "to": 9})
    await turns()
    [batch] = bench.messages.batches
    assert [(send.uid, send.request_seq) for send in batch] == [
        (1, 0),
        (2, 0),
        (1, 1),
        (2, 1),
        (1, 2),
        (2, 2),
    ]


@pytest.mark.parametrize("action", ["message.chat", "message.chat.retry", "message.group"])
@pytest.mark.parametrize("status", [1, 4, 101])
async def test_a_sender_does_not_say_what_has_become_of_a_message(action: str, status: int) -> None:
    bench = Bench()
    _, connection = await bench.sign_in(1)
    data = {"cliMid": "m", "to": 9, "type": 1, "content": "hi", "status": status}
    bench.say(connection, action=action, seq=1, data=data)
    await turns()
    [[send]] = bench.messages.batches
    assert (send.message.status, send.message.content) == (0, "hi")


async def test_sends_without_room_are_refused_before_anything_is_stored() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    bench.messages.room = 1
    for n in (1, 2):
        bench.say(connection, action="message.chat", seq=n, data={"cliMid": f"m{n}", "to": 9})
    await turns()
    [refusal] = wire.take()
    assert (refusal["action"], refusal["seq"]) == ("message.failed.send", 2)
    assert refusal["data"]["code"] == "unavailable" and refusal["data"]["retryable"] is True
    assert refusal["data"]["cliMid"] == "m2"


async def test_a_sender_beyond_its_rate_is_refused() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    bench.allowed = False
    bench.say(connection, action="message.chat", seq=1, data={"cliMid": "m", "to": 9})
    await turns()
    [refusal] = wire.take()
    assert (refusal["action"], refusal["data"]["code"]) == ("message.failed.send", "rate_limited")
    assert refusal["data"]["cliMid"] == "m"


async def test_everything_that_waits_leaves_in_one_write() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    for n in range(3):
        envelope = Envelope("message.chat", 0, Message(mid=n + 1))
        bench.gateway.deliver(
            [Push((1,), envelope), Reply(connection.origin, Envelope("heartbeat"))]
        )
    await turns()
    assert [len(write) for write in wire.writes] == [6]


async def test_a_client_that_takes_batches_gets_one_frame() -> None:
    bench = Bench()
    wire, _ = await bench.sign_in(1, batch=True)
    for n in range(3):
        bench.gateway.deliver([Push((1,), Envelope("message.chat", 0, Message(mid=n + 1)))])
    await turns()
    [[frame]] = wire.writes
    assert [e["data"]["mid"] for e in msgspec.json.decode(frame)] == [1, 2, 3]


async def test_batches_stay_within_the_largest_frame() -> None:
    bench = Bench(max_frame=4096)
    wire, _ = await bench.sign_in(1, batch=True)
    for n in range(20):
        bench.gateway.deliver(
            [Push((1,), Envelope("message.chat", 0, Message(mid=n + 1, content="x" * 500)))]
        )
    await turns()
    [frames] = wire.writes
    assert len(frames) > 1 and all(len(frame) <= 4096 for frame in frames)
    assert [e["data"]["mid"] for e in wire.take()] == list(range(1, 21))


async def test_push_counts_receivers_but_not_the_echo_and_skips_the_origin() -> None:
    bench = Bench()
    own, connection = await bench.sign_in(1, device=1)
    other, _ = await bench.sign_in(1, device=4)
    peer, _ = await bench.sign_in(2)
    await turns()
    own.take()
    push = Push((2,), Envelope("message.chat", 0, Message(mid=1)), 1, connection.origin)
    assert list(bench.gateway.deliver([push])) == [1]
    await turns()
    assert actions(own) == []
    assert actions(other) == ["message.chat"]
    assert actions(peer) == ["message.chat"]
    assert list(bench.gateway.deliver([Push((3,), Envelope("heartbeat"))])) == [0]


async def test_an_outbox_that_is_not_read_is_given_up_not_grown() -> None:
    bench = Bench(outbox_bytes=65536)
    wire, connection = await bench.sign_in(1)
    bench.gateway.blocked(connection)
    for n in range(200):
        bench.gateway.deliver(
            [Push((1,), Envelope("message.chat", 0, Message(mid=n + 1, content="x" * 1000)))]
        )
    assert close_code(wire) == CloseCode.TOO_SLOW
    assert actions(wire) == ["notify.close"]
    assert connection.outbox_bytes == 0
    assert list(bench.gateway.deliver([Push((1,), Envelope("heartbeat"))])) == [0]
    assert bench.messages.offline == [1]


async def test_one_frame_alone_is_never_too_much_for_an_outbox() -> None:
    bench = Bench(outbox_bytes=65536)
    wire, connection = await bench.sign_in(1)
    await turns()
    wire.take()
    large = Push((1,), Envelope("message.chat", 0, Message(mid=1, content="x" * 70_000)))
    bench.gateway.deliver([large])
    await turns()
    assert actions(wire) == ["message.chat"]
    bench.gateway.blocked(connection)
    bench.gateway.deliver([large])
    assert close_code(wire) is None
    bench.gateway.deliver([Push((1,), Envelope("heartbeat"))])
    assert close_code(wire) == CloseCode.TOO_SLOW


async def test_a_blocked_socket_gets_what_waits_when_it_takes_more() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    bench.gateway.blocked(connection)
    bench.gateway.deliver([Push((1,), Envelope("heartbeat"))] * 3)
    await turns()
    assert wire.writes == []
    bench.gateway.unblocked(connection)
    await turns()
    assert [len(write) for write in wire.writes] == [3]


async def test_silence_is_answered_with_heartbeats_then_with_4001() -> None:
    bench = Bench(heartbeat=30.0, heartbeat_misses=3)
    wire, connection = await bench.sign_in(1)
    bench.gateway.liveness.advance(29)
    await turns()
    assert actions(wire) == []
    bench.gateway.liveness.advance(31)
    await turns()
    assert actions(wire) == ["heartbeat", "heartbeat"]
    bench.say(connection, action="heartbeat")
    bench.gateway.liveness.advance(29)
    await turns()
    assert actions(wire) == [], "any frame counts as life"
    bench.gateway.liveness.advance(1 + 2 * 30 + 29)
    await turns()
    assert actions(wire).count("heartbeat") == 3
    assert close_code(wire) is None
    bench.gateway.liveness.advance(31)
    assert close_code(wire) == CloseCode.IDLE_TIMEOUT


async def test_who_does_not_sign_in_is_closed() -> None:
    bench = Bench(auth_timeout=10.0)
    wire, connection = bench.open()
    bench.gateway.liveness.advance(9)
    bench.say(connection, action="heartbeat")
    assert close_code(wire) is None
    bench.gateway.liveness.advance(2)
    assert close_code(wire) == CloseCode.AUTH_TIMEOUT


async def test_a_socket_that_takes_nothing_is_closed_even_if_little_waits() -> None:
    bench = Bench(blocked_timeout=30.0)
    wire, connection = await bench.sign_in(1)
    bench.gateway.blocked(connection)
    bench.gateway.deliver([Push((1,), Envelope("heartbeat"))])
    for _ in range(12):
        bench.gateway.liveness.advance(10)
        bench.gateway.received(connection, CODEC.encode(Envelope("heartbeat", 0, Heartbeat())))
    assert close_code(wire) == CloseCode.TOO_SLOW


async def test_the_third_unreadable_frame_in_a_minute_closes() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    for _ in range(2):
        bench.gateway.received(connection, b"not json")
    bench.gateway.liveness.advance(61)
    bench.gateway.received(connection, b"{")
    await turns()
    assert close_code(wire) is None
    assert {e["data"]["code"] for e in wire.take() if e["action"] == "error"} == {"bad_request"}
    for _ in range(2):
        bench.gateway.received(connection, b"\xff")
    assert close_code(wire) == CloseCode.PROTOCOL_ERROR


async def test_valid_frames_with_bad_requests_do_not_count_towards_4010() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    for n in range(5):
        bench.say(connection, action="message.chat", seq=n, data={"cliMid": "m", "to": "somebody"})
        bench.say(connection, action="no.such.thing", seq=n)
    await turns()
    assert close_code(wire) is None
    codes = [(e["action"], e["data"]["code"]) for e in wire.take()]
    assert set(codes) == {("message.failed.send", "bad_request"), ("error", "unsupported")}


async def test_actions_of_the_server_are_not_for_clients() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    for action in ("ack.message", "hello", "auth.ok", "notify.close", "api.ok"):
        bench.say(connection, action=action, seq=1)
    await turns()
    assert [e["data"]["code"] for e in wire.take()] == ["unsupported"] * 5


async def test_requests_that_fail_are_answered_whatever_happened() -> None:
    bench = Bench()
    problems: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: problems.append(context["message"])
    )
    wire, connection = await bench.sign_in(1)
    bench.say(connection, action="message.read", seq=1, data={"conv": "c:2:3", "seq": 1})
    bench.say(connection, action="api.sync", seq=2, data={})
    bench.say(connection, action="api.users.me", seq=3)
    await turns()
    by_seq = {e["seq"]: e for e in wire.take()}
    assert by_seq[1]["data"]["code"] == "not_found"
    assert by_seq[2]["data"]["code"] == "internal" and "division" not in str(by_seq[2])
    assert by_seq[3]["action"] == "api.ok"
    assert problems == ["api.sync failed"]


async def test_calls_under_way_are_bounded() -> None:
    bench = Bench(api_calls=2)
    wire, connection = await bench.sign_in(1)
    for n in range(3):
        bench.say(connection, action="api.users.me", seq=n + 1)
    await turns()
    assert sorted((e["seq"], e["action"]) for e in wire.take()) == [
        (1, "api.ok"),
        (2, "api.ok"),
        (3, "error"),
    ]


async def test_closing_by_person_takes_effect_after_the_answer_and_can_be_limited_to_a_session() -> (
    None
):
    bench = Bench()
    wire, connection = await bench.sign_in(1)
    bench.gateway.close(1, CloseCode.LOGGED_OUT, "bye", session_id=8)
    await turns()
    assert close_code(wire) is None
    bench.gateway.close(1, CloseCode.LOGGED_OUT, "bye", session_id=7)
    bench.gateway.put(connection, Envelope("api.ok", 1, Empty()))
    await turns()
    assert actions(wire) == ["api.ok", "notify.close"]
    assert wire.closed == (4103, "bye")
    assert bench.messages.offline == [1]


async def test_drain_sends_everybody_away_with_a_time_to_return() -> None:
    bench = Bench()
    wires = [(await bench.sign_in(uid))[0] for uid in range(1, 6)]
    await bench.gateway.drain()
    bench.gateway.send_away()
    for wire in wires:
        close = wire.take()[-1]
        assert close["data"]["code"] == 4000 and close["data"]["reconnectAfter"] > 0
    late, _ = bench.open()
    assert late.closed is not None and late.closed[0] == CloseCode.GOING_AWAY


async def test_too_many_connections_are_sent_elsewhere() -> None:
    bench = Bench(max_connections=2)
    kept = [bench.open()[0] for _ in range(2)]
    refused, connection = bench.open()
    assert [wire.closed for wire in kept] == [None, None]
    assert refused.closed is not None and refused.closed[0] == CloseCode.GOING_AWAY
    bench.gateway.closed(connection)
    assert bench.gateway.statistics()["connections"] == 2


async def test_a_person_is_offline_when_the_last_connection_goes() -> None:
    bench = Bench()
    _, first = await bench.sign_in(1, device=1)
    _, second = await bench.sign_in(1, device=2)
    bench.gateway.closed(first)
    assert bench.messages.offline == [] and bench.gateway.connected(1) == 1
    bench.gateway.closed(second)
    assert bench.messages.offline == [1] and bench.gateway.connected(1) == 0


async def test_changes_of_messages_are_made_in_the_order_in_which_they_were_asked_for() -> None:
    bench = Bench()
    wire, connection = await bench.sign_in(5)
    _, other = await bench.sign_in(6)
    bench.messages.slow = {1: 30, 2: 5}
    for seq in (1, 2, 3):
        data = {"conv": "c:5:6", "seq": seq, "key": "+", "on": True}
        bench.say(connection, action="message.react", seq=10 + seq, data=data)
    bench.say(other, action="message.pin", seq=20, data={"conv": "c:5:6", "seq": 4, "on": True})
    await turns(10)
    assert [data.seq for *_, data in bench.messages.acts] == [4], "others do not wait"
    await turns(60)
    assert [data.seq for *_, data in bench.messages.acts] == [4, 1, 2, 3]
    assert [e["seq"] for e in wire.take() if "seq" in e] == [11, 12, 13]
