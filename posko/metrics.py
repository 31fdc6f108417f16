"""What the processes of Posko count and measure, for Prometheus. docs/metrics.md lists it; a test compares the two.

Each role has a registry of its own. What costs something to look up is asked for when Prometheus asks (`pulled`).
Nothing here is touched for a single report on a busy path: batches are counted, not records.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

from prometheus_client import (
    CollectorRegistry,
    Counter,
    GCCollector,
    Histogram,
    ProcessCollector,
    disable_created_metrics,
)
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

disable_created_metrics()


def _registry() -> CollectorRegistry:
    """One with what every process exports: its memory, CPU time, open files and garbage collections."""
    registry = CollectorRegistry()
    ProcessCollector(registry=registry)
    GCCollector(registry=registry)
    return registry


STREAM, SINK, ENGINE, SUPERVISOR, GATEWAY, BOARD = (_registry() for _ in range(6))
OF_ROLE = {
    "stream": STREAM,
    "sink": SINK,
    "engine": ENGINE,
    "supervisor": SUPERVISOR,
    "gateway": GATEWAY,
    "board": BOARD,
}

SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30)
SIZES = (1, 3, 10, 30, 100, 300, 1_000, 3_000, 10_000, 30_000)

STREAM_REPORTS = Counter(
    "posko_stream_reports", "Records whose outputs are committed.", ("stage", "partition"), registry=STREAM
)
STREAM_BATCH = Histogram(
    "posko_stream_batch_reports", "Records in one transaction.", ("stage",), buckets=SIZES, registry=STREAM
)
STREAM_WORK = Histogram(
    "posko_stream_work_seconds", "Domain work for one batch.", ("stage",), buckets=SECONDS, registry=STREAM
)
STREAM_COMMIT = Histogram(
    "posko_stream_commit_seconds", "Writing and committing one batch.", ("stage",), buckets=SECONDS, registry=STREAM
)
REJECTED = Counter("posko_rejected", "Messages that became rejected ones.", ("reason",), registry=STREAM)

SINK_MESSAGES = Counter("posko_sink_messages", "Messages stored.", ("topic",), registry=SINK)
SINK_BATCH = Histogram("posko_sink_batch_messages", "Messages in one batch.", buckets=SIZES, registry=SINK)
SINK_STORE = Histogram("posko_sink_store_seconds", "Storing one batch and its offsets.", buckets=SECONDS, registry=SINK)
SINK_UNSTORABLE = Counter(
    "posko_sink_unstorable", "Messages that ClickHouse refused, kept in posko.rejected.", registry=SINK
)

ENGINE_SECONDS = Histogram(
    "posko_engine_request_seconds",
    "From the request to the end of its answer.",
    ("lane",),
    buckets=SECONDS,
    registry=ENGINE,
)
ENGINE_FAILED = Counter("posko_engine_failed_requests", "Requests answered with an error.", ("code",), registry=ENGINE)

GATEWAY_REFUSED = Counter(
    "posko_gateway_refused_requests", "Requests answered with an error.", ("door", "status"), registry=GATEWAY
)
HOOK_FAILED = Counter(
    "posko_hook_failed", "Calls to a hook that it did not accept.", ("hook", "outcome"), registry=GATEWAY
)

BOARD_ACTIONS = Counter("posko_board_actions", "What people did on the board.", ("action", "answer"), registry=BOARD)


class _Pulled(Collector):
    """Asked anew at each scrape; `describe` keeps the registry from asking when it is registered."""

    def __init__(self, families: Callable[[], Iterable[Metric]]) -> None:
        self._families = families

    def collect(self) -> Iterable[Metric]:
        return self._families()

    def describe(self) -> Iterable[Metric]:
        return ()


def pulled(registry: CollectorRegistry, families: Callable[[], Iterable[Metric]]) -> None:
    """Export what `families()` returns whenever somebody asks; it is called in the thread of the HTTP server."""
    registry.register(_Pulled(families))


def gauge(name: str, meaning: str, labels: tuple[str, ...], values: dict[tuple[str, ...], float]) -> GaugeMetricFamily:
    """A family of gauges with a value for each tuple of label values."""
    family = GaugeMetricFamily(name, meaning, labels=labels)
    for at, value in values.items():
        family.add_metric(at, value)
    return family


def counter(
    name: str, meaning: str, labels: tuple[str, ...], values: dict[tuple[str, ...], float]
) -> CounterMetricFamily:
    """Like `gauge`, for what only grows."""
    family = CounterMetricFamily(name, meaning, labels=labels)
    for at, value in values.items():
        family.add_metric(at, value)
    return family
