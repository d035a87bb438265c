"""`make fuzz`: each target for a while (FUZZ_SECONDS, 20 by default), from a seed that FUZZ_SEED repeats."""

from __future__ import annotations

import os
import time

import pytest

from .corpus import seeds
from .mutate import inputs
from .run import run
from .targets import TARGETS

SECONDS = float(os.environ.get("FUZZ_SECONDS", "20"))
SEED = int(os.environ.get("FUZZ_SEED", time.time()))


@pytest.mark.parametrize("name", TARGETS)
def test_for_a_while(name: str) -> None:
    print(f"seed {SEED}")
    assert run(name, TARGETS[name], inputs(seeds(name), SEED), SECONDS) > 0
