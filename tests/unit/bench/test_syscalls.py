"""What tracers write is read right, and what cannot be counted is said."""

from __future__ import annotations

import asyncio
import sys

import pytest

from glideim.bench import syscalls
from glideim.bench.syscalls import INSTALL, counting, perf_calls, strace_calls

PERF = "# started on Mon\n\n36517,,raw_syscalls:sys_enter,6008812345,100.00,,\n"
STRACE = """\
% time     seconds  usecs/call     calls    errors syscall
------ ----------- ----------- --------- --------- ----------------
 60.00    0.006000           6      1000           sendto
 40.00    0.004000           8       500        12 recvfrom
------ ----------- ----------- --------- --------- ----------------
100.00    0.010000           6      1500{}total
"""


def test_the_counts_are_found() -> None:
    assert perf_calls(PERF) == 36_517
    assert strace_calls(STRACE.format("        12 ")) == 1500
    assert strace_calls(STRACE.format("           ")) == 1500


def test_without_counts_there_are_none() -> None:
    assert perf_calls("<not counted>,,raw_syscalls:sys_enter,0,100.00,,\n") == 0
    assert strace_calls("strace: attach: Operation not permitted\n") == 0


async def test_without_a_tracer_it_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "")
    async with counting(1) as counted:
        assert counted.calls == 0
    assert counted.why_not == INSTALL


@pytest.mark.parametrize("which", [0, 1])
async def test_a_process_is_traced_by_what_is_there(
    which: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syscalls, "_TRACERS", (syscalls._TRACERS[which],))
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-u", "-c", "import os\nwhile input(): print(os.getppid())",
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdin is not None
    assert process.stdout is not None
    async with counting(process.pid) as counted:
        for _ in range(100):
            process.stdin.write(b"x\n")
            await process.stdout.readline()
    process.stdin.close()
    await process.wait()
    if not counted.calls:
        pytest.skip(counted.why_not)
    assert counted.calls >= 200
