"""Mutations of bytes, by a seeded source of randomness: the same seed gives the same inputs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from random import Random

from .corpus import TOKENS

LONGEST = 4096


def inputs(seeds: Sequence[bytes], seed: int) -> Iterator[bytes]:
    """The seeds, then mutations of them without end."""
    random = Random(seed)
    pool = list(seeds)
    yield from pool
    while True:
        data = random.choice(pool)
        for _ in range(1 + int(random.expovariate(0.7))):
            data = random.choice(_MUTATIONS)(random, data, pool)
        data = data[:LONGEST]
        # Some mutations become seeds, so that changes pile up.
        if random.random() < 0.01:
            pool[random.randrange(len(seeds), len(pool) + 1) :] = [data]
            del pool[len(seeds) + 200 :]
        yield data


def _place(random: Random, data: bytes) -> tuple[int, int]:
    """A slice of the data, mostly a short one."""
    start = random.randrange(len(data) + 1)
    return start, min(len(data), start + int(random.expovariate(0.2)))


def _flip(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    if not data:
        return b"\0"
    at = random.randrange(len(data))
    return data[:at] + bytes((data[at] ^ 1 << random.randrange(8),)) + data[at + 1 :]


def _byte(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    start, _ = _place(random, data)
    return data[:start] + random.randbytes(1) + data[start + random.randrange(2) :]


def _delete(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    start, stop = _place(random, data)
    return data[:start] + data[stop:]


def _repeat(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    start, stop = _place(random, data)
    return data[:stop] + data[start:stop] * random.randrange(1, 4) + data[stop:]


def _token(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    start, stop = _place(random, data)
    return data[:start] + random.choice(TOKENS) + data[random.choice((start, stop)) :]


def _splice(random: Random, data: bytes, pool: Sequence[bytes]) -> bytes:
    other = random.choice(pool)
    return data[: random.randrange(len(data) + 1)] + other[random.randrange(len(other) + 1) :]


def _cut(random: Random, data: bytes, _pool: Sequence[bytes]) -> bytes:
    return data[: random.randrange(len(data) + 1)]


_MUTATIONS: tuple[Callable[[Random, bytes, Sequence[bytes]], bytes], ...] = (
    _flip, _byte, _delete, _repeat, _token, _splice, _cut,
)  # fmt: skip
