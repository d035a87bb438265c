"""The client as an application sees it, against a server in memory."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import pytest

from glideim.client import (
    Client,
    ClientClosedError,
    ClientError,
    Connected,
    Credentials,
    Delivered,
    Disconnected,
    Failed,
    FileStore,
    Kicked,
    MemoryStore,
    Read,
    RequestFailed,
    SendFailed,
    SignedOut,
    SignedOutError,
    Skipped,
    Stored,
    Synced,
)
from glideim.protocol.actions import Action
from glideim.protocol.records import Error, NotifyDevice, User

from .world import ManualTimers, World, next_of, settle

CONV = "c:1:2"


async def started(client: Client) -> Client:
    client.start()
    await settle()
    assert client.is_connected
    return client


async def drain(client: Client, **how: Any) -> list[str | None]:
    """Everything that is here now, confirmed."""
    stream = client.messages(confirm="taken", **how)
    found: list[str | None] = []
    while True:
        task = asyncio.ensure_future(anext(stream))
        await settle()
        if not task.done():
            task.cancel()
            stream.close()
            return found
        found.append((await task).content)


# --- signing in -----------------------------------------------------------------------------------------------


async def test_registers_and_signs_in(world: World) -> None:
    async with world.client() as client:
        assert await client.register("dave", "secret") == 4
        assert not client.is_connected
        assert await client.login("dave", "secret") == 4
        assert (client.uid, client.is_connected) == (4, True)


async def test_wrong_password_is_refused_and_nobody_is_signed_in(world: World) -> None:
    async with world.client() as client:
        with pytest.raises(RequestFailed) as refusal:
            await client.login("alice", "wrong")
        assert refusal.value.code == "unauthenticated"
        with pytest.raises(SignedOutError):
            await client.send(2, "hi")
        assert client.uid == 0


async def test_stays_signed_in_through_a_restart(world: World, tmp_path: Path) -> None:
    async with world.client(store=FileStore(tmp_path / "a.db")) as client:
        await client.login("alice", "secret")
    async with world.client(store=FileStore(tmp_path / "a.db")) as client:
        await settle()
        assert (client.uid, client.is_connected) == (1, True)


async def test_a_token_is_enough(world: World) -> None:
    async with world.client() as client:
        assert await client.login_with(world.issue(2)) == 2
        assert (await client.send(1, "hi")).conv == CONV


async def test_a_token_that_is_not_valid_signs_out(world: World) -> None:
    async with world.client() as client:
        events = client.events()
        with pytest.raises(SignedOutError):
            await client.login_with("forged")
        assert (await next_of(events, SignedOut)).code == 4101
        assert not (await next_of(events, Disconnected)).will_retry


async def test_a_guest_needs_no_password(world: World) -> None:
    async with world.client() as client:
        uid = await client.guest("G")
        assert client.uid == uid >= 1000


async def test_another_account_takes_over_and_leaves_the_first_ones_outbox_alone(
    world: World, timers: ManualTimers
) -> None:
    store = MemoryStore()
    async with world.client(1, store=store) as client:
        await settle()
        world.silent.add(Action.MESSAGE_CHAT)
        waiting = client.submit(2, "from alice")
        await settle()
        assert await client.login("bob", "secret") == 2
        with pytest.raises(SignedOutError):
            await waiting.stored()
        assert client.waiting() == []
    assert [m.content for m in store.load(1).outbox] == ["from alice"]


async def test_logout_ends_the_session_and_the_token(world: World) -> None:
    store = MemoryStore()
    async with world.client(1, store=store) as client:
        await settle()
        events = client.events()
        await client.logout()
        await next_of(events, SignedOut)
        await settle()
        assert store.credentials() is None
        assert not client.is_connected
        with pytest.raises(SignedOutError):
            await client.me()


async def test_the_token_is_refreshed_at_half_of_its_life(
    world: World, timers: ManualTimers
) -> None:
    store = MemoryStore()
    async with world.client(store=store) as client:
        await client.login("alice", "secret")
        first = store.credentials()
        assert first is not None
        await timers.advance(world.lifetime_ms / 2000 + 1)
        second = store.credentials()
        assert second is not None
        assert second.token != first.token
        assert second.expires_at > first.expires_at


async def test_a_failed_refresh_is_tried_again(world: World, timers: ManualTimers) -> None:
    store = MemoryStore()
    async with world.client(store=store) as client:
        await client.login("alice", "secret")
        first = store.credentials()
        world.silent.add(Action.API_AUTH_REFRESH)
        await timers.advance(world.lifetime_ms / 2000 + 1)
        assert store.credentials() == first
        world.silent.clear()
        await timers.advance(120)
        assert store.credentials() != first


# --- sending --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("codec", ["json", "protobuf"])
async def test_a_message_is_stored_and_delivered(world: World, codec: str) -> None:
    async with world.client(1, codec=codec) as alice, world.client(2, codec=codec) as bob:
        await settle()
        sent = await alice.send(2, "héllo", type=11, mentions=[2])
        assert (sent.conv, sent.seq, sent.is_delivered) == (CONV, 1, False)
        stream = bob.messages()
        message = await anext(stream)
        assert (message.content, message.from_, message.cli_mid) == ("héllo", 1, sent.cli_mid)
        await settle()
        assert not sent.is_delivered, "bob is not done with it"
        bob.confirm(message)
        await sent.delivered()
        assert alice.delivered_up_to(CONV) == 1


async def test_an_ack_that_is_late_makes_a_retry_and_no_second_copy(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.mute_acks = 1
        sending = client.submit(2, "once")
        await timers.advance(4.9)
        assert not sending.done()
        await timers.advance(0.2)
        assert (await sending.stored()).seq == 1
        assert world.stored(1, 2) == ["once"]
        actions = [action for _, action, _ in world.received if action.startswith("message.")]
        assert actions == [Action.MESSAGE_CHAT, Action.MESSAGE_CHAT_RETRY]


async def test_what_was_on_its_way_is_sent_again_in_order_and_before_what_is_new(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1, window=4) as client:
        await settle()
        world.silent.add(Action.MESSAGE_CHAT)
        sendings = [client.submit(2, f"m{n}") for n in range(8)]
        await settle()
        world.silent.clear()
        world.of(1)[0].break_off()
        await settle()
        sendings += [client.submit(2, f"m{n}") for n in range(8, 10)]
        await timers.advance(1)
        assert [(await sending.stored()).seq for sending in sendings] == list(range(1, 11))
        assert world.stored(1, 2) == [f"m{n}" for n in range(10)]


async def test_an_ack_lost_with_its_connection_is_made_good_by_the_retry(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.mute_acks = 3
        sendings = [client.submit(2, f"m{n}") for n in range(3)]
        await settle()
        world.of(1)[0].break_off()
        await timers.advance(1)
        assert [(await sending.stored()).seq for sending in sendings] == [1, 2, 3]
        assert world.stored(1, 2) == ["m0", "m1", "m2"]
        assert await drain(client) == [], "one's own messages are not shown again"


async def test_messages_wait_for_a_connection_and_survive_a_restart(
    world: World, timers: ManualTimers, tmp_path: Path
) -> None:
    world.refusing_connections = True
    async with world.client(1, store=FileStore(tmp_path / "a.db")) as client:
        store_copy = Credentials(1, world.issue(1))
        sendings = [client.submit(2, f"m{n}") for n in range(3)]
        await timers.advance(5)
        assert [m.content for m in client.waiting()] == ["m0", "m1", "m2"]
    for sending in sendings:
        with pytest.raises(ClientClosedError):
            await sending.stored()
    world.refusing_connections = False
    store = FileStore(tmp_path / "a.db")
    store.save_credentials(store_copy)
    async with world.client(1, store=store) as client:
        events = client.events()
        last = client.submit(2, "m3")
        assert (await last.stored()).seq == 4
        assert [(await next_of(events, Stored)).seq for _ in range(4)] == [1, 2, 3, 4]
    assert world.stored(1, 2) == ["m0", "m1", "m2", "m3"]


async def test_without_queueing_a_message_is_refused_when_not_connected(world: World) -> None:
    world.refusing_connections = True
    async with world.client(1) as client:
        with pytest.raises(SendFailed, match="not connected") as refusal:
            await client.send(2, "now or never", queue=False)
        assert (refusal.value.code, refusal.value.retryable) == ("unavailable", True)
        assert client.waiting() == []


async def test_the_outbox_is_bounded(world: World) -> None:
    world.refusing_connections = True
    async with world.client(1, outbox_limit=2) as client:
        for n in range(2):
            client.submit(2, f"m{n}")
        with pytest.raises(SendFailed, match="full"):
            client.submit(2, "m2")


@pytest.mark.parametrize(
    ("to", "content", "code"),
    [
        (0, "x", "bad_request"),
        (2, "x" * (32 * 1024 + 1), "too_large"),
        (2, "ä" * (16 * 1024 + 1), "too_large"),
    ],
)
async def test_what_no_server_takes_is_refused_here(
    world: World, to: int, content: str, code: str
) -> None:
    async with world.client(1) as client:
        with pytest.raises(SendFailed) as refusal:
            await client.send(to, content)
        assert refusal.value.code == code


async def test_a_message_that_fits_no_frame_is_refused_and_holds_up_nothing(world: World) -> None:
    world.max_frame = 1000
    async with world.client(1) as client:
        await settle()
        with pytest.raises(SendFailed) as refusal:
            await client.send(2, "x" * 1000)
        assert refusal.value.code == "too_large"
        assert (await client.send(2, "short")).seq == 1


async def test_a_refusal_is_raised_and_the_message_is_gone(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        events = client.events()
        world.refuse_sends = ["blocked"]
        with pytest.raises(SendFailed) as refusal:
            await client.send(2, "hi")
        assert (refusal.value.code, refusal.value.retryable) == ("blocked", False)
        assert (await next_of(events, Failed)).code == "blocked"
        assert client.waiting() == []


async def test_a_refusal_for_the_moment_is_tried_again(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        world.refuse_sends = ["unavailable", "rate_limited"]
        sending = client.submit(2, "hi")
        await settle()
        assert not sending.done()
        await timers.advance(5)
        assert (await sending.stored()).seq == 1


async def test_a_server_that_keeps_refusing_is_given_up_after_the_deadline(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1, refusal_deadline=20.0) as client:
        await settle()
        world.refuse_sends = ["unavailable"] * 1000
        sending = client.submit(2, "hi")
        await timers.advance(19)
        assert not sending.done()
        await timers.advance(60)
        with pytest.raises(SendFailed) as refusal:
            await sending.stored()
        assert (refusal.value.code, refusal.value.retryable) == ("unavailable", True)
        assert len(world.refuse_sends) > 980, "tries are spaced out"


async def test_with_a_window_of_one_order_holds_even_when_one_is_refused(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1, window=1) as client:
        await settle()
        world.refuse_sends = ["rate_limited"]
        sendings = [client.submit(2, f"m{n}") for n in range(5)]
        await timers.advance(5)
        assert [(await sending.stored()).seq for sending in sendings] == [1, 2, 3, 4, 5]


async def test_an_error_without_a_cli_mid_is_matched_by_its_request(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        world.silent.add(Action.MESSAGE_CHAT)
        sending = client.submit(2, "hi")
        await settle()
        # A client's requests are numbered from 1: auth, sync, and this one.
        world.of(1)[0].tell(Action.ERROR, Error("forbidden", "not you"), 3)
        with pytest.raises(SendFailed, match="not you"):
            await sending.stored()


async def test_whoever_stops_waiting_does_not_stop_the_message(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.mute_acks = 1
        task = asyncio.ensure_future(client.send(2, "hi"))
        await settle()
        task.cancel()
        await timers.advance(10)
        assert client.waiting() == []
        assert world.stored(1, 2) == ["hi"]


async def test_a_writer_that_is_paused_sends_nothing_new(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        receiver = world.of(1)[0].receiver
        receiver.writable(yes=False)
        sending = client.submit(2, "hi")
        await settle()
        assert world.stored(1, 2) == []
        receiver.writable(yes=True)
        assert (await sending.stored()).seq == 1


# --- receiving ------------------------------------------------------------------------------------------------


async def test_what_was_missed_comes_first_then_what_is_new(world: World) -> None:
    for n in range(10):
        world.say(2, 1, f"m{n}")
        world.say(3, 1, f"c{n}")
    async with world.client(1) as client:
        await settle()
        world.say(2, 1, "m10")
        found = await drain(client)
    assert [text for text in found if text and text[0] == "m"] == [f"m{n}" for n in range(11)]
    assert [text for text in found if text and text[0] == "c"] == [f"c{n}" for n in range(10)]


async def test_the_same_push_again_is_dropped(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        message = world.say(2, 1, "once")
        world.push(message)
        world.push(message)
        await settle()
        assert await drain(client) == ["once"]


async def test_a_lost_push_is_pulled(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        world.say(2, 1, "m1")
        world.say(2, 1, "m2", push=False)
        world.say(2, 1, "m3", push=False)
        world.say(2, 1, "m4")
        assert await drain(client) == ["m1"]
        await timers.advance(0.2)
        assert await drain(client) == ["m2", "m3", "m4"]


async def test_pushes_in_the_wrong_order_are_put_right_without_a_pull(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        messages = [world.say(2, 1, f"m{n}", push=False) for n in range(4)]
        for n in (3, 1, 0, 2):
            world.push(messages[n])
        assert await drain(client) == ["m0", "m1", "m2", "m3"]
        await timers.advance(1)
        assert Action.API_MESSAGES_LIST not in {action for _, action, _ in world.received}


async def test_an_ack_that_overtakes_a_push_leaves_no_hole(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        missed = world.say(2, 1, "theirs", push=False)
        assert (await client.send(2, "mine")).seq == 2
        assert await drain(client) == []
        world.push(missed)
        assert await drain(client) == ["theirs"]
        world.say(2, 1, "next")
        assert await drain(client) == ["next"]


async def test_own_messages_of_other_devices_come_unless_not_wanted(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        world.say(1, 2, "from my phone")
        world.say(2, 1, "answer")
        assert await drain(client) == ["from my phone", "answer"]
        world.say(1, 2, "from my phone")
        world.say(2, 1, "answer")
        assert await drain(client, own=False) == ["answer"]


async def test_nothing_is_repeated_and_nothing_missed_after_a_restart(
    world: World, timers: ManualTimers, tmp_path: Path
) -> None:
    seen: list[str | None] = []
    for round_number in range(4):
        for n in range(7):
            world.say(2, 1, f"m{round_number}.{n}")
        async with world.client(1, store=FileStore(tmp_path / "a.db")) as client:
            await settle()
            for n in range(3):
                await client.send(2, f"mine{round_number}.{n}")
            stream = client.messages(confirm="taken")
            seen += [(await anext(stream)).content for _ in range(6)]
    async with world.client(1, store=FileStore(tmp_path / "a.db")) as client:
        await settle()
        await timers.advance(1)
        seen += await drain(client)
    assert seen == [f"m{r}.{n}" for r in range(4) for n in range(7)]


async def test_what_the_application_was_working_on_when_it_died_comes_again(world: World) -> None:
    store = MemoryStore()
    world.say(2, 1, "m1")
    world.say(2, 1, "m2")
    async with world.client(1, store=store) as client:
        stream = client.messages()
        assert (await anext(stream)).content == "m1"
        assert (await anext(stream)).content == "m2"
    async with world.client(1, store=store) as client:
        assert (await anext(client.messages())).content == "m2"


async def test_with_manual_confirmation_only_that_counts(world: World) -> None:
    store = MemoryStore()
    for n in range(3):
        world.say(2, 1, f"m{n}")
    async with world.client(1, store=store) as client:
        stream = client.messages(confirm="manual")
        messages = [await anext(stream) for _ in range(3)]
        client.confirm(messages[1])
        await settle()
        assert world.delivered[CONV, 1] == 2
    async with world.client(1, store=store) as client:
        assert (await anext(client.messages())).content == "m2"


async def test_the_inbox_is_bounded_and_what_found_no_room_is_pulled(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1, inbox_limit=10, ahead_limit=5) as client:
        await settle()
        for n in range(100):
            world.say(2, 1, f"m{n}")
        await timers.advance(5)
        inbox = client._hub.core.account.inbox  # type: ignore[union-attr]
        assert len(inbox) == 10
        assert inbox.ahead <= 5
        found: list[str | None] = []
        while len(found) < 100:
            found += await drain(client)
            await timers.advance(1)
        assert found == [f"m{n}" for n in range(100)]


async def test_a_big_backlog_does_not_break_the_bound(world: World, timers: ManualTimers) -> None:
    for n in range(300):
        world.say(2, 1, f"m{n}", push=False)
    async with world.client(1, inbox_limit=20) as client:
        stream = client.messages(confirm="taken")
        found: list[str | None] = []
        for _ in range(300):
            task = asyncio.ensure_future(anext(stream))
            while not task.done():
                await timers.advance(0.1)
            found.append((await task).content)
            assert len(client._hub.core.account.inbox) <= 20  # type: ignore[union-attr]
    assert found == [f"m{n}" for n in range(300)]


@pytest.mark.parametrize(("start", "expected"), [("all", 4), ("delivered", 2), ("now", 0)])
async def test_where_an_unknown_conversation_begins(
    world: World, start: str, expected: int
) -> None:
    for n in range(4):
        world.say(2, 1, f"m{n}", push=False)
    world.delivered[CONV, 1] = 2
    store = MemoryStore()
    async with world.client(1, store=store, start=start) as client:
        await settle()
        assert len(await drain(client)) == expected
        world.say(2, 1, "new")
        world.say(3, 1, "first")
        assert await drain(client) == ["new", "first"]
    world.say(3, 1, "second", push=False)
    async with world.client(1, store=store, start=start) as client:
        await settle()
        assert await drain(client) == ["second"]


async def test_history_that_the_server_will_not_give_is_skipped_and_said(
    world: World, timers: ManualTimers, monkeypatch: pytest.MonkeyPatch
) -> None:
    from .world import Connection

    async with world.client(1) as client:
        await settle()
        events = client.events()
        monkeypatch.setattr(Connection, "_history", lambda *_: [])
        world.say(2, 1, "lost", push=False)
        world.say(2, 1, "there")
        original = Connection._answer
        monkeypatch.setattr(
            Connection,
            "_answer",
            lambda self, action, data: (
                Error("not_member", "you left")
                if action == Action.API_MESSAGES_LIST
                else original(self, action, data)
            ),
        )
        await timers.advance(1)
        skipped = await next_of(events, Skipped)
        assert (skipped.first, skipped.last, skipped.code) == (1, 1, "not_member")
        assert await drain(client) == ["there"]


async def test_a_pull_that_is_not_answered_is_asked_again(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.silent.add(Action.API_MESSAGES_LIST)
        world.say(2, 1, "m1", push=False)
        world.say(2, 1, "m2")
        await timers.advance(5)
        world.silent.clear()
        await timers.advance(20)
        assert await drain(client) == ["m1", "m2"]


# --- connections ----------------------------------------------------------------------------------------------


async def test_comes_back_by_itself_with_growing_pauses(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        events = client.events()
        world.refusing_connections = True
        world.of(1)[0].break_off()
        await timers.advance(300)
        ends: list[Disconnected] = []
        while len(ends) < 8:
            ends.append(await next_of(events, Disconnected))
        assert all(end.will_retry and 0 <= end.delay <= 30 for end in ends)
        assert max(end.delay for end in ends[4:]) > max(end.delay for end in ends[:2])
        assert world.attempts < 60
        world.refusing_connections = False
        await timers.advance(31)
        assert client.is_connected


async def test_the_time_to_return_that_the_server_gives_is_obeyed(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.of(1)[0].end(4000, "restarting", 5000)
        await timers.advance(4.9)
        assert world.attempts == 1
        await timers.advance(0.7)
        assert client.is_connected


async def test_who_was_kicked_stays_away_until_told_to_connect(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client, world.client(1) as other:
        events = client.events()
        await settle()
        assert (await next_of(events, Kicked)).reason
        assert not (await next_of(events, Disconnected)).will_retry
        await timers.advance(100)
        assert (client.is_connected, other.is_connected) == (False, True)
        await client.connect()
        await settle()
        assert (client.is_connected, other.is_connected) == (True, False)


@pytest.mark.parametrize("code", [4101, 4102, 4103])
async def test_a_session_that_ended_is_not_tried_again(
    world: World, timers: ManualTimers, code: int
) -> None:
    store = MemoryStore()
    async with world.client(1, store=store) as client:
        await settle()
        events = client.events()
        world.of(1)[0].end(code, "enough")
        assert (await next_of(events, SignedOut)).code == code
        await timers.advance(100)
        assert world.attempts == 1
        assert store.credentials() is None


async def test_heartbeats_are_sent_only_after_silence(world: World, timers: ManualTimers) -> None:
    async with world.client(1) as client:
        await settle()
        await timers.advance(20)
        await client.me()
        await timers.advance(29)
        assert Action.HEARTBEAT not in {action for _, action, _ in world.received}
        await timers.advance(2)
        assert [action for _, action, _ in world.received].count(Action.HEARTBEAT) == 1


async def test_a_servers_heartbeat_is_answered_once(world: World, timers: ManualTimers) -> None:
    async with world.client(1):
        await settle()
        await timers.advance(10)
        for _ in range(3):
            world.of(1)[0].tell(Action.HEARTBEAT, None)
            await settle()
        assert [action for _, action, _ in world.received].count(Action.HEARTBEAT) == 1


async def test_an_idle_server_is_asked_and_a_dead_one_is_left(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        await timers.advance(600)
        assert (client.is_connected, world.attempts) == (True, 1), "idle, but alive"
        world.silent |= {Action.API_USERS_ME, Action.HEARTBEAT}
        await timers.advance(140)
        assert world.attempts > 1


async def test_a_server_that_does_not_greet_or_sign_in_is_left(
    world: World, timers: ManualTimers
) -> None:
    world.silent.add(Action.AUTH)
    async with world.client(1, connect_timeout=10.0) as client:
        events = client.events()
        await timers.advance(11)
        assert "signing in" in (await next_of(events, Disconnected)).reason
        world.silent.clear()
        await timers.advance(15)
        assert client.is_connected


async def test_a_frame_that_cannot_be_read_ends_the_connection(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        events = client.events()
        world.of(1)[0].receiver.received(b"\xff\x00nonsense")
        await settle()
        assert "cannot be read" in (await next_of(events, Disconnected)).reason
        await timers.advance(1)
        assert client.is_connected


async def test_what_a_newer_server_says_is_ignored(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        world.of(1)[0].receiver.received(b'{"action":"notify.novelty","data":{"x":1}}')
        await settle()
        assert client.is_connected
        assert (await client.me()).uid == 1


# --- events, positions, calls ---------------------------------------------------------------------------------


async def test_events_tell_the_story(world: World) -> None:
    world.say(2, 1, "m1", push=False)
    async with world.client(1) as client:
        events = client.events()
        assert (await next_of(events, Connected)).uid == 1
        synced = await next_of(events, Synced)
        assert [(c.conv, c.unread) for c in synced.conversations] == [(CONV, 1)]
        sent = await client.send(2, "hi")
        assert (await next_of(events, Stored)).cli_mid == sent.cli_mid
        async with world.client(2) as bob:
            stream = bob.messages(confirm="taken")
            await anext(stream)
            message = await anext(stream)
            assert (await next_of(events, Delivered)).seq == 2
            bob.mark_read(CONV, message.seq)
            read = await next_of(events, Read)
            assert (read.uid, read.seq, client.read_up_to(CONV, 2)) == (2, 2, 2)
        world.of(1)[0].tell(Action.NOTIFY_LOGIN, NotifyDevice(1, 5))
        await settle()


async def test_positions_reached_while_away_are_learnt_on_return(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        sent = await client.send(2, "hi")
        waiting = asyncio.ensure_future(sent.delivered())
        world.refusing_connections = True
        world.of(1)[0].break_off()
        await settle()
        world.delivered[CONV, 2] = world.reads[CONV, 2] = 1
        client.mark_read(CONV, 1)
        world.refusing_connections = False
        await timers.advance(60)
        await asyncio.wait_for(waiting, 1)
        assert client.read_up_to(CONV, 2) == 1
        assert world.reads[CONV, 1] == 1, "what was read while away is told"


async def test_a_confirmation_lost_with_its_connection_is_repeated(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.silent.add(Action.ACK_REQUEST)
        world.say(2, 1, "m1")
        assert await drain(client) == ["m1"]
        world.silent.clear()
        world.of(1)[0].break_off()
        await timers.advance(1)
        assert world.delivered[CONV, 1] == 1


async def test_events_are_bounded_and_the_oldest_go(world: World) -> None:
    async with world.client(1, events_limit=3) as client:
        await settle()
        events = client.events()
        for n in range(5):
            await client.send(2, f"m{n}")
        assert events.dropped == 2
        assert [(await next_of(events, Stored)).seq for _ in range(3)] == [3, 4, 5]
        events.close()
        with pytest.raises(StopAsyncIteration):
            await anext(events)


async def test_helpers_ask_and_answer(world: World) -> None:
    async with world.client(1) as client:
        await settle()
        for n in range(5):
            await client.send(2, f"m{n}")
        assert [m.seq for m in await client.history(CONV, limit=2)] == [4, 5]
        assert [m.seq for m in await client.history(CONV, after=1, before=4)] == [2, 3]
        assert await client.users([2, 99]) == (User(2, "bob"),)
        assert [user.uid for user in await client.search_users("ca")] == [3]
        assert (await client.update_me(nickname="A")).uid == 1


async def test_a_call_waits_for_a_connection_and_gives_up_in_time(
    world: World, timers: ManualTimers
) -> None:
    world.refusing_connections = True
    async with world.client(1) as client:
        late = asyncio.ensure_future(client.me())
        patient = asyncio.ensure_future(client.call(Action.API_USERS_ME, None, User, timeout=100))
        await timers.advance(11)
        with pytest.raises(RequestFailed, match="no answer in time"):
            await late
        world.refusing_connections = False
        await timers.advance(31)
        assert (await patient).uid == 1


async def test_a_question_is_asked_again_after_a_break_but_a_change_is_not(
    world: World, timers: ManualTimers
) -> None:
    async with world.client(1) as client:
        await settle()
        world.silent |= {Action.API_USERS_ME, "api.auth.password"}
        question = asyncio.ensure_future(client.me())
        change = asyncio.ensure_future(client.call(Action.API_AUTH_PASSWORD, None, User))
        await settle()
        world.silent.clear()
        world.of(1)[0].break_off()
        await timers.advance(1)
        assert (await question).uid == 1
        with pytest.raises(RequestFailed, match="broke"):
            await change


async def test_calls_are_bounded(world: World) -> None:
    world.refusing_connections = True
    async with world.client(1, calls_limit=1) as client:
        waiting = asyncio.ensure_future(client.me())
        await settle()
        with pytest.raises(RequestFailed, match="waiting"):
            await client.me()
        waiting.cancel()


# --- the end --------------------------------------------------------------------------------------------------


async def test_closing_ends_everything_and_leaves_nothing_behind(
    world: World, timers: ManualTimers
) -> None:
    before = asyncio.all_tasks()
    client = await started(world.client(1))
    world.silent |= {Action.MESSAGE_CHAT, Action.API_USERS_ME}
    sending, call = client.submit(2, "hi"), asyncio.ensure_future(client.me())
    reading = asyncio.ensure_future(anext(client.messages()))
    listening = asyncio.ensure_future(next_of(client.events(), Kicked))
    await settle()
    await client.close()
    await client.close()
    with pytest.raises(ClientClosedError):
        await sending.stored()
    with pytest.raises(ClientClosedError):
        await call
    with pytest.raises(StopAsyncIteration):
        await reading
    with pytest.raises(AssertionError, match="ended"):
        await listening
    with pytest.raises(ClientClosedError):
        client.submit(2, "late")
    with pytest.raises(ClientClosedError):
        client.start()
    assert [m async for m in client.messages()] == []
    await settle()
    assert asyncio.all_tasks() == before
    assert timers.armed == 0
    assert world.connections == []


class BrokenStore(MemoryStore):
    broken = False

    def write(self, uid: int, changes: Any) -> None:
        if self.broken:
            raise OSError("disk full")
        super().write(uid, changes)


async def test_a_store_that_fails_ends_the_client_with_its_error(world: World) -> None:
    store = BrokenStore()
    client = await started(world.client(1, store=store))
    reading = asyncio.ensure_future(anext(client.messages()))
    store.broken = True
    with pytest.raises(ClientError, match="disk full"):
        await client.send(2, "hi")
    with pytest.raises(ClientError, match="disk full"):
        await reading
    assert world.stored(1, 2) == [], "what could not be kept was not sent"
    await client.close()


@pytest.mark.parametrize("url", ["http://x/ws", "tcp://x", "ws:///ws", "x"])
def test_an_address_that_is_none_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"expected|is not a"):
        Client(url)
