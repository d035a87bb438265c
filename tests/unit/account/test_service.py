"""Accounts, sessions and tokens."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping, Sequence

import pytest

from glideim.account.checks import same_name
from glideim.account.ports import Account, EndReason, Principal
from glideim.account.service import DAY_MS, hash_token
from glideim.edge.memory import MemoryAccounts, MemoryStore
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode
from glideim.protocol.records import User
from tests.support.accounts import GATEWAYS, PASSWORD, House, cheap_passwords

DAY = 86_400.0
WIDE = "\uff41\uff4c\uff49\uff43\uff45"
"""`alice` in full-width letters."""


@pytest.fixture
def house() -> Iterator[House]:
    house = House()
    yield house
    house.close()


def refused(code: ErrorCode, match: str | None = None) -> pytest.RaisesExc[RequestError]:
    return pytest.raises(RequestError, match=match, check=lambda error: error.code == code)


# --- people -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "stored"),
    [("abc", "abc"), ("a" * 64, "a" * 64), ("Ünal.O-k_@+1", "Ünal.O-k_@+1"), (WIDE, "alice"),
     ("李小龙", "李小龙"), ("Cafe\u0301", "Café"), ("e\u0301" * 64, "é" * 64)],
)  # fmt: skip
async def test_account_names(house: House, name: str, stored: str) -> None:
    uid = await house.register(name)
    assert await house.accounts.user(uid) == User(uid, stored, stored)
    assert (await house.login(name)).uid == uid


@pytest.mark.parametrize(
    "name", ["", "ab", "a" * 65, "a b c", "a/b", "a\0bc", "alice\n", "al🙂ice", "\ufdfa" * 200, "a" * 10**6]
)  # fmt: skip
async def test_account_names_that_are_none(house: House, name: str) -> None:
    with refused(ErrorCode.BAD_REQUEST, "account"):
        await house.register(name)
    with refused(ErrorCode.UNAUTHENTICATED):
        await house.login(name)


@pytest.mark.parametrize("password", ["", "12345", "x" * 257])
async def test_passwords_that_are_none(house: House, password: str) -> None:
    with refused(ErrorCode.BAD_REQUEST, "password"):
        await house.accounts.register("alice", password, "")


async def test_the_longest_password_counts_in_full(house: House) -> None:
    await house.accounts.register("alice", "x" * 256, "")
    assert (await house.login(password="x" * 256)).uid
    for wrong in ("x" * 255, "x" * 257):
        with refused(ErrorCode.UNAUTHENTICATED):
            await house.login(password=wrong)


@pytest.mark.parametrize("again", ["alice", "ALICE", WIDE])
async def test_a_name_is_taken_once(house: House, again: str) -> None:
    await house.register("Alice")
    with refused(ErrorCode.CONFLICT):
        await house.register(again)
    assert same_name(again) == same_name("Alice")


async def test_of_two_who_want_a_name_at_once_one_gets_it(house: House) -> None:
    results = await asyncio.gather(
        house.register("alice"), house.register("Alice"), return_exceptions=True
    )
    assert sorted(type(result).__name__ for result in results) == ["RequestError", "int"]


@pytest.mark.parametrize("nickname", ["", "Ali ce", "می\u200cشود", "👨\u200d👩\u200d👧", "x" * 64])
async def test_nicknames(house: House, nickname: str) -> None:
    uid = await house.register()
    assert (await house.accounts.update(uid, nickname, None)).nickname == nickname


@pytest.mark.parametrize(
    "nickname", ["x" * 65, "a\nb", "a\0", "a\x7f", "evil\u202eexe", "a\u2028b"]
)
async def test_nicknames_that_are_none(house: House, nickname: str) -> None:
    uid = await house.register()
    with refused(ErrorCode.BAD_REQUEST, "nickname"):
        await house.accounts.update(uid, nickname, None)
    with refused(ErrorCode.BAD_REQUEST, "nickname"):
        await house.accounts.guest(nickname, 2, "")


async def test_a_profile_changes_where_it_is_told_to(house: House) -> None:
    uid = await house.register()
    url = "https://example.com/" + "a" * 492
    assert await house.accounts.update(uid, None, url) == User(uid, "alice", "alice", url)
    assert await house.accounts.update(uid, "A", None) == User(uid, "alice", "A", url)
    assert await house.accounts.update(uid, "", "") == User(uid, "alice")
    for avatar in (url + "a", "javascript:alert(1)", "example.com/a.png"):
        with refused(ErrorCode.BAD_REQUEST, "avatar"):
            await house.accounts.update(uid, None, avatar)


async def test_lists_keep_the_order_asked_for(house: House) -> None:
    alice, bob = await house.register("alice"), await house.register("bob")
    listed = await house.accounts.list_users((bob, 7, alice, bob))
    assert [user.uid for user in listed.items] == [bob, alice]
    assert (await house.accounts.list_users(())).items == ()
    await house.accounts.list_users(range(1, 101))
    with refused(ErrorCode.TOO_LARGE):
        await house.accounts.list_users(range(1, 102))
    with refused(ErrorCode.NOT_FOUND):
        await house.accounts.user(7)


async def test_searching_page_by_page(house: House) -> None:
    uids = [await house.register(f"anna{number}") for number in range(5)]
    await house.register("bert")
    seen: list[int] = []
    cursor = ""
    for _ in range(3):
        page = await house.accounts.search("ANNA", cursor, 2)
        seen += [user.uid for user in page.items]
        cursor = page.cursor
    assert (seen, cursor) == (uids, "")


async def test_an_exact_account_name_comes_first(house: House) -> None:
    for name in ("ann1", "ann2", "ann3", "ann"):
        await house.register(name)
    page = await house.accounts.search("ann", "", 2)
    assert page.items[0].account == "ann"


@pytest.mark.parametrize(
    ("text", "cursor", "limit"),
    [("", "", 0), ("   ", "", 0), ("x" * 65, "", 0), ("a", "x", 0), ("a", "-1", 0), ("a", "²", 0),
     ("a", "9" * 17, 0), ("a", "", -1)],
)  # fmt: skip
async def test_searches_that_are_none(house: House, text: str, cursor: str, limit: int) -> None:
    with refused(ErrorCode.BAD_REQUEST):
        await house.accounts.search(text, cursor, limit)


async def test_who_exists(house: House) -> None:
    uid = await house.register()
    assert not house.accounts.known(uid)
    assert await house.accounts.exists((uid, 7)) == {uid}
    assert house.accounts.known(uid)
    assert not house.accounts.known(7)


async def test_the_people_remembered_are_bounded() -> None:
    house = House(people_cached=3)
    try:
        uids = [await house.register(f"anna{number}") for number in range(10)]
        for uid in uids:
            assert await house.accounts.exists((uid,)) == {uid}
            assert house.accounts.statistics()["people_cached"] <= 3
    finally:
        house.close()


# --- signing in -------------------------------------------------------------------------------------------


async def test_signing_in(house: House) -> None:
    uid = await house.register()
    one, two = await house.login("ALICE"), await house.login(device=1)
    assert (one.uid, one.gateways) == (uid, GATEWAYS)
    assert one.expires_at == house.clock.now_ms() + 30 * DAY_MS
    assert one.token.startswith("glt_") and len(one.token) >= 47
    assert one.token != two.token
    first, second = [await house.accounts.authenticate(x.token) for x in (one, two)]
    assert first.uid == second.uid == uid
    assert first.session_id != second.session_id


async def test_the_token_itself_is_stored_nowhere(house: House) -> None:
    await house.register()
    token = (await house.login()).token
    held = house.store.accounts._tokens
    assert list(held) == [hash_token(token)]
    assert token.encode() not in hash_token(token)


async def test_a_wrong_account_and_a_wrong_password_look_the_same(house: House) -> None:
    await house.register()
    messages = set()
    for name, password in (("alice", "wrong one"), ("nobody", PASSWORD)):
        with refused(ErrorCode.UNAUTHENTICATED) as caught:
            await house.login(name, password)
        messages.add(caught.value.message)
    assert len(messages) == 1


@pytest.mark.parametrize("device", [0, -1, 100])
async def test_devices_that_are_none(house: House, device: int) -> None:
    await house.register()
    with refused(ErrorCode.BAD_REQUEST, "device"):
        await house.login(device=device)
    with refused(ErrorCode.BAD_REQUEST, "device"):
        await house.accounts.guest("", device, "")


async def test_a_guest_has_a_token_and_no_password(house: House) -> None:
    guest = await house.accounts.guest("Visitor", 2, "browser")
    profile = await house.accounts.user(guest.uid)
    assert (profile.account, profile.nickname) == (f"guest-{guest.uid}", "Visitor")
    principal = await house.accounts.authenticate(guest.token)
    assert principal.uid == guest.uid
    for password in ("", "nobody's password"):
        with refused(ErrorCode.UNAUTHENTICATED):
            await house.login(profile.account, password)
        with refused(ErrorCode.FORBIDDEN):
            await house.accounts.change_password(principal, password, "a new one")


async def test_hashes_are_renewed_at_the_next_sign_in(house: House) -> None:
    uid = await house.register()
    before = (await house.store.accounts.accounts((uid,)))[uid].password_hash
    stronger = house.accounts._passwords = cheap_passwords(passes=2)
    try:
        await house.login()
        after = (await house.store.accounts.accounts((uid,)))[uid].password_hash
        assert before != after
        assert not stronger.outdated(after)
        await house.login()
        assert (await house.store.accounts.accounts((uid,)))[uid].password_hash == after
    finally:
        stronger.close()


async def test_a_password_that_changes_while_it_is_checked_lets_nobody_in(house: House) -> None:
    uid = await house.register()
    login = asyncio.create_task(house.login())
    while not house.passwords.under_way:  # noqa: ASYNC110 - a few turns of the loop
        await asyncio.sleep(0)
    await house.store.accounts.update_account(uid, password_hash="another")
    with refused(ErrorCode.UNAUTHENTICATED):
        await login


# --- tokens -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("token", ["", "glt_", "x" * 100_000, "glt_\ud800", "\0"])
async def test_tokens_that_are_none(house: House, token: str) -> None:
    assert await house.refusal(token) == ErrorCode.UNAUTHENTICATED


@pytest.mark.parametrize("used_before", [False, True])
async def test_a_token_expires(house: House, used_before: bool) -> None:
    await house.register()
    token = (await house.login()).token
    house.clock.advance(30 * DAY - 1)
    if used_before:
        assert await house.refusal(token) is None
    house.clock.advance(1)
    assert await house.refusal(token) == ErrorCode.UNAUTHENTICATED
    assert await house.accounts.purge() == 2


@pytest.mark.parametrize("uses", [(), (0.0,), (30.0,), (0.0, 30.0, 59.0)])
async def test_a_replaced_token_is_good_for_a_minute(house: House, uses: tuple[float, ...]) -> None:
    await house.register()
    old = (await house.login()).token
    house.clock.advance(20 * DAY)
    new = await house.accounts.refresh(old)
    assert new.token != old
    assert new.expires_at == house.clock.now_ms() + 30 * DAY_MS
    at = 0.0
    for use in (*uses, 59.999):
        house.clock.advance(use - at)
        at = use
        assert await house.refusal(old) is None
    house.clock.advance(0.001)
    assert await house.refusal(old) == ErrorCode.UNAUTHENTICATED
    house.clock.advance(29 * DAY)
    assert await house.refusal(new.token) is None


async def test_a_lost_reply_to_a_refresh_signs_nobody_out(house: House) -> None:
    await house.register()
    old = (await house.login()).token
    lost = await house.accounts.refresh(old)
    house.clock.advance(50)
    again = await house.accounts.refresh(old)
    house.clock.advance(10)
    assert await house.refusal(old) == ErrorCode.UNAUTHENTICATED
    assert await house.refusal(lost.token) is None
    sessions = {await house.accounts.authenticate(x.token) for x in (lost, again)}
    assert len(sessions) == 1


async def test_the_tokens_remembered_are_bounded() -> None:
    house = House(tokens_cached=2)
    try:
        await house.register()
        tokens = [(await house.login()).token for _ in range(5)]
        for token in tokens * 2:
            assert await house.refusal(token) is None
        assert house.accounts.statistics()["tokens_cached"] == 2
    finally:
        house.close()


# --- the end of sessions ----------------------------------------------------------------------------------


async def test_a_logout_ends_one_session_at_once(house: House) -> None:
    await house.register()
    token, other = (await house.login()).token, (await house.login(device=1)).token
    principal = await house.accounts.authenticate(token)
    renewed = (await house.accounts.refresh(token)).token
    await house.accounts.logout(principal)
    for ended in (token, renewed):
        assert await house.refusal(ended) == ErrorCode.UNAUTHENTICATED
    assert await house.refusal(other) is None
    assert house.ended == [((principal.session_id,), EndReason.LOGOUT)]
    await house.accounts.logout(principal)
    assert len(house.ended) == 1


async def test_sessions_page_by_page(house: House) -> None:
    await house.register()
    first = await house.login()
    me = await house.accounts.authenticate(first.token)
    await house.login(device=1)
    await house.register("bob")
    await house.login("bob")
    await house.login(device=4)
    page, cursor = await house.accounts.sessions(me.uid, "", 2)
    assert [s.device for s in page] == [4, 1]
    rest, end = await house.accounts.sessions(me.uid, cursor, 2)
    assert ([s.session_id for s in rest], end) == ([me.session_id], "")
    assert rest[0].expires_at == first.expires_at
    for cursor, limit in (("x", 1), ("", -1)):
        with refused(ErrorCode.BAD_REQUEST):
            await house.accounts.sessions(me.uid, cursor, limit)


async def test_the_sessions_of_a_person_are_bounded() -> None:
    house = House(sessions=3)
    try:
        await house.register()
        await house.register("bob")
        bobs = (await house.login("bob")).token
        tokens = [(await house.login()).token for _ in range(5)]
        outcomes = [await house.refusal(token) for token in tokens]
        assert outcomes == [ErrorCode.UNAUTHENTICATED] * 2 + [None] * 3
        assert await house.refusal(bobs) is None
        assert [(len(ids), reason) for ids, reason in house.ended] == [(1, EndReason.LOGOUT)] * 2
    finally:
        house.close()


async def test_one_session_is_ended_from_another(house: House) -> None:
    await house.register()
    mine, other = (await house.login()).token, (await house.login(device=1)).token
    gone = await house.accounts.authenticate(other)
    stranger = await house.register("bob")
    for uid, session_id in ((stranger, gone.session_id), (gone.uid, 999_999)):
        with refused(ErrorCode.NOT_FOUND):
            await house.accounts.end_session(uid, session_id)
    assert await house.refusal(other) is None
    await house.accounts.end_session(gone.uid, gone.session_id)
    assert await house.refusal(other) == ErrorCode.UNAUTHENTICATED
    assert await house.refusal(mine) is None
    assert house.ended == [((gone.session_id,), EndReason.LOGOUT)]


async def test_bad_tokens_are_limited_per_address_and_good_ones_are_not(house: House) -> None:
    await house.register()
    known, fresh = (await house.login()).token, (await house.login(device=1)).token
    await house.accounts.authenticate(known, "192.0.2.1")
    for _ in range(100):
        with refused(ErrorCode.UNAUTHENTICATED):
            await house.accounts.authenticate("glt_wrong", "192.0.2.1")
    for token in ("glt_wrong", fresh):
        with refused(ErrorCode.RATE_LIMITED):
            await house.accounts.authenticate(token, "192.0.2.1")
    await house.accounts.authenticate(known, "192.0.2.1")
    await house.accounts.authenticate(fresh, "192.0.2.2")
    house.clock.advance(1)
    with refused(ErrorCode.UNAUTHENTICATED):
        await house.accounts.authenticate("glt_wrong", "192.0.2.1")


async def test_a_crowd_with_good_tokens_is_not_limited(house: House) -> None:
    await house.register()
    for name in ("bob", "carol"):
        await house.register(name)
    names = ("alice", "bob", "carol")
    tokens = [(await house.login(names[n % 3])).token for n in range(150)]
    found = await asyncio.gather(*(house.accounts.authenticate(t, "192.0.2.1") for t in tokens))
    assert len({principal.session_id for principal in found}) == 150


async def test_a_new_password_ends_the_other_sessions(house: House) -> None:
    await house.register()
    mine, other = (await house.login()).token, (await house.login(device=1)).token
    principal, gone = [await house.accounts.authenticate(token) for token in (mine, other)]
    await house.accounts.change_password(principal, PASSWORD, "battery staple")
    assert await house.refusal(mine) is None
    assert await house.refusal(other) == ErrorCode.UNAUTHENTICATED
    assert house.ended == [((gone.session_id,), EndReason.PASSWORD)]
    with refused(ErrorCode.UNAUTHENTICATED):
        await house.login()
    assert (await house.login(password="battery staple")).uid == principal.uid


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [("wrong one", "battery staple", ErrorCode.FORBIDDEN), (PASSWORD, "short", ErrorCode.BAD_REQUEST)],
)  # fmt: skip
async def test_a_new_password_that_is_refused_changes_nothing(
    house: House, old: str, new: str, code: ErrorCode
) -> None:
    await house.register()
    token = (await house.login()).token
    with refused(code):
        await house.accounts.change_password(await house.accounts.authenticate(token), old, new)
    assert house.ended == []
    assert (await house.login()).uid


async def test_a_ban_ends_everything_until_it_is_lifted(house: House) -> None:
    uid = await house.register()
    tokens = [(await house.login(device=device)).token for device in (1, 2)]
    assert [await house.refusal(token) for token in tokens] == [None, None]
    await house.accounts.ban(uid, banned=True)
    assert [reason for _, reason in house.ended] == [EndReason.BAN]
    assert len(house.ended[0][0]) == 2
    assert [await house.refusal(token) for token in tokens] == [ErrorCode.UNAUTHENTICATED] * 2
    with refused(ErrorCode.FORBIDDEN, "banned"):
        await house.login()
    with refused(ErrorCode.UNAUTHENTICATED):
        await house.login(password="wrong one")
    await house.accounts.ban(uid, banned=False)
    assert (await house.login()).uid == uid
    with refused(ErrorCode.NOT_FOUND):
        await house.accounts.ban(7, banned=True)


async def test_a_session_that_began_while_its_person_was_banned_is_none(house: House) -> None:
    uid = await house.register()
    token = (await house.login()).token
    await house.store.accounts.update_account(uid, banned=True)
    assert await house.refusal(token) == ErrorCode.FORBIDDEN


class _PausedAccounts(MemoryAccounts):
    """Waits in the middle of a look-up when asked to."""

    pause: asyncio.Event | None = None
    waiting: asyncio.Event

    async def accounts(self, uids: Sequence[int]) -> Mapping[int, Account]:
        if self.pause is not None:
            self.waiting.set()
            await self.pause.wait()
        return await super().accounts(uids)


async def test_a_session_that_ends_during_its_look_up_lets_nobody_in() -> None:
    store = MemoryStore()
    paused = store.accounts = _PausedAccounts(store._engine)
    house = House(store)
    try:
        await house.register()
        token = (await house.login()).token
        session = await paused.session_by_token(hash_token(token), house.clock.now_ms())
        assert session is not None
        paused.pause, paused.waiting = asyncio.Event(), asyncio.Event()
        look_up = asyncio.create_task(house.refusal(token))
        await paused.waiting.wait()
        await house.accounts.logout(Principal(session.uid, session.session_id))
        paused.pause.set()
        assert await look_up == ErrorCode.UNAUTHENTICATED
        assert house.accounts.statistics()["tokens_cached"] == 0
    finally:
        house.close()
