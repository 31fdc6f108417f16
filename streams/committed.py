"""How far a group has come, asked so that "cannot say now" is never taken for "nothing yet".

A coordinator that is still loading its group's offsets, or has just lost the group, answers with an error for the
whole answer and names no partition (OffsetFetch since version 2, KIP-88). `AIOKafkaConsumer.committed` does not look at
that error and says None, as for a group that never committed: its owner would do a whole partition again. An answer
that counts names each partition that was asked for, with offset -1 where nothing is committed.
"""

from __future__ import annotations

import asyncio
from typing import Protocol

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from aiokafka.structs import OffsetAndMetadata

from posko import log

PAUSE = 0.1  # seconds between two questions

logger = log.get("streams")


class Asked(Protocol):
    """What is used of aiokafka's AIOKafkaAdminClient."""

    async def list_consumer_group_offsets(
        self, group_id: str, *, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]: ...


async def committed(bootstrap: str, group: str, source: TopicPartition) -> int | None:
    """The offset that `group` committed for `source`, None when it never did; waits until the broker can say.

    Raises KafkaError for what waiting does not heal. May be cancelled.
    """
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap, client_id=f"{group}-committed")
    await admin.start()
    try:
        return await answered(admin, group, source)
    finally:
        await admin.close()


async def answered(admin: Asked, group: str, source: TopicPartition, pause: float = PAUSE) -> int | None:
    """Ask until the answer names `source`."""
    told = False
    while True:
        try:
            found = (await admin.list_consumer_group_offsets(group, partitions=[source])).get(source)
        except KafkaError as error:
            if not error.retriable:
                raise
            found = None
        if found is not None:
            return None if found.offset < 0 else found.offset
        if not told:
            told = True
            where = {"group": group, "partition": source.partition}
            logger.info("the broker cannot say yet how far the group is; waiting", **where)
        await asyncio.sleep(pause)
