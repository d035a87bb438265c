"""A short flood at the whole server, in process: what `python -m fuzz.flood` does with millions of frames."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

import pytest

from fuzz import live
from fuzz.flood import WAYS, check_memory, run
from fuzz.pool import Known, Person, Pool
from fuzz.tally import ASKABLE, OK
from fuzz.valid import Frames
from fuzz.way import Broken, beyond
from glideim.account.service import AccountService
from glideim.protocol.actions import RECORDS
from glideim.protocol.records import Envelope


def test_frames_reach_what_is_behind_sign_in_and_others_are_served() -> None:
    done = run(8000, 0.1, seed=7)
    assert done["frames"] >= 8000
    assert done["byte_by_byte"] > 0
    assert done["good"] >= len(WAYS)
    assert done["answers"]["bad_request"] > 0
    assert done["answers"][OK] > 0.35 * done["frames"]
    assert len(done["served"]) >= 80, done["never_served"]
    # Every action was sent, those that only the server may send as well.
    assert {*done["by_action"]} >= ASKABLE
    assert len({*done["by_action"]} & {*RECORDS}) > len(ASKABLE) + 5


def test_real_sockets_are_served_the_same_frames() -> None:
    done = run(1500, 0.1, seed=8, sockets=True)
    assert done["good"] >= len(WAYS)
    assert done["answers"][OK] > 0.3 * done["frames"]
    assert len(done["served"]) >= 50, done["never_served"]


def test_the_same_seed_asks_for_the_same() -> None:
    def asked(seed: int) -> list[Envelope]:
        pool, me = Pool(), Person(1)
        pool.people += [me, Person(2), Person(3)]
        pool.message(Known("c:1:2", 4, 9, "a", 1, 2))
        frames = Frames(pool, Random(seed))
        return [frames.envelope(me, n) for n in range(500)]

    assert asked(5) == asked(5) != asked(6)


def test_a_handler_that_fails_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    async def fails(_self: AccountService, _uid: int) -> None:
        raise ValueError("broken on purpose")

    monkeypatch.setattr(AccountService, "user", fails)
    with pytest.raises(Broken, match="broken on purpose"):
        run(4000, 0.1, seed=7)


def test_an_answer_that_never_comes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    over = asyncio.Event()

    async def hangs(_self: AccountService, _uids: Sequence[int]) -> None:
        await over.wait()

    monkeypatch.setattr(live, "PATIENCE", 0.2)
    monkeypatch.setattr(AccountService, "list_users", hangs)
    with pytest.raises(Broken, match=r"not answered.*api\.users\.list"):
        run(4000, 0.1, seed=7)
    over.set()  # or the server waits for it when it ends


def test_what_holds_more_than_it_may_is_found() -> None:
    figures = {
        "store": {"rows": 3.0, "queue": 5.0, "queue_limit": 4.0, "jobs": 4.0, "jobs_limit": 4.0}
    }
    assert list(beyond(figures)) == [("store.queue", 5.0, 4.0)]


def test_memory_that_grows_without_an_end_is_found() -> None:
    check_memory([80 << 20, 100 << 20, 120 << 20, 130 << 20])
    with pytest.raises(Broken, match="memory grew from 200 to 400 MiB"):
        check_memory([100 << 20, 200 << 20, 300 << 20, 400 << 20])
