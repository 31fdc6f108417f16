"""What a stream worker shows to those who watch it: whether it is ready, and how far each partition is behind."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence

from prometheus_client.core import Metric

from posko import metrics, probes
from posko.observed import Watched, asked
from posko.settings import Settings
from streams.batches import Batches

Behind = dict[tuple[str, ...], float]


def begin(seen: Watched, settings: Settings, channels: Sequence[Batches]) -> None:
    """Watch `channels` from now on. To be called in their event loop."""

    def settled() -> str:
        waiting = [channel.stage.name for channel in channels if not channel.settled.is_set()]
        return f"Partitions are being assigned or restored: {', '.join(waiting)}" if waiting else ""

    loop = asyncio.get_running_loop()
    seen.begin(settled, lambda: probes.kafka(settings))
    metrics.pulled(metrics.STREAM, lambda: _families(loop, channels))


def _families(loop: asyncio.AbstractEventLoop, channels: Sequence[Batches]) -> Iterable[Metric]:
    behind = asked(loop, _behind(channels), {})
    meaning = "Offsets at the broker that this worker has not taken yet, for each partition that it owns."
    yield metrics.gauge("posko_stream_lag", meaning, ("stage", "partition"), behind)


async def _behind(channels: Sequence[Batches]) -> Behind:
    found: Behind = {}
    for channel in channels:
        for number, behind in (await channel.behind()).items():
            found[channel.stage.name, str(number)] = behind
    return found
