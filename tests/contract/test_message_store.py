"""What every MessageStore promises (P1-P3, P5)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from glideim.edge.stores import Stores
from glideim.kernel.errors import StoreUnavailableError
from glideim.messaging.ports import AppendConflictError, Head, MessageStore, Position
from glideim.protocol.records import MAX_ID, Message
from tests.support.stores import message

CONV = "c:1:2"
BOTH = [(CONV, 1), (CONV, 2)]


@pytest.fixture
def store(stores: Stores) -> MessageStore:
    return stores.messages


async def fill(store: MessageStore, count: int) -> list[Message]:
    """A conversation of `count` messages, sent by both in turn."""
    messages = [message(n, n, *((1, 2) if n % 2 else (2, 1))) for n in range(1, count + 1)]
    await store.append(messages, BOTH)
    return messages


async def everything(store: MessageStore, conv: str = CONV) -> list[Message]:
    return list(await store.history(conv, 0, MAX_ID, 1000, latest=False))


# --- append -------------------------------------------------------------------------------------------------


async def test_keeps_every_field(store: MessageStore) -> None:
    full = message(
        MAX_ID - 1,
        1,
        type=-7,
        status=2,
        reply_to=MAX_ID - 2,
        mentions=(5, MAX_ID),
        extra={"k": "v ü"},
    )
    erased = message(MAX_ID, 2, content=None, status=1)
    await store.append([full, erased], [])
    assert await everything(store) == [full, erased]


@pytest.mark.parametrize(
    "content",
    [
        "",
        "NUL \x00 in the middle",
        "\x00",
        "quotes \" ' ` \\ and \n\t\r\x01\x7f",
        "Zürich 東京 עברית \u202e 👩‍👩‍👧‍👦 \U0010ffff",
        "null",
        '{"json": [1, 2]}',
        "ü" * (16 * 1024),
        "x" * (32 * 1024),
    ],
    ids=["empty", "nul-inside", "nul", "control", "unicode", "null", "json", "32KiB-utf8", "32KiB"],
)
async def test_keeps_content_to_the_letter(store: MessageStore, content: str) -> None:
    stored = message(1, 1, content=content, cli_mid="id \x00 ' é 😀")
    await store.append([stored], BOTH)
    assert await everything(store) == [stored]
    assert await store.find([(1, stored.cli_mid)]) == {(1, stored.cli_mid): stored}
    assert (await store.inbox(1, "", 1))[0].last == stored


async def test_keeps_the_largest_ids(store: MessageStore) -> None:
    a, b = MAX_ID - 1, MAX_ID
    conv = f"c:{a}:{b}"
    stored = message(MAX_ID, 1, b, a, send_at=MAX_ID)
    await store.append([stored], [(conv, a), (conv, b)])
    await store.save_positions([Position(conv, b, MAX_ID, MAX_ID)])
    assert await store.by_mid(MAX_ID) == stored
    assert await store.heads([conv]) == {conv: Head(1, MAX_ID)}
    assert (await store.standings([conv])).positions == [
        Position(conv, a, 0, 0),
        Position(conv, b, MAX_ID, MAX_ID),
    ]


@pytest.mark.parametrize(
    "taken",
    [
        message(9, 2),
        message(9, 3, cli_mid="cli-1"),
        message(9, 1, 1, 7, cli_mid="cli-1"),
        message(1, 3),
        message(9, 4),
        message(9, 2, 1, 7),
    ],
    ids=["seq", "cli_mid", "cli_mid-elsewhere", "mid", "gap", "gap-at-the-start"],
)
async def test_refuses_what_is_taken_or_leaves_a_gap(store: MessageStore, taken: Message) -> None:
    first = message(1, 1), message(2, 2)
    await store.append(first, BOTH)
    with pytest.raises(AppendConflictError):
        await store.append([taken], [])
    assert await everything(store) == list(first)
    assert await everything(store, "c:1:7") == []


@pytest.mark.parametrize(
    "batch",
    [
        [message(1, 1), message(2, 1)],
        [message(1, 1), message(2, 2, cli_mid="cli-1")],
        [message(1, 1), message(1, 2)],
        [message(1, 1), message(2, 3)],
    ],
    ids=["seq", "cli_mid", "mid", "gap"],
)
async def test_refuses_a_batch_that_contradicts_itself(
    store: MessageStore, batch: list[Message]
) -> None:
    with pytest.raises(AppendConflictError):
        await store.append(batch, BOTH)
    assert await everything(store) == []


@pytest.mark.parametrize("size", [2, 3, 127, 128, 129, 300])
async def test_append_is_all_or_nothing(store: MessageStore, size: int) -> None:
    await store.append([message(1, 1)], BOTH)
    good = [message(10 + n, n, 3, 4) for n in range(1, size)]
    with pytest.raises(AppendConflictError):
        await store.append([*good, message(9999, 1)], [("c:3:4", 3), ("c:3:4", 4)])
    assert await everything(store, "c:3:4") == []
    assert await store.inbox(3, "", 10) == []
    assert await store.find([(3, "cli-11")]) == {}
    await store.append(good, [])
    assert await everything(store, "c:3:4") == good


@pytest.mark.parametrize("size", [1, 2, 127, 128, 129, 1000])
async def test_appends_batches_of_any_size(store: MessageStore, size: int) -> None:
    messages = await fill(store, size)
    assert await everything(store) == messages


async def test_a_batch_may_come_in_any_order(store: MessageStore) -> None:
    messages = [message(n, n) for n in (3, 1, 4, 2)]
    await store.append(messages, BOTH)
    assert [m.seq for m in await everything(store)] == [1, 2, 3, 4]


@pytest.mark.parametrize(
    "cli_mid",
    [
        "0f8fad5b-d9cb-469f-a165-70867728950e",
        "0F8FAD5B-D9CB-469F-A165-70867728950E",
        "0f8fad5b-d9cb-469f-a165-70867728950E",
        "0f8fad5bd9cb469fa16570867728950e",
        "0F8FAD5BD9CB469FA16570867728950E",
        "{0f8fad5b-d9cb-469f-a165-70867728950e}",
        "0f8fad5bd-9cb-469f-a165-70867728950e",
        "0f8fad5b-d9cb-469f-a165-7086772895 e",
        "0f8fad5b-d9cb-469f-a165-7086772895\u0665e",
        "1234567890123456",
        "-" * 36,
        "123",
    ],
)
async def test_a_cli_mid_is_kept_to_the_letter(store: MessageStore, cli_mid: str) -> None:
    others = {cli_mid.upper(), cli_mid.lower(), cli_mid.replace("-", ""), cli_mid + " "} - {cli_mid}
    stored = message(1, 1, cli_mid=cli_mid)
    await store.append([stored], [])
    assert await store.by_mid(1) == stored
    assert await store.find([(1, text) for text in (cli_mid, *others)]) == {(1, cli_mid): stored}
    with pytest.raises(AppendConflictError):
        await store.append([message(2, 2, cli_mid=cli_mid)], [])
    await store.append([message(9 + n, 2 + n, cli_mid=text) for n, text in enumerate(others)], [])
    assert len(await everything(store)) == 1 + len(others)


async def test_one_sender_may_use_the_cli_mid_of_another(store: MessageStore) -> None:
    await store.append([message(1, 1, 1, 2, cli_mid="x"), message(2, 2, 2, 1, cli_mid="x")], BOTH)
    assert [m.mid for m in await everything(store)] == [1, 2]


async def test_of_two_appends_for_one_place_one_wins(store: MessageStore) -> None:
    outcomes = await asyncio.gather(
        *(store.append([message(n, 1)], []) for n in range(1, 21)), return_exceptions=True
    )
    stored = await everything(store)
    assert len(stored) == 1
    assert outcomes[stored[0].mid - 1] is None
    assert sum(isinstance(outcome, AppendConflictError) for outcome in outcomes) == 19


async def test_a_conflict_does_not_harm_appends_at_the_same_time(store: MessageStore) -> None:
    await store.append([message(1, 1)], [])
    appends = [
        store.append([message(n, 1, 10, n)], []) if n % 3 else store.append([message(n, 1)], [])
        for n in range(20, 50)
    ]
    outcomes = await asyncio.gather(*appends, return_exceptions=True)
    for n, outcome in zip(range(20, 50), outcomes, strict=True):
        stored = await everything(store, f"c:10:{n}")
        if n % 3:
            assert outcome is None
            assert [m.mid for m in stored] == [n]
        else:
            assert isinstance(outcome, AppendConflictError)
            assert stored == []


async def test_an_empty_append_is_harmless(store: MessageStore) -> None:
    await store.append([], [])
    await store.append([], BOTH)
    assert [entry.conv for entry in await store.inbox(1, "", 10)] == [CONV]


# --- reading ------------------------------------------------------------------------------------------------


async def test_heads(store: MessageStore) -> None:
    await fill(store, 3)
    await store.append([message(9, 1, 5, 6)], [])
    assert await store.heads([CONV, "c:5:6", "c:8:9"]) == {
        CONV: Head(3, 1_800_000_000_003),
        "c:5:6": Head(1, 1_800_000_000_009),
        "c:8:9": Head(0, 0),
    }
    assert await store.heads([]) == {}


async def test_find(store: MessageStore) -> None:
    first, second, _ = await fill(store, 3)
    keys = [(1, "cli-1"), (2, "cli-2"), (1, "cli-2"), (2, "none"), (1, "CLI-1")]
    assert await store.find(keys) == {(1, "cli-1"): first, (2, "cli-2"): second}
    assert await store.find([]) == {}


async def test_by_mid_and_highest_mid(store: MessageStore) -> None:
    assert await store.highest_mid() == 0
    assert await store.by_mid(1) is None
    await store.append([message(40, 1), message(30, 2)], [])
    found = await store.by_mid(30)
    assert found is not None
    assert found.seq == 2
    assert await store.highest_mid() == 40


@pytest.mark.parametrize(
    ("window", "seqs"),
    [
        ({"after": 0, "before": MAX_ID, "limit": 3, "latest": False}, [1, 2, 3]),
        ({"after": 0, "before": MAX_ID, "limit": 3, "latest": True}, [8, 9, 10]),
        ({"after": 4, "before": MAX_ID, "limit": 3, "latest": False}, [5, 6, 7]),
        ({"after": 0, "before": 5, "limit": 3, "latest": True}, [2, 3, 4]),
        ({"after": 3, "before": 6, "limit": 9, "latest": False}, [4, 5]),
        ({"after": 3, "before": 6, "limit": 9, "latest": True}, [4, 5]),
        ({"after": 3, "before": 6, "limit": 1, "latest": False}, [4]),
        ({"after": 3, "before": 6, "limit": 1, "latest": True}, [5]),
        ({"after": 3, "before": 4, "limit": 9, "latest": False}, []),
        ({"after": 7, "before": 3, "limit": 9, "latest": True}, []),
        ({"after": 10, "before": MAX_ID, "limit": 9, "latest": False}, []),
        ({"after": 0, "before": 1, "limit": 9, "latest": True}, []),
        ({"after": 0, "before": MAX_ID, "limit": 0, "latest": True}, []),
        ({"after": 0, "before": MAX_ID, "limit": 0, "latest": False}, []),
    ],
    ids=str,
)
async def test_history(store: MessageStore, window: dict[str, Any], seqs: list[int]) -> None:
    await fill(store, 10)
    await store.append([message(99, 1, 1, 3)], [])
    assert [m.seq for m in await store.history(CONV, **window)] == seqs


async def test_last_from(store: MessageStore) -> None:
    messages = await fill(store, 10)
    assert await store.last_from(CONV, 1, 0, 10) == messages[8]
    assert await store.last_from(CONV, 2, 0, 10) == messages[9]
    assert await store.last_from(CONV, 1, 6, 8) == messages[6]
    assert await store.last_from(CONV, 1, 7, 8) is None
    assert await store.last_from(CONV, 3, 0, 10) is None
    assert await store.last_from("c:8:9", 1, 0, 10) is None


async def test_a_read_sees_what_was_appended_before(store: MessageStore) -> None:
    for n in range(1, 51):
        await store.append([message(n, n)], [])
        assert (await store.heads([CONV]))[CONV].seq == n
        assert len(await store.find([(1, f"cli-{n}")])) == 1


async def test_many_reads_at_once(store: MessageStore) -> None:
    messages = await fill(store, 30)
    found = await asyncio.gather(*(store.by_mid(m.mid) for m in messages for _ in range(5)))
    assert found == [m for m in messages for _ in range(5)]


# --- positions and inbox ------------------------------------------------------------------------------------


async def test_positions_only_grow(store: MessageStore) -> None:
    await fill(store, 9)
    await store.save_positions([Position(CONV, 1, 5, 3)])
    await store.save_positions([Position(CONV, 1, 4, 7), Position(CONV, 2, 1, 0)])
    await store.save_positions([Position(CONV, 1, 2, 2)])
    assert (await store.standings([CONV])).positions == [
        Position(CONV, 1, 5, 7),
        Position(CONV, 2, 1, 0),
    ]


async def test_positions_of_one_member_in_one_call_are_merged(store: MessageStore) -> None:
    await fill(store, 9)
    await store.save_positions(
        [Position(CONV, 1, 5, 1), Position(CONV, 1, 2, 4), Position(CONV, 1, 3, 3)]
    )
    assert (await store.standings([CONV])).positions[0] == Position(CONV, 1, 5, 4)


async def test_more_positions_than_are_written_at_once(store: MessageStore) -> None:
    await fill(store, 9)
    await store.save_positions([Position(CONV, 1 + n % 2, n % 9, n % 7) for n in range(2500)])
    assert (await store.standings([CONV])).positions == [
        Position(CONV, 1, 8, 6),
        Position(CONV, 2, 8, 6),
    ]


async def test_positions_of_strangers_are_ignored(store: MessageStore) -> None:
    await fill(store, 1)
    await store.save_positions([Position(CONV, 3, 1, 1), Position("c:8:9", 8, 1, 1)])
    await store.save_positions([])
    assert (await store.standings([CONV, "c:8:9"])).positions == [
        Position(CONV, 1, 0, 0),
        Position(CONV, 2, 0, 0),
    ]
    assert await store.inbox(8, "", 10) == []


async def test_joining_again_keeps_the_position(store: MessageStore) -> None:
    await fill(store, 2)
    await store.save_positions([Position(CONV, 1, 2, 1)])
    await store.append([message(3, 3)], BOTH)
    assert (await store.standings([CONV])).positions[0] == Position(CONV, 1, 2, 1)


async def test_inbox_shows_the_newest_message_and_both_positions(store: MessageStore) -> None:
    messages = await fill(store, 3)
    await store.save_positions([Position(CONV, 2, 3, 2)])
    (entry,) = await store.inbox(1, "", 10)
    assert entry.conv == CONV
    assert entry.last == messages[-1]
    assert entry.mine == Position(CONV, 1, 0, 0)
    assert entry.others == (Position(CONV, 2, 3, 2),)


async def test_inbox_with_notes_to_oneself(store: MessageStore) -> None:
    note = message(1, 1, 1, 1)
    await store.append([note], [("c:1:1", 1), ("c:1:1", 1)])
    (entry,) = await store.inbox(1, "", 10)
    assert (entry.conv, entry.last, entry.others) == ("c:1:1", note, ())
    assert (await store.standings(["c:1:1"])).positions == [Position("c:1:1", 1, 0, 0)]


async def test_inbox_without_a_message(store: MessageStore) -> None:
    await store.append([], [(CONV, 1)])
    (entry,) = await store.inbox(1, "", 10)
    assert (entry.last, entry.others) == (None, ())


async def test_inbox_is_paged_in_text_order(store: MessageStore) -> None:
    peers = [2, 3, 10, 20, 100, 1, 9]
    convs = [f"c:1:{peer}" for peer in peers]
    await store.append(
        [message(n, 1, 1, peer) for n, peer in enumerate(peers, 1)], [(conv, 1) for conv in convs]
    )
    await store.append([message(99, 1, 5, 6)], [("c:5:6", 5)])
    seen: list[str] = []
    while page := await store.inbox(1, seen[-1] if seen else "", 3):
        assert len(page) <= 3
        seen += [entry.conv for entry in page]
    assert seen == sorted(convs)


async def test_a_closed_store_refuses(stores: Stores) -> None:
    store = stores.messages
    await stores.close()
    await stores.close()
    with pytest.raises(StoreUnavailableError):
        await store.append([message(1, 1)], [])
    with pytest.raises(StoreUnavailableError):
        await store.heads([CONV])


# --- the log ----------------------------------------------------------------------------------------------


async def test_the_log_has_every_conversation_in_the_order_of_mids(stores: Stores) -> None:
    first, second = message(5, 1), message(9, 1, 3, 4)
    await stores.messages.append([second, first], [])
    third = message(12, 2)
    await stores.messages.append([third], [])
    assert list(await stores.messages.log(0, 10)) == [first, second, third]
    assert list(await stores.messages.log(5, 1)) == [second]
    assert list(await stores.messages.log(12, 10)) == []
