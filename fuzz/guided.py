"""One target with atheris, which finds its own way by coverage: `python -m fuzz.guided json --seconds 60`.

What reaches something new is kept in fuzz/kept/, from where every other run starts. When an input breaks a promise the
process ends with what atheris ends with, and the input is left in the current directory.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
from pathlib import Path

from .corpus import KEPT_MOST, keep, seeds
from .mutate import LONGEST
from .targets import TARGETS


def hand_over(target: str, arguments: list[str]) -> None:
    """What the child does: atheris, with these arguments of its own. Ends the process."""
    import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

    # Only this package is followed: to follow every library takes minutes before the first input.
    for name in [name for name in sys.modules if name.split(".")[0] in {"glideim", "fuzz"}]:
        del sys.modules[name]
    with atheris.instrument_imports(include=["glideim"]):
        from fuzz.targets import TARGETS as FOLLOWED

    atheris.Setup([sys.argv[0], f"-max_len={LONGEST}", "-timeout=20", *arguments], FOLLOWED[target])
    atheris.Fuzz()


def child(target: str, *arguments: str) -> int:
    """Exit code of atheris in a process of its own: it never comes back."""
    command = [sys.executable, "-m", "fuzz.guided", target, "--hand-over", *arguments]
    return subprocess.run(command, check=False).returncode


def search(target: str, seconds: int) -> int:
    """Look for new ways, then keep what was found. Exit code."""
    with tempfile.TemporaryDirectory() as directory:
        for data in seeds(target):
            Path(directory, hashlib.sha256(data).hexdigest()).write_bytes(data)
        code = child(target, f"-max_total_time={seconds}", directory)
        if not code:
            keep(target, [file.read_bytes() for file in Path(directory).iterdir()], KEPT_MOST)
        return code


def main() -> int:
    """Exit code: 0 when the time was up."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.guided", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument("--hand-over", nargs=argparse.REMAINDER, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.hand_over is not None:
        hand_over(options.target, options.hand_over)
    return search(options.target, options.seconds)


if __name__ == "__main__":
    sys.exit(main())
