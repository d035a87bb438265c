"""docs/limits.md names every figure of a running server and no other, with the limits that it has."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

from glideim.config import Config
from glideim.server import Server

PAGE = Path(__file__).parents[2] / "docs" / "limits.md"
FIGURE = re.compile(r"`([a-z]+\.[a-z_]+)`")
ROW = re.compile(
    r"^\|(?P<what>[^|]+)\|(?P<where>[^|]+)\|(?P<limit>[^|]+)\|(?P<then>[^|]*)\|(?P<figure>[^|]*)\|$",
    re.MULTILINE,
)
OF_WORKERS = frozenset({"gateway.workers", "gateway.link_bytes", "gateway.restarted_total"})
"""Only where there are some."""


async def figures(tmp_path: Path) -> Mapping[str, float]:
    """Those of a server without configuration."""
    server = await Server.start(Config(data=str(tmp_path), ws_port=0, tcp_port=0, http_port=0))
    try:
        return {
            f"{part}.{name}": value
            for part, values in server.statistics().items()
            for name, value in values.items()
        }
    finally:
        await server.stop()


def rows() -> list[re.Match[str]]:
    return [row for row in ROW.finditer(PAGE.read_text("utf-8")) if not row["what"].startswith("-")]


async def test_the_page_names_what_there_is(tmp_path: Path) -> None:
    there = await figures(tmp_path)
    named = {
        name
        for name in FIGURE.findall(PAGE.read_text("utf-8"))
        if not name.startswith(("server.", "configuration."))
    }
    assert named - OF_WORKERS == {name for name in there if not name.endswith("_limit")}


async def test_limits_are_what_the_page_says(tmp_path: Path) -> None:
    there = await figures(tmp_path)
    said = {}
    for row in rows():
        name, number = FIGURE.search(row["figure"]), re.match(r" ([\d,]+)", row["limit"])
        if name is not None and number is not None and name[1] + "_limit" in there:
            said[name[1] + "_limit"] = int(number[1].replace(",", ""))
    assert said == {name: value for name, value in there.items() if name.endswith("_limit")}


def test_where_things_are_is_where_the_page_says() -> None:
    source = Path(__file__).parents[2] / "src" / "glideim"
    places = {place.strip() for row in rows() for place in row["where"].split(",") if "/" in place}
    assert places
    for place in places:
        assert (source / f"{place}.py").exists() or (source / place).is_dir(), place


def test_constants_are_where_the_page_says() -> None:
    source = Path(__file__).parents[2] / "src" / "glideim"
    whole = "\n".join(file.read_text("utf-8") for file in source.rglob("*.py"))
    names = {name for row in rows() for name in re.findall(r"`([A-Za-z_]+)`", row["limit"])}
    for name in names:
        assert re.search(rf"^\s*{name}\b.*=", whole, re.MULTILINE), name
