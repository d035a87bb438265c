"""Counts of values in buckets that grow with the value, as HDR histograms do: any range, below 0.8 % of error."""

from __future__ import annotations

from collections.abc import Mapping

_BITS = 7
_EXACT = 1 << (_BITS + 1)
"""Values below this have a bucket of their own."""
SHARES = (("p50", 0.5), ("p90", 0.9), ("p99", 0.99), ("p99.9", 0.999))


def bucket(value: int) -> int:
    """The bucket of a value of 0 or more."""
    if value < _EXACT:
        return value
    shift = value.bit_length() - _BITS - 1
    return (shift << _BITS) + (value >> shift)


def highest(number: int) -> int:
    """The largest value of a bucket."""
    if number < _EXACT:
        return number
    shift = (number >> _BITS) - 1
    return ((number - (shift << _BITS) + 1) << shift) - 1


class Histogram:
    """Of whole numbers; below 0 counts as 0. Memory grows with the logarithm of the largest value."""

    __slots__ = ("_counts", "count", "largest", "total")

    def __init__(self) -> None:
        self._counts: dict[int, int] = {}
        self.count = 0
        self.total = 0
        self.largest = 0

    def add(self, value: int) -> None:
        """Count one value."""
        value = max(0, value)
        number = bucket(value)
        self._counts[number] = self._counts.get(number, 0) + 1
        self.count += 1
        self.total += value
        self.largest = max(self.largest, value)

    def merge(self, plain: Mapping[str, int]) -> None:
        """Add what another one's `plain` says."""
        for key, count in plain.items():
            if key == "total":
                self.total += count
            elif key == "largest":
                self.largest = max(self.largest, count)
            else:
                self._counts[int(key)] = self._counts.get(int(key), 0) + count
                self.count += count

    def plain(self) -> dict[str, int]:
        """As JSON can carry it: bucket → count, with `total` and `largest`."""
        counts = {str(number): count for number, count in sorted(self._counts.items())}
        return {**counts, "total": self.total, "largest": self.largest}

    def quantile(self, share: float) -> int:
        """The value that at least this share of all is not above, at most 0.8 % too high; 0 for none."""
        wanted, so_far = share * self.count, 0
        for number, count in sorted(self._counts.items()):
            so_far += count
            if so_far >= wanted:
                return min(highest(number), self.largest)
        return 0

    def summary(self, unit: float = 1000.0) -> dict[str, float]:
        """Percentiles, mean and maximum, divided by `unit` (µs to ms as it stands)."""
        values = {name: self.quantile(share) / unit for name, share in SHARES}
        return {
            **values,
            "max": self.largest / unit,
            "mean": self.total / max(1, self.count) / unit,
        }
