"""The targets of fuzz/ for a fixed number of inputs, and proof that they can fail."""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from pathlib import Path

import pytest

from fuzz import corpus, texts
from fuzz.corpus import seeds
from fuzz.mutate import inputs
from fuzz.run import Broken, attempt
from fuzz.seeds import SEEDS
from fuzz.targets import JSON, TARGETS
from fuzz.texts import _parts
from glideim.edge.workers.records import Answer, CloseOf, Crowd, FromOwner, Pushed, Replied
from glideim.protocol.pb import fast
from glideim.protocol.records import Envelope, Heartbeat


@pytest.mark.parametrize("name", TARGETS)
def test_mutated_input(name: str) -> None:
    begin = seeds(name)
    assert begin
    for data in itertools.islice(inputs(begin, 1), len(begin) + 1500):
        attempt(name, TARGETS[name], data)


def test_what_goes_between_processes_is_opened() -> None:
    found = [part for data in SEEDS["link"] for part in _parts(data, FromOwner, len(data))[0]]
    assert {type(part) for part in found} >= {Pushed, Replied, Crowd, Answer, CloseOf}


def test_an_envelope_that_changes_on_its_way_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(texts, "opened", lambda envelope: Envelope(envelope.action, 99, None))
    pushed = SEEDS["link"][4]
    with pytest.raises(Broken, match="99"):
        attempt("link", TARGETS["link"], pushed)


def test_the_same_seed_gives_the_same_input() -> None:
    first, second = (list(itertools.islice(inputs(seeds("json"), 7), 300)) for _ in "ab")
    assert first == second
    assert len(set(first)) > 200


def test_a_wrong_codec_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fast, "read", lambda _frame: Envelope("heartbeat", 1, Heartbeat()))
    with pytest.raises(Broken, match="differ"):
        attempt("protobuf", TARGETS["protobuf"], b"\x0a\x0b\x12\x09heartbeat")


def test_a_crash_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def crash(_frame: bytes) -> Sequence[Envelope]:
        raise RecursionError

    monkeypatch.setattr(JSON, "_slowly", crash)
    with pytest.raises(Broken, match="RecursionError"):
        attempt("json", TARGETS["json"], b"{")


def test_what_is_kept_is_tried_again(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(corpus, "KEPT", tmp_path)
    made = seeds("groups")
    corpus.keep("groups", [b"\xff\n", *made])
    corpus.keep("groups", [b"g:77x", b"g:5x"], most=2)
    assert seeds("groups") == [*made, b"\xff\n", b"g:5x"]
    corpus.keep("groups", [b"g:"], most=2)
    assert seeds("groups") == [*made, b"\xff\n", b"g:5x"]
