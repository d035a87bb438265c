"""What every AccountStore promises."""

from __future__ import annotations

import asyncio

import msgspec
import pytest

from glideim.account.ports import Account, AccountExistsError, AccountStore
from glideim.edge.stores import Stores
from glideim.protocol.records import MAX_ID
from tests.support.stores import account, session


@pytest.fixture
def store(stores: Stores) -> AccountStore:
    return stores.accounts


# --- accounts -----------------------------------------------------------------------------------------------


async def test_keeps_every_field(store: AccountStore) -> None:
    full = Account(MAX_ID, "Zoë \x00", "Z. 👩‍👧", "https://x/'\"", "$argon2id$v=19$", True, MAX_ID)
    await store.add_account(full)
    assert await store.accounts([MAX_ID]) == {MAX_ID: full}
    assert await store.account_by_name(full.account) == full


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("alice", "ALICE"),
        ("Ärger", "äRGER"),
        ("ΣΊΣΥΦΟΣ", "σίσυφος"),
        ("Straße", "STRASSE"),
        ("Ивáн", "ИВÁН"),
        ("é", "e\u0301"),
        ("\uff57\uff49\uff44\uff45", "wide"),
    ],
)
async def test_names_are_compared_without_case(store: AccountStore, one: str, other: str) -> None:
    await store.add_account(account(1, one))
    found = await store.account_by_name(other)
    assert found is not None
    assert found.account == one
    with pytest.raises(AccountExistsError):
        await store.add_account(account(2, other))
    assert await store.accounts([2]) == {}


async def test_unknown_accounts(store: AccountStore) -> None:
    await store.add_account(account(1, "alice"))
    assert await store.account_by_name("alic") is None
    assert await store.account_by_name("") is None
    assert sorted(await store.accounts([1, 2, 1])) == [1]
    assert await store.accounts([]) == {}


async def test_a_uid_is_given_once(store: AccountStore) -> None:
    await store.add_account(account(1, "alice"))
    with pytest.raises(AccountExistsError):
        await store.add_account(account(1, "bob"))
    assert await store.account_by_name("bob") is None


async def test_of_many_who_want_a_name_one_gets_it(store: AccountStore) -> None:
    wanted = [account(n, "Anna" if n % 2 else f"name-{n}") for n in range(1, 21)]
    outcomes = await asyncio.gather(*(store.add_account(a) for a in wanted), return_exceptions=True)
    assert sum(isinstance(outcome, AccountExistsError) for outcome in outcomes) == 9
    anna = await store.account_by_name("anna")
    assert anna is not None
    assert outcomes[anna.uid - 1] is None
    assert len(await store.accounts([a.uid for a in wanted])) == 11


async def test_a_guest_comes_with_a_session_or_not_at_all(store: AccountStore) -> None:
    guest = account(1, "guest-1")
    await store.add_guest(guest, session(7), b"token")
    assert await store.accounts([1]) == {1: guest}
    assert await store.session_by_token(b"token", 0) == session(7)
    with pytest.raises(AccountExistsError):
        await store.add_guest(account(2, "GUEST-1"), session(8), b"other")
    assert await store.accounts([2]) == {}
    assert await store.session_by_token(b"other", 0) is None


async def test_search_by_name_or_nickname(store: AccountStore) -> None:
    people = [
        account(5, "Álvaro"),
        account(3, "bob", nickname="ÁLAMO"),
        account(4, "álbum", nickname="álbum"),
        account(9, "xál", nickname="x"),
        account(7, "al_", nickname="100%"),
    ]
    for person in people:
        await store.add_account(person)

    async def uids(prefix: str, after: int = 0, limit: int = 10) -> list[int]:
        return [a.uid for a in await store.search_accounts(prefix, after, limit)]

    assert await uids("áL") == [3, 4, 5]
    assert await uids("ál", limit=2) == [3, 4]
    assert await uids("ál", after=4) == [5]
    assert await uids("al_") == [7]
    assert await uids("al%") == []
    assert await uids("100%") == [7]
    assert await uids("") == [3, 4, 5, 7, 9]


async def test_update_changes_what_is_given(store: AccountStore) -> None:
    before = account(1, "alice", nickname="Al", avatar="a", password_hash="p")
    await store.add_account(before)
    await store.add_account(account(2, "bob"))
    await store.update_account(1, nickname="Älice")
    await store.update_account(1, banned=True, password_hash="")
    await store.update_account(1)
    expected = msgspec.structs.replace(before, nickname="Älice", banned=True, password_hash="")
    assert await store.accounts([1, 2]) == {1: expected, 2: account(2, "bob")}
    assert await store.search_accounts("älice", 0, 5) == [expected]
    await store.update_account(1, banned=False, avatar="")
    assert (await store.accounts([1]))[1] == msgspec.structs.replace(
        expected, banned=False, avatar=""
    )
    await store.update_account(99, nickname="nobody")
    assert await store.accounts([99]) == {}


