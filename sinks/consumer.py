"""The sink's loop: records from Kafka in batches into ClickHouse, each batch with the offsets it stands for.

One batch is stored while the next is collected; there is never more than that in memory. Nothing here coordinates
sinks: a batch stored twice changes nothing (schema), and positions are read again from ClickHouse whenever partitions
change hands.
"""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Awaitable, Callable, Iterable
from typing import TypeVar

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError

from posko import log, topics
from posko.settings import Settings
from sinks.batch import Batch, Place, age
from sinks.offsets import Generation
from sinks.storage import Storage

GENERATION_S = 1.0  # how often the sink asks whether a rebuild has begun; noticing late only means rows stored twice
POLL_S = 0.2
FAREWELL_S = 10.0  # how long a sink that is told to stop waits for ClickHouse
# A sink that waits for ClickHouse keeps its partitions: heartbeats, not polls, show that it lives.
MOST_BETWEEN_POLLS_MS = 86_400_000
Answer = TypeVar("Answer")


class Displaced(Exception):
    """Kafka ends before the position that ClickHouse holds: these are not the topics the tables were filled from."""


class _Stopping(Exception):
    """`stop` was called while something was waited for."""


class Consumer(ConsumerRebalanceListener):
    """Reads the topics and hands batches to `storage`. `ready(True)` is called when partitions are taken over,
    `ready(False)` when lost.
    """

    def __init__(
        self,
        settings: Settings,
        storage: Storage,
        ready: Callable[[bool], None] = lambda _: None,
        group: str = topics.SINK_GROUP,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._settings, self._storage, self._ready, self._clock = settings, storage, ready, clock
        self._log = log.get("sinks")
        self._stopping = asyncio.Event()
        self._moved = True  # partitions or generation changed: what is fetched is void until positions are read again
        self._joined = False
        self._generation = Generation(0, "")
        self._asked = 0.0
        self._storing: asyncio.Task[None] | None = None
        self._committing: asyncio.Task[None] | None = None
        self._batch = self._under_way = self._empty()
        self._kafka = AIOKafkaConsumer(
            bootstrap_servers=settings.kafka_address,
            group_id=group,
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=4 << 20,
            fetch_min_bytes=256 << 10,  # the broker gathers so much, or for the time below
            fetch_max_wait_ms=100,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=2_000,
            max_poll_interval_ms=MOST_BETWEEN_POLLS_MS,
        )

    @property
    def waits_for(self) -> str:
        """Why nothing is stored now, as a sentence: ClickHouse is away, or its disk is full; "" when all is well."""
        return self._storage.outage.text

    def stop(self) -> None:
        """Ask the loop to store what it has and return; for a signal handler of the event loop."""
        self._stopping.set()

    async def run(self) -> None:
        """Until `stop` is called. Raises what ends a sink: Refused, Displaced, errors of ClickHouse that waiting does
        not heal.
        """
        self._kafka.subscribe(list(self._storage.topics), listener=self)
        await self._kafka.start()
        self._log.info("sink started", topics=list(self._storage.topics), kafka=self._settings.kafka_address)
        try:
            with contextlib.suppress(_Stopping):
                while not self._stopping.is_set():
                    await self._turn()
            await self._finish()
        finally:
            self._ready(False)
            await self._kafka.stop()
        self._log.info("sink stopped")

    async def behind(self) -> dict[Place, int]:
        """For each partition that is read, offsets up to the end that the broker told last which are not stored."""
        found = {}
        for tp in self._kafka.assignment():
            place, end = (tp.topic, tp.partition), self._kafka.highwater(tp)
            held = [
                batch.first_offsets[place] for batch in (self._under_way, self._batch) if place in batch.first_offsets
            ]
            if end is not None and not self._moved:
                found[place] = max(0, end - (held[0] if held else await self._kafka.position(tp)))
        return found

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        """What is collected is dropped, and read again by whoever owns the partition next. A batch being stored is
        harmless.
        """
        self._moved = True
        self._ready(False)

    async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
        """aiokafka does not hold `getmany` back during this call, so only note it; the loop seeks before it takes
        records.
        """
        self._moved = self._joined = True

    async def _turn(self) -> None:
        """One round: know where to read, take records, store when due."""
        await self._notice_rebuild()
        if self._moved:
            await self._take_over()
            return
        if room := self._batch.room:
            fetched = await self._kafka.getmany(timeout_ms=max(1, int(self._patience() * 1000)), max_records=room)
            if self._moved:
                return
            for records in fetched.values():
                self._batch.add(records, self._clock(), int(time.time() * 1000))
        elif self._storing:
            await self._unless_stopping(asyncio.wait({self._storing}))
        self._note_stored()
        if self._batch.is_due(self._clock()) and not self._storing:
            self._storing = asyncio.create_task(
                self._storage.store(self._batch, self._generation.number, self._generation.began)
            )
            self._batch, self._under_way = self._empty(), self._batch
        elif not (self._storing or self._batch.count or self._storage.is_noted):
            self._storing = asyncio.create_task(self._storage.note(self._generation.number))

    def _patience(self) -> float:
        """Seconds to wait for more records: until the batch is due, and not in a tight loop while another is being
        stored.
        """
        waiting = self._batch.wait(self._clock()) if self._batch.count else POLL_S
        return min(POLL_S, max(waiting, 0.01 if self._storing else 0.0))

    async def _take_over(self) -> None:
        """Seek to the positions that ClickHouse holds. What was fetched before is forgotten."""
        if self._storing:
            await self._unless_stopping(asyncio.wait({self._storing}))
            self._note_stored()
        self._batch, self._moved = self._empty(), False
        mine = sorted(self._kafka.assignment())
        if not mine:
            self._ready(self._joined)  # a spare sink: more sinks than partitions
            await asyncio.sleep(POLL_S)
            self._moved = True
            return
        self._generation = await self._open_generation()
        held = await self._unless_stopping(self._storage.positions(self._generation.number))
        begins, ends = await self._kafka.beginning_offsets(mine), await self._kafka.end_offsets(mine)
        if self._moved:
            return
        for tp in mine:
            position = held.get((tp.topic, tp.partition), begins[tp])
            if position > ends[tp]:
                raise Displaced(
                    f"ClickHouse holds {tp.topic} partition {tp.partition} up to offset {position}, but Kafka ends at "
                    f"{ends[tp]}: the topics were made anew, or this is another Kafka. Run `posko rebuild` to fill the "
                    "tables from this one."
                )
            self._kafka.seek(tp, position)
        next_offsets = {f"{tp.topic}/{tp.partition}": held.get((tp.topic, tp.partition), "beginning") for tp in mine}
        self._log.info("partitions taken over", generation=self._generation.number, next=next_offsets)
        self._ready(True)

    async def _open_generation(self) -> Generation:
        """The generation to store in; while a rebuild empties the tables this waits."""
        while True:
            found = await self._unless_stopping(self._storage.generation())
            if found.is_open:
                return found
            self._log.warning(
                "a rebuild empties the tables; waiting. Was it interrupted? Then run `posko rebuild` again"
            )
            await self._unless_stopping(asyncio.sleep(GENERATION_S))

    async def _notice_rebuild(self) -> None:
        """Ask ClickHouse now and then which generation it is in; when that changed, start from the beginning."""
        if self._moved or self._clock() - self._asked < GENERATION_S:
            return
        self._asked = self._clock()
        found = await self._storage.glance()
        if found is not None and found != self._generation:
            self._log.info("the tables are being rebuilt", generation=found.number, state=found.state)
            self._moved = True

    def _note_stored(self) -> None:
        """When the batch in storage is done: raise what ended it, or tell the group how far we are, for people who look
        there.
        """
        if not self._storing or not self._storing.done():
            return
        done, self._storing, self._under_way = self._storing, None, self._empty()
        done.result()
        self._committing = asyncio.create_task(self._commit())

    async def _commit(self) -> None:
        mine = self._kafka.assignment()
        stored = {TopicPartition(*place): offset for place, offset in self._storage.stored.items()}
        stored = {tp: offset for tp, offset in stored.items() if tp in mine}
        if stored:
            with contextlib.suppress(KafkaError):
                await self._kafka.commit(stored)

    async def _finish(self) -> None:
        """Store what is collected and commit, unless ClickHouse is away: then the next sink reads it again."""
        try:
            async with asyncio.timeout(FAREWELL_S):
                if self._storing:
                    await self._storing
                if self._batch.count and not self._moved:
                    await self._storage.store(self._batch, self._generation.number, self._generation.began)
                if not (self._moved or self._storage.is_noted):
                    await self._storage.note(self._generation.number)
                await self._commit()
        except TimeoutError:
            self._log.warning("stopped without ClickHouse; what was not stored is read again at the next start")

    async def _unless_stopping(self, awaitable: Awaitable[Answer]) -> Answer:
        """The awaitable's answer. Raises _Stopping as soon as `stop` is called."""
        work = asyncio.ensure_future(awaitable)
        stop = asyncio.create_task(self._stopping.wait())
        try:
            await asyncio.wait({work, stop}, return_when=asyncio.FIRST_COMPLETED)
            if work.done():
                return work.result()
            raise _Stopping
        finally:
            stop.cancel()
            work.cancel()

    def _empty(self) -> Batch:
        return Batch(self._settings.sink_batch, age(self._settings.sink_age, self._storage.took))
