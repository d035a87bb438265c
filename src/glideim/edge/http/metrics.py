"""`/metrics`: what every part says of itself, for Prometheus."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_LATEST
from prometheus_client.registry import Collector

Statistics = Callable[[], Mapping[str, Mapping[str, float]]]


class _Parts(Collector):
    """Turns `statistics()` into metrics when asked: the message path only counts in plain integers."""

    def __init__(self, statistics: Statistics) -> None:
        self._statistics = statistics

    def collect(self) -> Iterator[Metric]:
        for part, figures in self._statistics().items():
            for name, value in figures.items():
                full = f"glideim_{part}_{name}"
                family = CounterMetricFamily if name.endswith("_total") else GaugeMetricFamily
                yield family(full, f"{name} of {part}, see ARCHITECTURE.md", value=value)


class Metrics:
    """A registry of its own, so that several servers in one process do not meet."""

    def __init__(self, statistics: Statistics) -> None:
        self._registry = CollectorRegistry()
        self._registry.register(_Parts(statistics))
        self._requests = Counter(
            "glideim_http_requests",
            "API calls over HTTP",
            ("action", "status"),
            registry=self._registry,
        )

    def count(self, action: str, status: int) -> None:
        """An API call was answered; statuses are counted by class."""
        self._requests.labels(action, f"{status // 100}xx").inc()

    def page(self) -> tuple[bytes, str]:
        """Body and media type."""
        return generate_latest(self._registry), CONTENT_TYPE_LATEST
