"""Pictures are well-formed and show what was measured."""

from __future__ import annotations

from xml.etree import ElementTree

from glideim.bench.histogram import Histogram
from glideim.bench.outcome import Outcome
from glideim.bench.plot import svg


def test_every_outcome_has_its_panels() -> None:
    took = Histogram()
    took.add(5000)
    measured = Outcome(
        "v1-2000", "a <b> & c", {}, {"ack": took.summary()}, per_second=(1, 5, 3), refused="full"
    )
    drawn = svg([measured, Outcome("idle", "glideim", {})])
    root = ElementTree.fromstring(drawn)
    lines = [e for e in root.iter() if e.tag.endswith("polyline")]
    assert len(lines) == 2
    assert len(lines[0].attrib["points"].split()) == 3
    assert "a &lt;b&gt; &amp; c" in drawn
    assert "refused" in drawn
    assert "href" not in drawn


def test_latencies_of_some_shares_only_are_drawn_as_far_as_they_go() -> None:
    drawn = svg(
        [Outcome("fanout", "nats", {}, {"delivery": {"p50": 1.0, "p99": 3.0, "p100": 9.0}})]
    )
    lines = [e for e in ElementTree.fromstring(drawn).iter() if e.tag.endswith("polyline")]
    assert [len(line.attrib["points"].split()) for line in lines] == [2]
