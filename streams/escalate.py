"""Escalate: when something is due in a partition, put a clock record into its log.

Deadlines run from these records, in one order with reports and actions, and not from the clock of whoever reads them:
so a replay, or another worker after a restart, comes to the same. A record too many does no harm.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterable
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from posko import log, topics
from posko.life import message
from posko.outage import Outage
from streams.failure import describe
from streams.names import Names

EVERY = 1.0  # seconds between two looks
AGAIN_MS = 10_000  # a clock record that has no effect after so long is written again
SEND_LIMIT = 5.0  # seconds

logger = log.get("streams")


class Escalate:
    """`held`: the partitions of `reports.enriched` that this worker owns, each with its state."""

    def __init__(
        self,
        bootstrap: str,
        names: Names,
        held: Callable[[], Iterable[tuple[int, Any]]],
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._bootstrap, self._topic = bootstrap, names.topic(topics.ENRICHED)
        self._held, self._clock = held, clock
        self._sent: dict[int, tuple[int, int]] = {}  # partition -> what was due, when its record was written
        self._producer: AIOKafkaProducer | None = None
        self._outage = Outage(logger, "Kafka for clock records")

    def due(self) -> dict[int, bytes]:
        """The records to write now, by partition."""
        now = int(self._clock() * 1000)
        records = {}
        for partition, state in self._held():
            due = state.next_due()
            if due is None or due > now:
                continue
            last, written = self._sent.get(partition, (0, 0))
            if last != due or now - written >= AGAIN_MS:
                self._sent[partition] = due, now
                records[partition] = orjson.dumps(message.tick(now))
        return records

    async def run(self) -> None:
        """Write what is due. While the broker is away nothing happens; it is tried again at the next look."""
        records = self.due()
        if not records:
            return
        try:
            async with asyncio.timeout(SEND_LIMIT):
                producer = await self._open()
                await asyncio.gather(
                    *[
                        await producer.send(self._topic, value, partition=partition)
                        for partition, value in records.items()
                    ]
                )
        except (KafkaError, OSError, TimeoutError) as error:
            for partition in records:
                self._sent.pop(partition, None)
            self._outage.down("a clock record could not be written, trying again", **describe(error))
        else:
            self._outage.up()

    async def close(self) -> None:
        """Give the connection back."""
        if self._producer is not None:
            producer, self._producer = self._producer, None
            await producer.stop()

    async def _open(self) -> AIOKafkaProducer:
        if self._producer is None:
            producer = AIOKafkaProducer(bootstrap_servers=self._bootstrap, client_id="posko-escalate", acks="all")
            try:
                await producer.start()
            except BaseException:
                await producer.stop()
                raise
            self._producer = producer
        return self._producer
