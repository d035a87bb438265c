"""`glideim verify` against real servers: it keeps quiet where promises are kept, and notices where they are not."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path

import apsw
import msgspec
import pytest
from typer.testing import CliRunner

from glideim.cli import app
from glideim.verify import faults
from glideim.verify import record as r
from glideim.verify.options import Options
from glideim.verify.report import Report
from glideim.verify.run import verify

SHORT = Options(seconds=4, people=8, groups=2, think=0.1, faults=("kill", "cut", "drop"))


def test_a_server_keeps_its_promises_under_faults(tmp_path: Path) -> None:
    command = [
        "verify", "--seconds", "4", "--people", "8", "--think", "0.1",
        "--faults", "kill,cut,drop", "--report", str(tmp_path),
    ]  # fmt: skip
    result = CliRunner().invoke(app, command)
    assert result.exit_code == 0, result.output
    assert "every promise was kept" in result.output
    made = msgspec.json.decode((tmp_path / "report.json").read_bytes(), type=Report)
    assert made.ok
    assert {row.fault for row in made.rows} >= {"kill", "cut", "drop"}
    assert made.counts["acked"] > 0
    assert made.counts["compared"] > 0
    ways = {line.way for line in r.Stored(tmp_path / "record.jsonl").of(r.Opened)}
    assert ways == {"ws/json", "ws/protobuf", "tcp/json", "tcp/protobuf"}


STORED_TWICE = """
DROP INDEX message_by_cli_mid;
INSERT INTO message (mid, low, high, seq, sender, cli_mid, recipient, type, content, send_at, status)
SELECT mid + 1000000, low, high,
    (SELECT max(seq) + 1 FROM message AS other WHERE other.low = message.low AND other.high = message.high),
    sender, cli_mid, recipient, type, content, send_at, status
FROM message WHERE type = 1 LIMIT 1
"""


def damaged_by(statement: str) -> Callable[[faults.Scene], Awaitable[None]]:
    """A fault that no server can survive: somebody changes the database between two starts."""

    async def damage(scene: faults.Scene) -> None:
        await scene.own.kill()
        database = apsw.Connection(str(scene.own.data / "glideim.db"))
        database.execute(statement)
        assert database.changes()
        database.close()
        await scene.own.start()

    return damage


@pytest.mark.parametrize(
    ("statement", "kind"),
    [
        (
            "DELETE FROM message WHERE mid IN (SELECT mid FROM message WHERE type = 1 LIMIT 3)",
            "lost",
        ),
        ("UPDATE message SET content = 'other' WHERE type = 1", "altered"),
        ("UPDATE message SET mid = mid + 1000000 WHERE type = 1", "misnumbered"),
        (STORED_TWICE, "doubled"),
        ("UPDATE message SET pinned = 1 WHERE type = 1", "altered"),
    ],
)
def test_damage_is_noticed(statement: str, kind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(faults.FAULTS, "damage", damaged_by(statement))
    run = verify(msgspec.structs.replace(SHORT, seconds=3, faults=("drop", "damage")), print)
    assert kind in {finding.kind for finding in run.outcome.findings}


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["--faults", "earthquake"], "no such fault: earthquake"),
        (["--faults", "kill", "--url", "ws://127.0.0.1:1/ws"], "only with a server of its own"),
    ],
)
def test_what_cannot_be_done_is_said(arguments: list[str], text: str) -> None:
    result = CliRunner().invoke(app, ["verify", *arguments])
    assert result.exit_code == 1
    assert text in result.output
