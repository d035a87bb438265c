"""Run the targets: `python -m fuzz.run --seconds 20`; by coverage: `python -m fuzz.guided`.

Stops at the first input that breaks a promise, keeps it in fuzz/found/ and prints it. `--input FILE` tries one again.
"""

from __future__ import annotations

import argparse
import hashlib
import itertools
import resource
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from .corpus import seeds
from .mutate import inputs
from .targets import TARGETS, Target

FOUND = Path(__file__).parent / "found"
SLOW = 1.0
"""Seconds of CPU that no input may take."""
GROWTH = 64
"""MiB by which a run may grow."""


class Broken(Exception):  # noqa: N818 - a finding
    """An input that breaks a promise."""

    def __init__(self, name: str, data: bytes, why: str) -> None:
        super().__init__(f"{name}: {why}\n  input: {data.hex()}")
        self.name = name
        self.data = data


def attempt(name: str, target: Target, data: bytes) -> None:
    """Try one input. Raises Broken."""
    begin = time.process_time()
    try:
        target(data)
    except Exception as error:
        raise Broken(name, data, f"{type(error).__name__}: {error}") from error
    spent = time.process_time() - begin
    if spent > SLOW:
        raise Broken(name, data, f"took {spent:.1f} s")


def run(name: str, target: Target, source: Iterator[bytes], seconds: float) -> int:
    """Try inputs for some time; how many it were. Raises Broken."""
    tried = 0
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        for data in itertools.islice(source, 200):
            attempt(name, target, data)
            tried += 1
    return tried


def largest() -> int:
    """The most memory this process had, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def keep(broken: Broken) -> None:
    """Write the input where it can be tried again."""
    FOUND.mkdir(exist_ok=True)
    path = FOUND / f"{broken.name}-{hashlib.sha256(broken.data).hexdigest()[:12]}"
    path.write_bytes(broken.data)
    print(f"{broken}\n  kept: {path}", file=sys.stderr)


def arguments() -> argparse.Namespace:
    """The command line."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.run", description=__doc__)
    parser.add_argument(
        "targets", nargs="*", metavar="target", help=f"{', '.join(TARGETS)}; all if none"
    )
    parser.add_argument("--seconds", type=float, default=20, help="for all targets together")
    parser.add_argument("--seed", type=int, default=int(time.time()), help="repeats a run")
    parser.add_argument("--input", type=Path, help="try this file instead")
    parser.add_argument("--list", action="store_true", help="name the targets")
    options = parser.parse_args()
    if unknown := set(options.targets) - set(TARGETS):
        parser.error(f"no target {', '.join(sorted(unknown))}")
    return options


def main() -> int:
    """Run; 1 when something was found."""
    options = arguments()
    if options.list:
        print(*TARGETS)
        return 0
    names = options.targets or list(TARGETS)
    try:
        for name in names:
            if options.input:
                attempt(name, TARGETS[name], options.input.read_bytes())
                continue
            before = largest()
            source = inputs(seeds(name), options.seed)
            tried = run(name, TARGETS[name], source, options.seconds / len(names))
            grown = largest() - before
            print(f"{name}: {tried} inputs, seed {options.seed}, grew by {grown} MiB")
            if grown > GROWTH:
                print(f"{name}: that is more than {GROWTH} MiB", file=sys.stderr)
                return 1
    except Broken as broken:
        keep(broken)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
