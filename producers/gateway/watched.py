"""What the gateway shows to Prometheus: counts of receipts, and what waits for Kafka."""

from __future__ import annotations

from collections.abc import Iterable

from prometheus_client.core import Metric

from posko import metrics
from producers.gateway.acceptance import Acceptance


def families(acceptance: Acceptance) -> Iterable[Metric]:
    """Asked at each scrape; plain numbers, so that a request costs nothing."""
    said: dict[tuple[str, ...], float] = {
        ("accepted",): acceptance.accepted,
        ("known",): acceptance.known,
        ("conflict",): acceptance.conflicts,
        ("refused",): acceptance.refused,
    }
    yield metrics.counter("posko_gateway_reports", "Reports by what their sender was told.", ("state",), said)
    waiting: dict[tuple[str, ...], float] = {(): acceptance.waiting}
    yield metrics.gauge("posko_gateway_waiting", "Reports that Kafka has not acknowledged yet.", (), waiting)
    stalled: dict[tuple[str, ...], float] = {(): acceptance.stalled()}
    yield metrics.gauge("posko_gateway_stalled_seconds", "How long Kafka has owed the oldest answer.", (), stalled)
