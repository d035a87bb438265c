"""One target with atheris, which finds its own way by coverage: `python -m fuzz.guided json --seconds 60`.

What reaches something new is kept in fuzz/kept/, from where every other run starts. The process ends with what atheris
ends with: not 0 when an input breaks a promise, which is then left in the current directory.
"""

from __future__ import annotations

import argparse
import hashlib
import sys

import atheris  # type: ignore[import-not-found,import-untyped,unused-ignore]

# Only what is imported here is looked at: to follow every library takes minutes before the first input.
with atheris.instrument_imports(include=["glideim"]):
    from .corpus import KEPT, seeds
    from .mutate import LONGEST
    from .targets import TARGETS


def main() -> None:
    """Run until the time is up, then keep the fewest inputs that reach the same."""
    parser = argparse.ArgumentParser(prog="python -m fuzz.guided", description=__doc__)
    parser.add_argument("target", choices=sorted(TARGETS))
    parser.add_argument("--seconds", type=int, default=60)
    parser.add_argument(
        "--merge", metavar="FOLDER", help="instead add what reaches something new in this folder"
    )
    options = parser.parse_args()
    folder = KEPT / options.target
    folder.mkdir(parents=True, exist_ok=True)
    for data in seeds(options.target):
        name = hashlib.sha1(data, usedforsecurity=False).hexdigest()
        (folder / name).write_bytes(data)
    limits = [f"-max_len={LONGEST}", "-timeout=20", "-print_final_stats=1"]
    if options.merge:
        limits += ["-merge=1", str(folder), options.merge]
    else:
        limits += [f"-max_total_time={options.seconds}", str(folder)]
    atheris.Setup([sys.argv[0], *limits], TARGETS[options.target])
    atheris.Fuzz()


if __name__ == "__main__":
    main()
