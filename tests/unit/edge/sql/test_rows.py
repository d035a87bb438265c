"""How values are laid out in rows."""

from __future__ import annotations

import uuid

import pytest

from glideim.edge.sql.rows import pack_cli_mid, split_key

UUID = "0f8fad5b-d9cb-469f-a165-70867728950e"


def test_a_uuid_becomes_its_bytes() -> None:
    assert pack_cli_mid(UUID) == uuid.UUID(UUID).bytes


@pytest.mark.parametrize(
    "text",
    [
        "",
        "x",
        UUID.upper(),
        UUID.replace("-", ""),
        UUID[:-1],
        UUID[:-1] + "g",
        UUID[:-1] + " ",
        UUID[:-1] + "\u0665",
        UUID[:-1] + "-",
        UUID.replace("-", "_"),
        "-" * 36,
        "0f8fad5bd-9cb-469f-a165-70867728950e",
    ],
)
def test_anything_else_stays_as_it_is(text: str) -> None:
    assert pack_cli_mid(text) == text


def test_a_conversation_is_its_people() -> None:
    assert split_key("c:7:9") == (7, 9)
    assert split_key("c:7:7") == (7, 7)


def test_a_group_is_beside_all_people() -> None:
    assert split_key("g:5") == (0, 5)


@pytest.mark.parametrize("key", ["", "c:9:7", "g:05", "g:0", "g:", "c:7", "c:07:9"])
def test_other_keys_are_refused(key: str) -> None:
    with pytest.raises(ValueError, match="not a conversation key"):
        split_key(key)
