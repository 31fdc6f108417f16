"""Reading what there is: whole partitions of topics as a consumer of committed messages sees them, and rows."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator, Sequence
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from clickhouse_connect.driver.client import Client

from posko import topics


async def partitions(bootstrap: str, topic: str) -> list[int]:
    """The topic's partitions."""
    reader = AIOKafkaConsumer(bootstrap_servers=bootstrap)
    await reader.start()
    try:
        await reader._client.force_metadata_update()
        return sorted(reader.partitions_for_topic(topic) or ())
    finally:
        await reader.stop()


async def records(bootstrap: str, topic: str, partition: int) -> AsyncIterator[ConsumerRecord]:
    """Each committed message of a partition, from its beginning to its present end."""
    reader = AIOKafkaConsumer(
        bootstrap_servers=bootstrap,
        isolation_level="read_committed",
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        max_partition_fetch_bytes=2 * topics.MAX_MESSAGE,
    )
    await reader.start()
    try:
        source = TopicPartition(topic, partition)
        reader.assign([source])
        end = (await reader.end_offsets([source]))[source]
        await reader.seek_to_beginning(source)
        while await reader.position(source) < end:
            for found in (await reader.getmany(source, timeout_ms=200, max_records=2000)).values():
                for record in found:
                    yield record
    finally:
        await reader.stop()


def headers(record: ConsumerRecord) -> dict[str, str]:
    """A record's headers as text; not all of them are."""
    return {name: value.decode(errors="replace") for name, value in record.headers}


def rows(client: Client, sql: str) -> Iterator[Sequence[Any]]:
    """The rows of an answer, block by block."""
    with client.query_row_block_stream(sql) as blocks:
        for block in blocks:
            yield from block
