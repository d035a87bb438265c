"""The bare commit that acknowledgements are compared with."""

from __future__ import annotations

from pathlib import Path

import apsw

from glideim.bench.ack import commits


def test_every_commit_is_one_of_its_own_and_can_be_repeated(tmp_path: Path) -> None:
    took = commits(tmp_path, 5) + commits(tmp_path, 3)
    assert len(took) == 8
    assert all(one > 0 for one in took)
    database = apsw.Connection(str(tmp_path / "commits.db"))
    assert database.execute("SELECT count(*) FROM t").get == 8
    database.close()
