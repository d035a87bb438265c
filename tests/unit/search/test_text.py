from __future__ import annotations

import pytest

from glideim.search.text import (
    CLAUSES_MOST,
    TERM_MOST,
    Clause,
    found_in,
    parse,
    searchable,
    terms_of,
)


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("Hello, World!", ["hello", "world"]),
        ("我在北京Office工作", ["我", "在", "北", "京", "office", "工", "作"]),
        ("\uff37\uff29\uff24\uff25 ﾊﾟ", ["wide", "パ"]),
        ("Café STRASSE straße", ["cafe", "strasse", "strasse"]),
        ("한국어", ["한", "국", "어"]),
        ("ที่นี่", ["ท", "ี", "่", "น", "ี", "่"]),
        ("a@b.example snake_case", ["a", "b", "example", "snake", "case"]),
        ("ok 👍", ["ok", "👍"]),
        ('" OR * NEAR( - :', ["or", "near"]),
        ("x" * 100, ["x" * TERM_MOST]),
        ("", []),
        ("\x00!?", []),
    ],
)
def test_terms(text: str, terms: list[str]) -> None:
    assert terms_of(text) == terms


@pytest.mark.parametrize(
    ("query", "clauses"),
    [
        ("green tea", (Clause(("green",)), Clause(("tea",), True))),
        ("to go", (Clause(("to",)), Clause(("go",)))),
        ("北京 天", (Clause(("北", "京")), Clause(("天",)))),
        ("meet北京", (Clause(("meet", "北", "京")),)),
        ('"green tea" now', (Clause(("green", "tea")), Clause(("now",), True))),
        ('now "green tea"', (Clause(("now",)), Clause(("green", "tea")))),
        ('"not closed', (Clause(("not", "closed")),)),
        ("bob@example.com", (Clause(("bob", "example", "com"), True),)),
        ("!!! ???", ()),
        ('""', ()),
        ("", ()),
    ],
)
def test_clauses(query: str, clauses: tuple[Clause, ...]) -> None:
    assert parse(query) == clauses


def test_too_many_clauses() -> None:
    assert len(parse("x " * CLAUSES_MOST)) == CLAUSES_MOST
    with pytest.raises(ValueError, match="at most"):
        parse("x " * (CLAUSES_MOST + 1))


@pytest.mark.parametrize(
    ("query", "text", "found"),
    [
        ("tea", "Green TEA.", True),
        ("tea", "teapot", True),
        ("te", "teapot", False),
        ("tea green", "green tea", True),
        ('"tea green"', "green tea", False),
        ("北京", "我在北京", True),
        ("北京", "北方京城", False),
        ("resume", "my Résumé", True),
        ("coffee", "tea", False),
        ("", "anything", True),
    ],
)
def test_what_is_found(query: str, text: str, found: bool) -> None:
    assert found_in(parse(query), terms_of(text)) is found


@pytest.mark.parametrize(
    ("kind", "content", "text"),
    [
        (1, '{"name": "as it is"}', '{"name": "as it is"}'),
        (5, '{"name": "plan.pdf", "url": "https://x/y", "size": 3}', "plan.pdf"),
        (6, '{"title": "Home", "address": "Main St", "name": 7}', "Home\nMain St"),
        (5, "{not json", "{not json"),
        (11, "# Title", "# Title"),
        (1, None, ""),
        (1, "", ""),
    ],
)
def test_what_is_searched(kind: int, content: str | None, text: str) -> None:
    assert searchable(kind, content) == text


def test_what_is_nested_too_deep_to_read_is_searched_as_it_is() -> None:
    content = '{"text":"hello","more":' + "[" * 9000 + "]" * 9000 + "}"
    assert searchable(2, content) == content
