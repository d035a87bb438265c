"""Transports of other packages are found by their entry point."""

from __future__ import annotations

from pathlib import Path

import pytest

from glideim.edge.listeners.registry import load_transports

PIGEON = """
class Pigeon:
    def __init__(self, sink, codecs, options):
        self.options = options

    async def start(self):
        return "loft", 7

    async def stop(self):
        pass
"""


@pytest.fixture
def site(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of installed packages, empty so far."""
    monkeypatch.syspath_prepend(str(tmp_path))
    return tmp_path


def install(site: Path, entry: str) -> None:
    """A distribution with one transport."""
    (site / "pigeon_post.py").write_text(PIGEON)
    info = site / "pigeon_post-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pigeon-post\nVersion: 1\n")
    (info / "entry_points.txt").write_text(f"[glideim.transports]\n{entry}\n")


def test_the_built_in_ones() -> None:
    assert list(load_transports()) == ["ws", "tcp"]


def test_another_one_needs_only_its_package(site: Path) -> None:
    install(site, "pigeon = pigeon_post:Pigeon")
    transports = load_transports()
    assert list(transports) == ["ws", "tcp", "pigeon"]
    assert transports["pigeon"].__name__ == "Pigeon"  # type: ignore[attr-defined]


def test_none_replaces_a_built_in_one(site: Path) -> None:
    install(site, "ws = pigeon_post:Pigeon")
    with pytest.raises(ValueError, match="would replace"):
        load_transports()


def test_one_that_cannot_be_loaded_stops_the_start(site: Path) -> None:
    install(site, "pigeon = pigeon_post:Parrot")
    with pytest.raises(AttributeError):
        load_transports()
