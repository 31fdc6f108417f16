"""What a sink shows to those who watch it: whether it is ready, and how far each partition is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable

from prometheus_client.core import Metric

from posko import metrics, probes
from posko.observed import Watched, asked
from posko.settings import Settings
from sinks.consumer import Consumer


class Holding:
    """Whether the sink has taken its partitions over. Hands what it is told on to `also`."""

    def __init__(self, also: Callable[[bool], None]) -> None:
        self.taken = False
        self._also = also

    def __call__(self, taken: bool) -> None:
        self.taken = taken
        self._also(taken)

    def missing(self) -> str:
        return "" if self.taken else "Partitions are being assigned, or ClickHouse is asked where to go on"


def begin(seen: Watched, settings: Settings, consumer: Consumer, holding: Holding) -> None:
    """Watch `consumer` from now on. To be called in its event loop."""
    loop = asyncio.get_running_loop()
    away = (lambda: probes.clickhouse(settings), lambda: probes.kafka(settings))
    seen.begin(holding.missing, lambda: consumer.waits_for, *away)
    metrics.pulled(metrics.SINK, lambda: _families(loop, consumer))


def _families(loop: asyncio.AbstractEventLoop, consumer: Consumer) -> Iterable[Metric]:
    behind = asked(loop, consumer.behind(), {})
    found: dict[tuple[str, ...], float] = {(topic, str(number)): lag for (topic, number), lag in behind.items()}
    meaning = "Offsets at the broker that are not stored yet, for each partition that this sink reads."
    yield metrics.gauge("posko_sink_lag", meaning, ("topic", "partition"), found)
