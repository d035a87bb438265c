"""Messaging keeps its promises P1 to P6 over the in-memory engine."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

import msgspec
import pytest

from glideim.dispatch.ports import Push, Reply
from glideim.group import decide
from glideim.group.ports import Group
from glideim.kernel.errors import RequestError, StoreUnavailableError
from glideim.messaging.limits import Limits
from glideim.messaging.ports import Position
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import AckMessage, AckNotify, Error, Message, NotifyRead
from tests.support.messaging import World, pushes, replies, send, settle


async def test_a_send_is_numbered_stored_acked_and_pushed() -> None:
    async with World() as world:
        world.dispatch.present = {2}
        request = send(1, 2, "m", "hello", reply_to=9, mentions=(2,))
        ack, push = await world.send(request)
        assert isinstance(ack, Reply) and ack.to == request.origin
        assert ack.envelope.seq == request.request_seq
        data = ack.envelope.data
        assert data == AckMessage("m", data.mid, "c:1:2", 1, world.clock.now_ms())
        assert push.envelope.seq == 0
        message = push.envelope.data
        assert message == Message(
            data.mid, "m", "c:1:2", 1, 1, 2, 1, "hello", data.send_at, reply_to=9, mentions=(2,)
        )
        assert isinstance(push, Push)
        assert push.uids == (2,) and push.echo == 1 and push.skip == request.origin
        assert list(await world.messages.history("c:1:2", 0, 99, 10, latest=False)) == [message]


async def test_a_batch_is_numbered_without_gaps_per_conversation_in_order() -> None:
    async with World() as world:
        batch = [send(1 + n % 3, 2, f"m{n}") for n in range(60)]
        acks = replies(await world.send(*batch))
        by_conv: dict[str, list[int]] = {}
        for ack in acks:
            by_conv.setdefault(ack.conv, []).append(ack.seq)
        assert {key: list(range(1, len(seqs) + 1)) for key, seqs in by_conv.items()} == by_conv
        mids = [ack.mid for ack in acks]
        assert len(set(mids)) == len(mids)


async def test_retries_get_the_same_answer_and_store_nothing() -> None:
    async with World() as world:
        world.dispatch.present = {2}
        [first] = replies(await world.send(send(1, 2, "m")))
        for action in ("message.chat", "message.chat.retry"):
            out = await world.send(send(1, 2, "m", action=action))
            assert replies(out) == [first]
            assert pushes(out, "message.chat") == []
        assert len(world.messages) == 1


async def test_twins_in_one_batch_are_one_message() -> None:
    async with World() as world:
        first, second, other = replies(
            await world.send(send(1, 2, "m"), send(1, 2, "m"), send(1, 2, "m", "something else"))
        )
        assert first == second
        assert isinstance(other, Error) and (other.code, other.cli_mid) == ("conflict", "m")
        assert len(world.messages) == 1


@pytest.mark.parametrize("restarted", [False, True])
@pytest.mark.parametrize("change", [{"content": "x"}, {"type": 2}, {"to": 3}])
async def test_another_message_under_the_same_name_is_refused(
    restarted: bool, change: dict[str, object]
) -> None:
    async with World() as world:
        await world.send(send(1, 2, "m"))
        service = world.new_service() if restarted else world.service
        if restarted:
            service.start()
        fields = {"to": 2, "content": "hi", **change}
        to, content = int(str(fields.pop("to"))), str(fields.pop("content"))
        [error] = replies(
            await world.send(
                send(1, to, "m", content, type=int(str(fields.get("type", 1)))), service=service
            )
        )
        assert (error.code, error.retryable, error.cli_mid) == ("conflict", False, "m")
        assert len(world.messages) == 1
        await service.stop()


@pytest.mark.parametrize("change", [{"type": 2}, {"to": 3}])
async def test_a_name_stays_taken_after_an_edit_and_a_restart(change: dict[str, int]) -> None:
    async with World() as world:
        [first] = replies(await world.send(send(1, 2, "m")))
        await world.service.changes.edit(1, None, "c:1:2", 1, "hi there")
        restarted = world.new_service()
        restarted.start()
        fields = {"to": 2, "type": 1, **change}
        again, other = replies(
            await world.send(
                send(1, 2, "m"), send(1, fields["to"], "m", type=fields["type"]), service=restarted
            )
        )
        assert again == first
        assert isinstance(other, Error) and other.code == "conflict"
        await restarted.stop()


@pytest.mark.parametrize("restarted", [False, True])
async def test_a_person_and_a_group_of_one_number_are_two_receivers(restarted: bool) -> None:
    async with World() as world:
        group = Group(gid=5, name="Team", owner=1)
        await world.service.change(5, 1, lambda _, seq: decide.create(group, (), seq))
        await world.send(send(1, 5, "m"))
        service = world.new_service() if restarted else world.service
        if restarted:
            service.start()
        request = msgspec.structs.replace(send(1, 5, "m", action="message.group"), group=True)
        [error] = replies(await world.send(request, service=service))
        assert isinstance(error, Error) and error.code == "conflict"
        await service.stop()


@pytest.mark.parametrize("restarted", [False, True])
async def test_the_name_of_a_message_to_a_group_is_refused_for_a_person_and_nobody_else_fails(
    restarted: bool,
) -> None:
    async with World() as world:
        group = Group(gid=5, name="Team", owner=1)
        await world.service.change(5, 1, lambda _, seq: decide.create(group, (), seq))
        request = msgspec.structs.replace(send(1, 5, "m", action="message.group"), group=True)
        await world.send(request)
        service = world.new_service() if restarted else world.service
        if restarted:
            service.start()
        out = await world.send(send(1, 2, "m"), send(3, 4, "other"), service=service)
        answers = {answer.cli_mid: answer for answer in replies(out)}
        assert isinstance(answers["m"], Error) and answers["m"].code == "conflict"
        assert isinstance(answers["other"], AckMessage)
        await service.stop()


async def test_the_same_name_of_two_senders_are_two_messages() -> None:
    async with World() as world:
        a, b = replies(await world.send(send(1, 2, "m"), send(2, 1, "m")))
        assert (a.seq, b.seq) == (1, 2)


async def test_after_a_restart_retries_find_their_answers_and_numbers_go_on() -> None:
    async with World() as world:
        [first] = replies(await world.send(send(1, 2, "m1")))
        restarted = world.new_service()
        restarted.start()
        out = await world.send(
            send(1, 2, "m1", action="message.chat.retry"),
            send(1, 2, "m2", action="message.chat.retry"),
            service=restarted,
        )
        answers = {answer.cli_mid: answer for answer in replies(out)}
        again, fresh = answers["m1"], answers["m2"]
        assert again == first
        assert (fresh.seq, fresh.mid > first.mid) == (2, True)
        [plain] = replies(await world.send(send(1, 2, "m1"), service=restarted))
        assert plain == first, "also without calling it a retry"
        await restarted.stop()


async def test_two_owners_of_one_conversation_lose_and_misnumber_nothing() -> None:
    async with World() as world:
        rival = world.new_service()
        rival.start()
        for n in range(20):
            ours = [send(1, 2, f"a{n}-{k}") for k in range(3)]
            theirs = [send(2, 1, f"b{n}-{k}") for k in range(3)]
            assert world.service.submit(ours) == 3
            assert rival.submit(theirs) == 3
            await settle(60)
        acks = [ack for ack in replies(world.dispatch.take()) if isinstance(ack, AckMessage)]
        assert sorted(ack.seq for ack in acks) == list(range(1, 121))
        stored = await world.messages.history("c:1:2", 0, 999, 999, latest=False)
        assert {(m.cli_mid, m.seq) for m in stored} == {(ack.cli_mid, ack.seq) for ack in acks}
        for prefix in ("a", "b"):
            names = [m.cli_mid for m in stored if m.cli_mid.startswith(prefix)]
            assert names == [f"{prefix}{n}-{k}" for n in range(20) for k in range(3)], (
                "sender's order (P4)"
            )
        conflicts = (
            world.service.statistics()["conflicts_total"] + rival.statistics()["conflicts_total"]
        )
        assert conflicts > 0, "the test would prove nothing without a race"
        await rival.stop()


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (send(1, 2, ""), ErrorCode.BAD_REQUEST),
        (send(1, 0, "m"), ErrorCode.BAD_REQUEST),
        (send(1, 2, "m", type=0), ErrorCode.BAD_REQUEST),
        (send(1, 2, "m", "x" * 32769), ErrorCode.TOO_LARGE),
        (send(1, 5000, "m"), ErrorCode.NOT_FOUND),
        (send(1, 2, "m", action="message.chat.resend"), ErrorCode.NOT_FOUND),
    ],
)
async def test_bad_sends_are_refused_and_leave_no_gap(request_: object, code: ErrorCode) -> None:
    async with World() as world:
        out = await world.send(send(1, 2, "before"), request_, send(1, 2, "after"))  # type: ignore[arg-type]
        answers = {answer.cli_mid: answer for answer in replies(out)}
        assert (answers["before"].seq, answers["after"].seq) == (1, 2)
        [error] = [answer for answer in answers.values() if isinstance(answer, Error)]
        assert error.code == code and error.message


async def test_people_met_for_the_first_time_are_looked_up() -> None:
    async with World() as world:
        [ack] = replies(await world.send(send(1, 500, "m")))
        assert ack.conv == "c:1:500"


async def test_times_never_run_backwards_in_a_conversation() -> None:
    async with World() as world:
        [first] = replies(await world.send(send(1, 2, "m1")))
        world.clock.step(-3_600_000)
        [second] = replies(await world.send(send(2, 1, "m2")))
        world.clock.step(7_200_000)
        [third] = replies(await world.send(send(1, 2, "m3")))
        assert first.send_at == second.send_at < third.send_at
        restarted = world.new_service()
        restarted.start()
        world.clock.step(-9_000_000)
        [fourth] = replies(await world.send(send(1, 2, "m4"), service=restarted))
        assert fourth.send_at == third.send_at
        await restarted.stop()


async def test_a_store_that_cannot_write_refuses_and_recovers(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    async with World() as world:
        await world.send(send(1, 2, "m1"))
        healthy = world.messages.append

        async def full(messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
            raise StoreUnavailableError(f"disk full: {len(messages)} messages, {len(joins)} joins")

        monkeypatch.setattr(world.messages, "append", full)
        out = await world.send(send(1, 2, "m2"), send(1, 2, "m3"))
        assert [(e.code, e.retryable) for e in replies(out)] == [("unavailable", True)] * 2
        assert pushes(out, "message.chat") == []
        monkeypatch.setattr(world.messages, "append", healthy)
        acks = replies(await world.send(send(1, 2, "m3"), send(1, 2, "m2")))
        assert [ack.seq for ack in acks] == [2, 3], "nothing of the refused ones took a number"
    said = [record.message for record in caplog.records if record.name == "glideim.messaging"]
    assert len(said) == 2, "once that it fails, once that it works again"
    assert "disk full" in said[0]


async def test_a_defect_answers_the_batch_and_does_not_stop_the_committer(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    problems: list[str] = []
    asyncio.get_running_loop().set_exception_handler(
        lambda _, context: problems.append(context["message"])
    )
    async with World() as world:

        async def broken(messages: Sequence[Message], joins: Sequence[tuple[str, int]]) -> None:
            raise ZeroDivisionError(f"{len(messages)} {len(joins)}")

        with monkeypatch.context() as patch:
            patch.setattr(world.messages, "append", broken)
            [error] = replies(await world.send(send(1, 2, "m1")))
        assert (error.code, error.retryable) == ("internal", True)
        [ack] = replies(await world.send(send(1, 2, "m1", action="message.chat.retry")))
        assert ack.seq == 1
    assert problems == ["a batch of sends failed"]


async def test_the_queue_has_an_end() -> None:
    limits = Limits()
    limits.queue = 3
    async with World(limits=limits) as world:
        assert world.service.submit([send(1, 2, f"m{n}") for n in range(5)]) == 3
        await settle()
        assert len(world.messages) == 3
    assert world.service.submit([send(1, 2, "late")]) == 0, "none after the end"


# --- delivery (P6) ----------------------------------------------------------------------------------------


async def test_nobody_there_is_said_at_once_after_the_ack() -> None:
    async with World() as world:
        out = await world.send(send(1, 2, "m"))
        assert [item.envelope.action for item in out] == [
            "ack.message",
            "message.chat",
            "ack.notify",
        ]
        [notice] = pushes(out, "ack.notify")
        ack = replies(out)[0]
        assert notice.uids == (1,)
        assert notice.envelope.data == AckNotify("c:1:2", 1, ack.mid, "m", 2, offline=True)
        out = await world.confirm(2, conv="c:1:2", seq=1)
        assert out[0].envelope.data == AckNotify("c:1:2", 1, ack.mid, "m", 2), (
            "and again when it arrived"
        )


async def test_confirmations_are_cumulative_and_idempotent() -> None:
    async with World() as world:
        world.dispatch.present = {1, 2}
        acks = replies(await world.send(*[send(1, 2, f"m{n}") for n in range(5)]))
        [notice] = await world.confirm(2, conv="c:1:2", seq=3)
        assert notice.envelope.data == AckNotify("c:1:2", 3, acks[2].mid, "m2", 2)
        assert await world.confirm(2, conv="c:1:2", seq=3) == []
        assert await world.confirm(2, conv="c:1:2", seq=1) == []
        [notice] = await world.confirm(2, conv="c:1:2", seq=5)
        assert notice.envelope.data.seq == 5


async def test_own_confirmations_say_nothing_of_own_messages() -> None:
    async with World() as world:
        world.dispatch.present = {1, 2}
        await world.send(send(1, 2, "m"))
        assert await world.confirm(1, conv="c:1:2", seq=1) == []


async def test_a_single_confirmation_by_id() -> None:
    async with World() as world:
        world.dispatch.present = {1, 2}
        acks = replies(await world.send(send(1, 2, "m1"), send(1, 2, "m2")))
        [notice] = await world.confirm(2, mid=acks[1].mid, from_=1)
        assert notice.envelope.data == AckNotify("c:1:2", 2, acks[1].mid, "m2", 2)
        [notice] = await world.confirm(2, conv="c:1:2", seq=1)
        assert notice.envelope.data.seq == 1, "the first one was not confirmed by the second"


@pytest.mark.parametrize(
    ("uid", "ack", "code"),
    [
        (3, {"conv": "c:1:2", "seq": 1}, "not_found"),
        (2, {"conv": "c:1:2", "seq": 2}, "bad_request"),
        (2, {"conv": "c:2:1", "seq": 1}, "bad_request"),
        (2, {"conv": "nonsense", "seq": 1}, "bad_request"),
        (2, {"conv": "c:1:2"}, "bad_request"),
        (2, {"mid": 12345, "from_": 1}, "not_found"),
        (3, {"mid": 1, "from_": 1}, "not_found"),
        (2, {}, "bad_request"),
    ],
)
async def test_forged_confirmations_are_errors_and_notify_nobody(
    uid: int, ack: dict[str, object], code: str
) -> None:
    async with World() as world:
        world.dispatch.present = {1, 2}
        await world.send(send(1, 2, "m"))
        [answer] = await world.confirm(uid, **ack)
        assert isinstance(answer, Reply) and answer.envelope.action == "error"
        assert (answer.envelope.seq, answer.envelope.data.code) == (5, code)


async def test_after_a_restart_the_newest_message_confirmed_is_found_in_the_database() -> None:
    async with World() as world:
        acks = replies(await world.send(*[send(1, 2, f"m{n}") for n in range(3)], send(2, 1, "r")))
        await world.service.stop()
        world.service = world.new_service()
        world.service.start()
        [notice] = await world.confirm(2, conv="c:1:2", seq=4)
        assert notice.envelope.data == AckNotify("c:1:2", 3, acks[2].mid, "m2", 2)
        assert await world.confirm(2, conv="c:1:2", seq=4) == []


async def test_positions_survive_a_restart() -> None:
    async with World() as world:
        await world.send(send(1, 2, "m1"), send(1, 2, "m2"))
        await world.confirm(2, conv="c:1:2", seq=2)
        await world.service.stop()
        stored = set((await world.messages.standings(["c:1:2"])).positions)
        assert stored == {Position("c:1:2", 1, 0, 2), Position("c:1:2", 2, 2, 0)}
        world.service = world.new_service()
        world.service.start()
        out = await world.send(send(1, 2, "m1", action="message.chat.retry"))
        notices = [item.envelope.data for item in out if item.envelope.action == "ack.notify"]
        assert [notice.offline for notice in notices] == [False], (
            "who retries learns that it was delivered"
        )


async def test_retrying_to_somebody_away_says_so_again() -> None:
    async with World() as world:
        await world.send(send(1, 2, "m"))
        out = await world.send(send(1, 2, "m", action="message.chat.retry"))
        assert [
            item.envelope.data.offline for item in out if item.envelope.action == "ack.notify"
        ] == [True]


async def test_resend_pushes_the_stored_message_again() -> None:
    async with World() as world:
        world.dispatch.present = {2}
        first = await world.send(send(1, 2, "m"))
        await world.confirm(2, conv="c:1:2", seq=1)
        out = await world.send(send(1, 2, "m", action="message.chat.resend"))
        assert replies(out) == replies(first)
        [again], [before] = pushes(out, "message.chat"), pushes(first, "message.chat")
        assert again.envelope == before.envelope and again.echo == 0
        assert len(await world.confirm(2, conv="c:1:2", seq=1)) == 1, "it was asked for again"


async def test_who_leaves_without_confirming_leaves_word() -> None:
    async with World() as world:
        world.dispatch.present = {1, 2}
        acks = replies(await world.send(send(1, 2, "m1"), send(1, 2, "m2")))
        await world.confirm(2, conv="c:1:2", seq=1)
        world.service.went_offline(2)
        [notice] = world.dispatch.take()
        assert notice.envelope.data == AckNotify("c:1:2", 2, acks[1].mid, "m2", 2, offline=True)
        world.service.went_offline(2)
        assert world.dispatch.take() == [], "said once"


async def test_notes_to_oneself_go_to_every_device() -> None:
    async with World() as world:
        world.dispatch.present = {1}
        out = await world.send(send(1, 1, "note"))
        [push] = pushes(out, "message.chat")
        assert push.uids == (1,) and push.skip is None and push.echo == 0
        [notice] = await world.confirm(1, conv="c:1:1", seq=1)
        assert notice.envelope.data.from_ == 1


# --- reading ----------------------------------------------------------------------------------------------


async def test_reading_moves_forward_only_and_tells_the_other_person() -> None:
    async with World() as world:
        await world.send(send(1, 2, "m1"), send(1, 2, "m2"))
        request = send(2, 1, "unused")
        await world.service.read(2, request.origin, "c:1:2", 2)
        [notice] = world.dispatch.take()
        assert isinstance(notice, Push)
        assert notice.envelope.data == NotifyRead("c:1:2", 2, 2)
        assert notice.uids == (1,) and notice.echo == 2 and notice.skip == request.origin
        await world.service.read(2, request.origin, "c:1:2", 1)
        assert world.dispatch.take() == []
        for uid, conv, seq in ((3, "c:1:2", 1), (2, "c:1:2", 3), (2, "c:1:2", 0), (2, "?", 1)):
            with pytest.raises(RequestError):
                await world.service.read(uid, request.origin, conv, seq)


async def test_unread_counts_what_others_wrote_after_the_last_reading() -> None:
    async with World() as world:
        await world.send(send(1, 2, "m1"), send(1, 2, "m2"))
        for uid, unread in ((1, 0), (2, 2)):
            [entry] = (await world.service.sync(uid, {}, "")).conversations
            assert entry.unread == unread
        await world.service.read(2, None, "c:1:2", 1)
        [entry] = (await world.service.sync(2, {}, "")).conversations
        assert (entry.unread, entry.read_seq) == (1, 1)
        [entry] = (await world.service.sync(1, {}, "")).conversations
        assert entry.peer_read_seq == 1
        await world.send(send(2, 1, "answer"))
        [entry] = (await world.service.sync(2, {}, "")).conversations
        assert (entry.unread, entry.read_seq) == (0, 3), "who writes has read what stands above"


# --- history and sync -------------------------------------------------------------------------------------


async def test_history_is_for_members() -> None:
    async with World() as world:
        await world.send(*[send(1, 2, f"m{n}") for n in range(60)])
        page = await world.service.history(2, "c:1:2", None, None, 0)
        assert [m.seq for m in page.items] == list(range(11, 61)), "the latest 50"
        page = await world.service.history(1, "c:1:2", 0, None, 1000)
        assert [m.seq for m in page.items] == list(range(1, 61))
        for conv in ("c:1:2", "c:7:8", "nonsense"):
            with pytest.raises(RequestError) as refused:
                await world.service.history(3, conv, None, None, 0)
            assert refused.value.code == ErrorCode.NOT_FOUND
        with pytest.raises(RequestError):
            await world.service.history(1, "c:1:2", None, None, -1)


async def collect(
    world: World, uid: int, known: dict[str, int]
) -> tuple[dict[str, list[int]], int]:
    """Everything a sync gives, page by page with the same `known`; and how many pages."""
    got: dict[str, list[int]] = {}
    cursor, pages = "", 0
    while True:
        page = await world.service.sync(uid, known, cursor)
        pages += 1
        for conv, messages in page.messages.items():
            got.setdefault(conv, []).extend(m.seq for m in messages)
        cursor = page.cursor
        if not page.more:
            return got, pages


async def test_sync_gives_everything_missed_in_pages() -> None:
    async with World() as world:
        for peer in range(2, 12):
            await world.send(*[send(peer, 1, f"{peer}-{n}") for n in range(150)])
        got, pages = await collect(world, 1, {"c:1:2": 100, "c:1:3": 150, "c:7:9": 5})
        assert pages > 2
        assert got["c:1:2"] == list(range(101, 151))
        assert "c:1:3" not in got
        for peer in range(4, 12):
            assert got[f"c:1:{peer}"] == list(range(1, 151))


async def test_sync_with_known_brought_up_to_date_between_pages_is_the_same() -> None:
    async with World() as world:
        for peer in (2, 3):
            for part in range(4):
                await world.send(*[send(peer, 1, f"{peer}-{part}-{n}") for n in range(200)])
        known: dict[str, int] = {}
        cursor, got = "", {"c:1:2": [], "c:1:3": []}  # type: ignore[var-annotated]
        more = True
        while more:
            page = await world.service.sync(1, known, cursor)
            for conv, messages in page.messages.items():
                got[conv].extend(m.seq for m in messages)
                known[conv] = messages[-1].seq
            cursor, more = page.cursor, page.more
        assert got == {"c:1:2": list(range(1, 801)), "c:1:3": list(range(1, 801))}
        page = await world.service.sync(1, known, cursor)
        assert page.messages == {} and not page.more, "the last cursor begins the next sync"


@pytest.mark.parametrize("content", ["x" * 32_768, "\x01" * 32_768], ids=["plain", "escaped"])
async def test_pages_of_large_messages_are_short_and_lose_nothing(content: str) -> None:
    async with World() as world:
        for peer in (2, 3):
            await world.send(*[send(peer, 1, f"{peer}-{n}", content) for n in range(40)])
        for peer in range(4, 30):
            await world.send(send(peer, 1, f"{peer}", content))
        everything = list(range(1, 41))

        got: dict[str, list[int]] = {}
        cursor, more = "", True
        while more:
            page = await world.service.sync(1, {}, cursor)
            assert len(msgspec.json.encode(page)) < 800_000, (
                "fits into what may wait for a connection"
            )
            for conv, messages in page.messages.items():
                got.setdefault(conv, []).extend(m.seq for m in messages)
            cursor, more = page.cursor, page.more
        assert got == {"c:1:2": everything, "c:1:3": everything} | {
            f"c:1:{peer}": [1] for peer in range(4, 30)
        }

        after, forward = 0, list[int]()
        while items := (await world.service.history(1, "c:1:2", after, None, 200)).items:
            assert len(msgspec.json.encode(items)) < 500_000
            forward += [m.seq for m in items]
            after = forward[-1]
        before, backward = None, list[int]()
        while items := (await world.service.history(1, "c:1:2", None, before, 200)).items:
            assert len(msgspec.json.encode(items)) < 500_000
            backward[:0] = [m.seq for m in items]
            before = backward[0]
        assert forward == backward == everything


async def test_sync_refuses_what_it_did_not_give_out() -> None:
    async with World() as world:
        for cursor in ("nonsense", "e30", "bnVsbA", "////", "\N{SNOWMAN}"):
            with pytest.raises(RequestError) as refused:
                await world.service.sync(1, {}, cursor)
            assert refused.value.code == ErrorCode.BAD_REQUEST
        with pytest.raises(RequestError):
            await world.service.sync(1, {f"c:1:{n}": 0 for n in range(2, 10_100)}, "")


async def test_conversations_forgotten_by_memory_are_found_again() -> None:
    limits = Limits()
    limits.conversations = 3
    async with World(limits=limits) as world:
        for n in range(5):
            acks = replies(
                await world.send(*[send(1, peer, f"{peer}-{n}") for peer in range(2, 12)])
            )
            assert {ack.seq for ack in acks} == {n + 1}
        assert world.service.statistics()["conversations"] <= 10
        [notice] = await world.confirm(2, conv="c:1:2", seq=5)
        assert notice.envelope.data.seq == 5


async def test_the_api_can_send_too() -> None:
    async with World() as world:
        world.dispatch.present = {2}
        ack = await world.service.send(1, Message(cli_mid="m", to=2, type=1, content="from a bot"))
        assert (ack.conv, ack.seq) == ("c:1:2", 1)
        assert (
            await world.service.send(1, Message(cli_mid="m", to=2, type=1, content="from a bot"))
            == ack
        )
        with pytest.raises(RequestError) as refused:
            await world.service.send(1, Message(cli_mid="m", to=2, type=1, content="other"))
        assert refused.value.code == ErrorCode.CONFLICT
        assert len(world.messages) == 1


async def test_it_is_busy_from_a_send_until_that_is_answered() -> None:
    async with World() as world:
        seen = []
        await settle()
        seen.append(world.service.busy)
        world.service.submit([send(1, 2, "a")])
        seen.append(world.service.busy)
        await settle()
        seen.append(world.service.busy)
        assert seen == [False, True, False]
