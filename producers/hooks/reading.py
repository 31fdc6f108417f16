"""One reader of the topic `incidents` for all hooks: what it reads is noted for each of them, then it reads on."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable, Iterable
from typing import Any

import msgspec
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import KafkaError

from posko import log, topics
from posko.context import Context
from posko.errors import first_line
from posko.outage import Outage
from producers.hooks.change import body, read
from producers.hooks.hook import Hook
from producers.hooks.store import SLACK_MS, Seen, Store

LOOK_S = 1.0  # between two looks who is to be told
AGAIN_S = 3.0  # after Kafka did not answer
MOST = 500  # messages at once
FETCH_BYTES = 1 << 20  # of a partition at once: others work in this process
FORGET_MS = 3_600_000  # between two looks what may be forgotten
logger = log.get("hooks")


class Reader:
    """To be used in one event loop. `hooks()`: who is to be told; `noted()` is called when something new waits."""

    def __init__(
        self,
        store: Store,
        hooks: Callable[[], list[Hook]],
        context: Context,
        kafka: str,
        now: Callable[[], int],
        noted: Callable[[], None],
        topic: str = topics.INCIDENTS,
    ) -> None:
        self._store, self._hooks, self._context, self._now, self._noted = store, hooks, context, now, noted
        self._kafka, self._topic = kafka, topic
        self._outage = Outage(logger, "Kafka")
        self._forget_at = 0

    async def run(self) -> None:
        """Read for as long as there are hooks, and wait for the next one; until cancelled."""
        while True:
            try:
                if hooks := await asyncio.to_thread(self._hooks):
                    await self._follow(hooks)
                else:
                    await asyncio.sleep(LOOK_S)
            except KafkaError as error:
                self._outage.down(error=first_line(error))
                await asyncio.sleep(AGAIN_S)
            except sqlite3.Error as error:
                logger.error("the file of hooks cannot be used; trying again", error=first_line(error))
                await asyncio.sleep(AGAIN_S)

    async def _follow(self, hooks: list[Hook]) -> None:
        consumer = AIOKafkaConsumer(
            self._topic,
            bootstrap_servers=self._kafka,
            client_id="posko-hooks",
            isolation_level="read_committed",
            auto_offset_reset="earliest",  # versions tell what is known already
            max_partition_fetch_bytes=FETCH_BYTES,
        )
        await consumer.start()
        try:
            await self._begin(consumer, min(hook.added_at for hook in hooks))
            self._outage.up()
            while hooks := await asyncio.to_thread(self._hooks):
                found = await consumer.getmany(timeout_ms=int(LOOK_S * 1000), max_records=MOST)
                if not found:
                    await self._forget()
                    continue
                seen = self._latest(record for records in found.values() for record in records)
                positions = {place.partition: records[-1].offset + 1 for place, records in found.items()}
                names = [hook.name for hook in hooks]
                left_out = await asyncio.to_thread(
                    self._store.collect, names, seen, self._topic, positions, self._now()
                )
                if left_out:
                    logger.warning("too much waits for hooks; incidents are not told to them", incidents=left_out)
                self._noted()
        finally:
            await consumer.stop()

    async def _begin(self, consumer: Any, since: int) -> None:
        """Go on where it was, or where the oldest hook was added, whatever is later."""
        places = list(consumer.assignment())
        known = await asyncio.to_thread(self._store.positions, self._topic)
        by_time = await consumer.offsets_for_times(dict.fromkeys(places, max(0, since - SLACK_MS)))
        ends = await consumer.end_offsets(places)
        for place in places:
            first = by_time[place].offset if by_time.get(place) else ends[place]
            consumer.seek(place, max(first, known.get(place.partition, 0)))

    def _latest(self, records: Iterable[Any]) -> list[Seen]:
        """The newest version of each incident in these records."""
        found: dict[str, Seen] = {}
        for record in records:
            if record.value is None:
                continue
            try:
                change = read(record.value)
                before = found.get(change.incident_id)
                if before is None or before.change.version < change.version:
                    found[change.incident_id] = Seen(change, body(change, self._context), record.timestamp)
            except (msgspec.MsgspecError, OverflowError, ValueError, OSError):
                logger.error("no incident", partition=record.partition, offset=record.offset)
        return list(found.values())

    async def _forget(self) -> None:
        if self._now() >= self._forget_at:
            self._forget_at = self._now() + FORGET_MS
            await asyncio.to_thread(self._store.forget, self._now())
