"""What Prometheus reads."""

from __future__ import annotations

from collections.abc import Mapping

from prometheus_client.parser import text_string_to_metric_families

from glideim.edge.http.metrics import Metrics

FIGURES: Mapping[str, Mapping[str, float]] = {
    "gateway": {"connections": 3, "opened_total": 9},
    "store": {"queue": 0.5},
}


def samples(metrics: Metrics) -> dict[tuple[str, ...], tuple[str, float]]:
    """Type and value by name and labels' values."""
    body, media_type = metrics.page()
    assert media_type.startswith("text/plain")
    return {
        (sample.name, *sample.labels.values()): (family.type, sample.value)
        for family in text_string_to_metric_families(body.decode())
        for sample in family.samples
    }


def test_every_figure_of_every_part() -> None:
    found = samples(Metrics(lambda: FIGURES))
    assert found[("glideim_gateway_connections",)] == ("gauge", 3.0)
    assert found[("glideim_gateway_opened_total",)] == ("counter", 9.0)
    assert found[("glideim_store_queue",)] == ("gauge", 0.5)


def test_figures_are_asked_for_each_time() -> None:
    figures = {"gateway": {"connections": 1.0}}
    metrics = Metrics(lambda: figures)
    assert samples(metrics)[("glideim_gateway_connections",)][1] == 1
    figures["gateway"]["connections"] = 2.0
    assert samples(metrics)[("glideim_gateway_connections",)][1] == 2


def test_requests_are_counted_by_action_and_class_of_status() -> None:
    metrics, other = Metrics(dict), Metrics(dict)
    metrics.count("api.sync", 200)
    metrics.count("api.sync", 201)
    metrics.count("api.sync", 404)
    found = samples(metrics)
    assert found["glideim_http_requests_total", "api.sync", "2xx"] == ("counter", 2.0)
    assert found["glideim_http_requests_total", "api.sync", "4xx"] == ("counter", 1.0)
    assert samples(other) == {}
