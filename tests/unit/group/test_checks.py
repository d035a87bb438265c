"""Names, announcements, rules, lists and pages: what is taken, and what is refused."""

from __future__ import annotations

from typing import Any

import pytest

from glideim.group import checks
from glideim.group.ports import ANNOUNCEMENT_MOST, AVATAR_MOST, MEMBERS_MOST, NAME_MOST
from glideim.kernel.errors import RequestError
from glideim.protocol.codes import ErrorCode


def refused(code: ErrorCode = ErrorCode.BAD_REQUEST) -> Any:
    return pytest.raises(RequestError, check=lambda error: error.code == code)


def test_what_is_taken() -> None:
    assert checks.name_of(" Zoë's 👩‍👧 team ") == "Zoë's 👩‍👧 team"
    assert checks.name_of("n" * NAME_MOST) == "n" * NAME_MOST
    assert checks.nickname_of("  ") == ""
    assert checks.reason_of("may I? ") == "may I?"
    assert checks.announcement_of("\nline one\nline two\n") == "line one\nline two"
    assert checks.avatar_of("") == ""
    assert checks.avatar_of("/api/v2/files/1") == "/api/v2/files/1"
    assert checks.people_of([3, 2, 3]) == (3, 2)
    assert checks.until_of(0) == 0
    assert [checks.page_of("", 0), checks.page_of("17", 5), checks.page_of("", 10**6)] == [
        (0, checks.PAGE), (17, 5), (0, checks.PAGE_MOST),
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["", " ", "n" * (NAME_MOST + 1), "a\nb", "a\u202eb", "a\0"])
def test_names_that_are_none(name: str) -> None:
    with refused():
        checks.name_of(name)


def test_what_is_too_long() -> None:
    with refused():
        checks.nickname_of("n" * (checks.NICKNAME_MOST + 1))
    with refused():
        checks.reason_of("n" * (checks.REASON_MOST + 1))
    with refused():
        checks.announcement_of("n" * (ANNOUNCEMENT_MOST + 1))
    with refused():
        checks.avatar_of("/" * (AVATAR_MOST + 1))
    with refused(ErrorCode.TOO_LARGE):
        checks.people_of(range(1, MEMBERS_MOST + 2))


def test_what_makes_no_sense() -> None:
    with refused():
        checks.avatar_of("javascript:alert(1)")
    with refused():
        checks.people_of([1, 0])
    with refused():
        checks.until_of(-1)
    for cursor, limit in (("x", 0), ("-1", 0), ("1" * 17, 0), ("", -1), ("\u0661", 0)):
        with refused():
            checks.page_of(cursor, limit)


def test_rules() -> None:
    checks.check_rules(None, None, None)
    checks.check_rules("approval", "all", "admins")
    for wrong in (("closed", None, None), (None, "", None), (None, None, "owner")):
        with refused():
            checks.check_rules(*wrong)
