"""A group of connected members: every one of them gets every message, once and in order."""

from __future__ import annotations

import pytest

from glideim.bench.case import Progress
from glideim.bench.fanout import Options, run

MEMBERS, MESSAGES = 300, 50


@pytest.mark.timeout(120)
async def test_everybody_gets_everything_in_order() -> None:
    result = await run(Options(members=MEMBERS, messages=MESSAGES), Progress())
    assert result.good, result.problems
    assert result.complete == result.members == MEMBERS - 1
    assert result.deliveries == (MEMBERS - 1) * MESSAGES
    assert result.server_cpu_us_per_delivery > 0
    assert result.deliveries_per_second > 0
