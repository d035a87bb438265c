"""The report says per fault what was acknowledged and what was wrong."""

from __future__ import annotations

from pathlib import Path

import msgspec

from glideim.verify import record as r
from glideim.verify.check import Outcome
from glideim.verify.findings import Finding
from glideim.verify.options import Options
from glideim.verify.report import Report, page, report, text, write
from glideim.verify.run import Run
from glideim.verify.spans import Recovery, acked_by_fault

ACKS = (
    r.Acked(10, 1, 1, "a", "c:1:2", 1, 5),
    r.Acked(150, 1, 1, "b", "c:1:2", 2, 6),
    r.Acked(160, 1, 1, "b", "c:1:2", 2, 6),
    r.Acked(350, 1, 1, "c", "c:1:2", 3, 7),
)
RECOVERIES = (Recovery("kill", 100, 200, 1.5), Recovery("cut", 300, 310, 0.1))
FINDINGS = (
    Finding("P5", "lost", "a <script>", 120),
    Finding("P3", "gap", "of b", 320),
    Finding("P6", "early receipt", "of b", 330),
)


def made(*findings: Finding) -> Report:
    outcome = Outcome({"sent": 3, "acked": 3}, findings)
    acked = acked_by_fault(ACKS, RECOVERIES)
    return report(Run(Options(), outcome, RECOVERIES, acked))


def test_rows_count_what_happened_from_one_fault_to_the_next() -> None:
    rows = {row.fault: row for row in made(*FINDINGS).rows}
    assert [rows[name].acked for name in ("(no fault yet)", "kill", "cut")] == [1, 1, 1]
    kill, cut = rows["kill"], rows["cut"]
    assert (kill.runs, kill.lost, kill.doubled, kill.misordered, kill.other) == (1, 1, 0, 0, 0)
    assert (cut.runs, cut.lost, cut.misordered, cut.other) == (1, 0, 1, 1)
    assert kill.slowest == 1.5


def test_a_clean_run_is_told_from_one_that_is_not() -> None:
    assert made().ok
    assert "every promise was kept" in text(made())
    bad = made(*FINDINGS)
    assert not bad.ok
    assert bad.violations == {"lost": 1, "gap": 1, "early receipt": 1}
    assert "P5 lost: a <script>" in text(bad)


def test_the_page_needs_nothing_from_elsewhere_and_escapes(tmp_path: Path) -> None:
    bad = made(*FINDINGS)
    assert "<script>" not in page(bad)
    assert "&lt;script&gt;" in page(bad)
    assert "http" not in page(bad)
    write(bad, tmp_path / "new")
    assert msgspec.json.decode((tmp_path / "new/report.json").read_bytes(), type=Report) == bad
    assert (tmp_path / "new/report.html").read_text("utf-8") == page(bad)
