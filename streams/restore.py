"""Read a partition's state back from its changelog."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from time import monotonic

from aiokafka import AIOKafkaConsumer, TopicPartition

from posko import log

STEP = 1000  # records applied before heartbeats get a turn
PROGRESS = 5.0  # seconds between two progress lines

logger = log.get("streams")


async def restore(bootstrap: str, changelog: TopicPartition, take: Callable[[bytes, bytes | None], None]) -> int:
    """Hand each record of `changelog` up to its present end to `take(key, value)`, in order; returns how many it were.

    To be called after the earlier owner was shut out: only then is the end final, and no transaction open below it.
    """
    reader = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        client_id=f"posko-restore-{changelog.partition}",
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=8 << 20,
    )
    await reader.start()
    try:
        reader.assign([changelog])
        end = (await reader.end_offsets([changelog]))[changelog]
        await reader.seek_to_beginning(changelog)
        return await _read(reader, changelog, end, take)
    finally:
        await reader.stop()


async def _read(
    reader: AIOKafkaConsumer, changelog: TopicPartition, end: int, take: Callable[[bytes, bytes | None], None]
) -> int:
    count, told = 0, monotonic()
    while (position := await reader.position(changelog)) < end:
        for records in (await reader.getmany(changelog, timeout_ms=200, max_records=STEP)).values():
            for record in records:
                take(record.key, record.value)
            count += len(records)
        await asyncio.sleep(0)
        if monotonic() - told > PROGRESS:
            told = monotonic()
            logger.info("restoring", partition=changelog.partition, records=count, position=position, end=end)
    return count
