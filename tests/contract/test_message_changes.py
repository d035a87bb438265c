"""What every MessageStore promises of messages that change after they were stored, and of settings."""

from __future__ import annotations

import pytest

from glideim.edge.stores import Stores
from glideim.messaging.ports import (
    ERASED,
    Head,
    MessageErasedError,
    MessageStatus,
    MessageStore,
    Position,
    Rewrite,
    Settings,
)  # fmt: skip
from glideim.protocol.records import MAX_ID, Message, Reaction
from tests.support.stores import message

CONV = "c:1:2"
OTHER = "c:1:3"
BOTH = [(CONV, 1), (CONV, 2)]


@pytest.fixture
async def store(stores: Stores) -> MessageStore:
    """Three messages from 1 to 2, one from 1 to 3."""
    await stores.messages.append([message(n, n) for n in (1, 2, 3)], BOTH)
    await stores.messages.append([message(10, 1, 1, 3)], [(OTHER, 1), (OTHER, 3)])
    return stores.messages


async def one(store: MessageStore, seq: int, viewer: int = 1) -> Message:
    (found,) = await store.history(CONV, seq - 1, seq + 1, 1, latest=False, viewer=viewer)
    return found


async def numbers(store: MessageStore, after: int = 0) -> list[int]:
    return [found.mid for _, found in await store.changes(after, 100)]


# --- rewrite --------------------------------------------------------------------------------------------


async def test_an_edit_keeps_everything_but_content_and_status(store: MessageStore) -> None:
    before = await one(store, 2)
    (changed,) = await store.rewrite([Rewrite(CONV, 2, "new", MessageStatus.EDITED)])
    assert changed == await one(store, 2)
    assert changed is not None
    assert (changed.content, changed.status) == ("new", 2)
    assert (changed.mid, changed.cli_mid, changed.send_at) == (
        before.mid, before.cli_mid, before.send_at,
    )  # fmt: skip


async def test_erasing_takes_all_that_hangs_on_a_message(store: MessageStore) -> None:
    rich = message(20, 4, reply_to=2, mentions=(1, 2), extra={"k": "v"}, expire_at=99)
    await store.append([rich], [])
    await store.react(CONV, 4, 2, "+", on=True, most=5)
    await store.pin(CONV, 4, at=7, most=5)
    await store.rewrite([Rewrite(CONV, 4, None, MessageStatus.RECALLED)])
    bare = await one(store, 4)
    assert (bare.content, bare.status, bare.reply_to, bare.mentions, bare.extra) == (
        None, 1, 0, (), {},
    )  # fmt: skip
    assert (bare.reactions, bare.pinned, bare.expire_at) == ((), False, 0)
    assert await store.pins(CONV, 1) == []
    assert await store.due(MAX_ID, 10) == []


async def test_what_was_erased_is_not_changed_again(store: MessageStore) -> None:
    await store.rewrite([Rewrite(CONV, 1, None, MessageStatus.RECALLED)])
    assert await store.rewrite([Rewrite(CONV, 1, "back", MessageStatus.EDITED)]) == [None]
    assert (await one(store, 1)).content is None


async def test_what_does_not_exist_is_none_and_the_others_are_changed(store: MessageStore) -> None:
    first, second = await store.rewrite(
        [
            Rewrite(CONV, 9, "x", MessageStatus.EDITED),
            Rewrite(CONV, 3, "y", MessageStatus.EDITED),
        ]
    )
    assert first is None
    assert second is not None and second.content == "y"


async def test_a_message_that_grows_is_found_until_it_is_whole(store: MessageStore) -> None:
    growing = message(30, 4, content="", status=4)
    await store.append([growing], [])
    assert await store.growing(10) == [growing]
    only = (MessageStatus.GROWING,)
    (whole,) = await store.rewrite([Rewrite(CONV, 4, "whole", MessageStatus.NORMAL, only)])
    assert whole is not None and (whole.content, whole.status) == ("whole", 0)
    assert await store.growing(10) == []
    assert await store.rewrite([Rewrite(CONV, 4, None, MessageStatus.RECALLED, only)]) == [None]


# --- changes --------------------------------------------------------------------------------------------


async def test_changes_have_ascending_numbers_and_the_last_one_counts(store: MessageStore) -> None:
    assert await numbers(store) == []
    await store.rewrite([Rewrite(CONV, 1, "a", MessageStatus.EDITED)])
    await store.rewrite([Rewrite(CONV, 2, "b", MessageStatus.EDITED)])
    middle = await store.last_change()
    assert await numbers(store) == [1, 2]
    await store.rewrite([Rewrite(CONV, 1, "c", MessageStatus.EDITED)])
    assert await numbers(store) == [2, 1]
    assert await numbers(store, middle) == [1]
    assert await numbers(store, await store.last_change()) == []


async def test_changed_is_by_conversation_place_and_number(store: MessageStore) -> None:
    for seq in (1, 2, 3):
        await store.rewrite([Rewrite(CONV, seq, f"e{seq}", MessageStatus.EDITED)])
    since = await store.last_change()
    await store.react(CONV, 2, 2, "+", on=True, most=5)
    seqs = [m.seq for m in await store.changed(CONV, 0, 1, 3, 10, 1)]
    assert seqs == [1, 2, 3]
    assert [m.seq for m in await store.changed(CONV, 0, 2, 2, 10, 1)] == [2]
    assert [m.seq for m in await store.changed(CONV, 0, 1, 3, 2, 1)] == [1, 2]
    (again,) = await store.changed(CONV, since, 1, 3, 10, 2)
    assert again.reactions == (Reaction("+", 1, True),)
    assert await store.changed_among([CONV, OTHER], 0) == {CONV}
    assert await store.changed_among([OTHER], 0) == frozenset()
    assert await store.changed_among([CONV], await store.last_change()) == frozenset()


