"""A week of a small team, played at a real server by a seeded schedule, and compared with a plain model.

`WEEK_SEED` and `WEEK_DAYS` in the environment choose another week; a failure says the seed. `make week` plays long ones.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.support.processes import ServerProcess
from tests.support.scenario.fresh import fresh_differences
from tests.support.scenario.restarts import restart
from tests.support.scenario.schedule import Schedule
from tests.support.scenario.searching import search_differences
from tests.support.scenario.week import TOLD, Week

SEED = int(os.environ.get("WEEK_SEED", "20260105"))
DAYS = int(os.environ.get("WEEK_DAYS", "5"))
ACTIONS = 600
"""A day's."""
PEOPLE = 30
WINDOWS = {"GLIDEIM_RECALL_SECONDS": "86400", "GLIDEIM_EDIT_SECONDS": "86400"}
"""Long weeks take longer than the usual windows, which the model does not know."""


@pytest.mark.timeout(120 + 60 * DAYS)
async def test_every_device_ends_with_what_the_model_says(tmp_path: Path) -> None:
    async with ServerProcess(tmp_path / "data", **WINDOWS) as server:
        week = Week(server, SEED)
        await week.gather(PEOPLE, devices=(2, 4))
        try:
            schedule = Schedule(week)
            for day in range(DAYS):
                await schedule.play(ACTIONS // 2)
                if day % 2:
                    await restart(week, kill=day % 4 == 1)
                await schedule.play(ACTIONS // 2)
            await week.settle()
            assert not (problems := await fresh_differences(week)), week.told("\n".join(problems))
            assert not (problems := await search_differences(week)), week.told("\n".join(problems))
            assert not week.problems(), "fetching changes nothing"
            await week.newcomers()
            assert not (problems := week.problems()), week.told("\n".join(problems[:TOLD]))
        finally:
            await week.leave()