# --- sessions -----------------------------------------------------------------------------------------------


async def test_a_token_leads_to_its_session(store: AccountStore) -> None:
    mine = session(MAX_ID, MAX_ID)
    await store.add_session(mine, b"\x00\xffone")
    assert await store.session_by_token(b"\x00\xffone", 999) == mine
    assert await store.session_by_token(b"\x00\xff", 999) is None
    assert await store.session_by_token(b"", 999) is None


async def test_a_session_expires(store: AccountStore) -> None:
    await store.add_session(session(1), b"one")
    assert await store.session_by_token(b"one", 999) is not None
    assert await store.session_by_token(b"one", 1000) is None


async def test_a_new_token_extends_the_session_and_ends_the_old_one(store: AccountStore) -> None:
    await store.add_session(session(1), b"old")
    await store.replace_token(1, b"old", b"new", old_expires_at=500, expires_at=2000)
    assert await store.session_by_token(b"old", 499) == session(1, expires_at=2000)
    assert await store.session_by_token(b"old", 500) is None
    assert await store.session_by_token(b"new", 1999) == session(1, expires_at=2000)
    assert await store.session_by_token(b"new", 2000) is None


async def test_an_old_token_never_lives_longer_for_being_replaced(store: AccountStore) -> None:
    await store.add_session(session(1), b"old")
    await store.replace_token(1, b"old", b"new", old_expires_at=5000, expires_at=9000)
    assert await store.session_by_token(b"old", 1000) is None


async def test_no_token_outlives_its_session(store: AccountStore) -> None:
    await store.add_session(session(1), b"old")
    await store.replace_token(1, b"old", b"new", old_expires_at=1000, expires_at=500)
    assert await store.session_by_token(b"old", 499) == session(1, expires_at=500)
    assert await store.session_by_token(b"old", 500) is None


async def test_ended_sessions_do_not_return(store: AccountStore) -> None:
    await store.add_session(session(1), b"old")
    assert await store.end_sessions(1) == [session(1)]
    await store.replace_token(1, b"old", b"new", old_expires_at=500, expires_at=2000)
    assert await store.session_by_token(b"old", 0) is None
    assert await store.session_by_token(b"new", 0) is None


async def test_a_token_is_replaced_only_within_its_session(store: AccountStore) -> None:
    await store.add_session(session(1, 1), b"one")
    await store.add_session(session(2, 2), b"two")
    await store.replace_token(2, b"one", b"new", old_expires_at=5, expires_at=2000)
    assert await store.session_by_token(b"new", 0) is None
    assert await store.session_by_token(b"one", 6) == session(1, 1)
    assert await store.session_by_token(b"two", 0) == session(2, 2)


@pytest.mark.parametrize(
    ("choice", "ended"),
    [
        ({}, {1, 2, 3}),
        ({"only": 2}, {2}),
        ({"keep": 2}, {1, 3}),
        ({"only": 4}, set()),
        ({"only": 9}, set()),
    ],
    ids=str,
)
async def test_ending_sessions(
    store: AccountStore, choice: dict[str, int], ended: set[int]
) -> None:
    for number, uid in ((1, 1), (2, 1), (3, 1), (4, 2)):
        await store.add_session(session(number, uid), b"%d" % number)
    assert {s.session_id for s in await store.end_sessions(1, **choice)} == ended
    for number in (1, 2, 3, 4):
        alive = await store.session_by_token(b"%d" % number, 0) is not None
        assert alive == (number not in ended)


async def test_pages_of_sessions(store: AccountStore) -> None:
    for number, uid, until in ((1, 1, 100), (2, 1, 50), (3, 1, 100), (4, 2, 100), (5, 1, 100)):
        await store.add_session(session(number, uid, expires_at=until), b"%d" % number)

    async def ids(now: int, before: int = MAX_ID + 1, limit: int = 10) -> list[int]:
        return [s.session_id for s in await store.sessions(1, now, before, limit)]

    assert await ids(0) == [5, 3, 2, 1]
    assert await ids(50) == [5, 3, 1]
    assert await ids(50, limit=2) == [5, 3]
    assert await ids(50, before=3) == [1]
    assert await ids(100) == []
    (found,) = await store.sessions(2, 0, 5, 1)
    assert found == session(4, 2, expires_at=100)


async def test_purging_removes_only_what_expired(store: AccountStore) -> None:
    await store.add_session(session(1, expires_at=100), b"gone")
    await store.add_session(session(2, expires_at=200), b"old")
    await store.replace_token(2, b"old", b"new", old_expires_at=50, expires_at=300)
    # A session, its token, and the replaced token of the other.
    assert await store.purge_expired(100) == 3
    assert await store.purge_expired(100) == 0
    assert await store.session_by_token(b"gone", 0) is None
    assert await store.session_by_token(b"old", 0) is None
    assert await store.session_by_token(b"new", 100) == session(2, expires_at=300)