# --- reactions, pins ------------------------------------------------------------------------------------


async def test_reactions_are_one_of_each_key_per_person(store: MessageStore) -> None:
    assert await store.react(CONV, 1, 1, "+", on=True, most=2) == (1, True)
    assert await store.react(CONV, 1, 1, "+", on=True, most=2) == (1, False)
    assert await store.react(CONV, 1, 2, "+", on=True, most=2) == (2, True)
    assert await store.react(CONV, 1, 2, "heart", on=True, most=2) == (1, True)
    assert set((await one(store, 1, viewer=1)).reactions) == {
        Reaction("+", 2, True), Reaction("heart", 1, False),
    }  # fmt: skip
    assert await store.react(CONV, 1, 2, "third", on=True, most=2) == (-1, False)
    assert await store.react(CONV, 1, 1, "+", on=False, most=2) == (1, True)
    assert await store.react(CONV, 1, 1, "+", on=False, most=2) == (1, False)
    assert Reaction("+", 1, False) in (await one(store, 1, viewer=1)).reactions


async def test_who_looks_decides_what_is_mine_in_lists_too(store: MessageStore) -> None:
    await store.react(CONV, 3, 2, "+", on=True, most=2)
    (entry,) = await store.inbox(2, "", 10)
    assert entry.last is not None
    assert entry.last.reactions == (Reaction("+", 1, True),)
    (found,) = await store.by_mids([3], 1)
    assert found.reactions == (Reaction("+", 1, False),)


@pytest.mark.parametrize("status", sorted(ERASED))
async def test_nothing_hangs_on_what_was_erased(store: MessageStore, status: MessageStatus) -> None:
    await store.rewrite((Rewrite(CONV, 2, None, status),))
    with pytest.raises(MessageErasedError):
        await store.pin(CONV, 2, at=10, most=0)
    with pytest.raises(MessageErasedError):
        await store.react(CONV, 2, 1, "+1", on=True, most=5)
    assert await store.pin(CONV, 2, at=0, most=5) is False
    assert await store.react(CONV, 2, 1, "+1", on=False, most=5) == (0, False)
    assert await store.pins(CONV, 1) == []
    assert (await one(store, 2)).reactions == ()


async def test_pins_are_bounded_and_the_last_is_first(store: MessageStore) -> None:
    assert await store.pin(CONV, 1, at=10, most=2) is True
    assert await store.pin(CONV, 1, at=11, most=2) is False
    assert await store.pin(CONV, 3, at=12, most=2) is True
    assert await store.pin(CONV, 2, at=13, most=2) is None
    assert await store.pin(CONV, 3, at=14, most=2) is False
    assert [(m.seq, m.pinned) for m in await store.pins(CONV, 1)] == [(3, True), (1, True)]
    assert await store.pin(CONV, 1, at=0, most=2) is True
    assert [m.seq for m in await store.pins(CONV, 1)] == [3]
    assert not (await one(store, 1)).pinned


# --- erasing by time ------------------------------------------------------------------------------------


async def test_what_is_due_is_found_by_its_time(store: MessageStore) -> None:
    await store.append([message(40, 4, expire_at=200), message(41, 5, expire_at=100)], [])
    assert await store.due(99, 10) == []
    assert [m.mid for m in await store.due(200, 10)] == [41, 40]
    assert [m.mid for m in await store.due(200, 1)] == [41]


async def test_the_time_after_which_messages_go_is_part_of_the_head(store: MessageStore) -> None:
    await store.set_expiry(CONV, 60)
    await store.set_expiry("c:8:9", 5)
    heads = await store.heads([CONV, OTHER, "c:8:9"])
    assert heads[CONV].expire_after == 60
    assert heads[OTHER].expire_after == 0
    assert heads["c:8:9"] == Head(0, 0, 5)
    (entry,) = await store.inbox(2, "", 10)
    assert entry.expire_after == 60
    assert entry.changed == await store.last_change() - 1


# --- settings, positions --------------------------------------------------------------------------------


async def test_settings_are_one_persons_and_change_their_entry(store: MessageStore) -> None:
    assert await store.save_settings(1, CONV, pinned=True, hidden=3)
    assert await store.save_settings(1, CONV, muted=True)
    mine, theirs = await store.entry(1, CONV), await store.entry(2, CONV)
    assert mine is not None and theirs is not None
    assert mine.settings == Settings(True, True, 3)
    assert mine.changed == await store.last_change()
    assert theirs.settings == Settings()
    assert theirs.changed < mine.changed
    assert not await store.save_settings(3, CONV, pinned=True)
    assert await store.entry(3, CONV) is None


async def test_positions_change_the_entries_of_both(store: MessageStore) -> None:
    before = await store.last_change()
    await store.save_positions([Position(CONV, 2, 3, 2)])
    for uid in (1, 2):
        entry = await store.entry(uid, CONV)
        assert entry is not None and entry.changed > before
    untouched = await store.entry(1, OTHER)
    assert untouched is not None and untouched.changed <= before
