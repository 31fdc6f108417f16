"""A lane: one partition while this worker owns it, with its own consumer, transactional producer and state.

Lanes share nothing, so a slow transaction of one does not hold up another.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable
from functools import partial
from math import ceil
from time import monotonic
from typing import Any, Protocol

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition

from posko import log, topics
from streams.collector import Collector, Pace
from streams.figures import Figures
from streams.names import Names, Stage
from streams.restore import restore
from streams.transactions import Outputs, Transactions

WORK_BUDGET = 0.25  # seconds of domain work in one batch: the other lanes wait for it
BATCH_BYTES = 4 << 20
FETCH_BYTES = 4 << 20  # of one answer of the broker; one larger message still comes
GATHER_BYTES = 64 << 10  # the broker answers when it has so much, or after GATHER_MS: fewer requests, less work for all
GATHER_MS = 40
QUIET_MS = 500  # how long the broker holds a question of a stage that has little to do
TOP_UP_MS = 5  # for what arrived while the batch waited
IDLE_MS = 1000
WRITE_LIMIT = 60.0  # seconds of a transaction, broker outages included, before the worker gives up and starts anew

logger = log.get("streams")


class State(Protocol):
    """A partition's memory, as `posko.correlate.Correlator` has it. It is restored when `restoring` has ended, step by
    step."""

    def restore(self, key: bytes, value: bytes | None) -> Any: ...

    def restoring(self) -> Iterable[None]: ...


class Lane:
    """Made by `open`. `state` is None for a stage without a changelog."""

    def __init__(self, stage: Stage, source: TopicPartition, size: int, age: float) -> None:
        self.stage = stage
        self.source = source
        self.state: Any = None
        self.is_open = False
        self._bootstrap = ""
        self._new_state: Callable[[], State] | None = None
        self.transactions: Transactions | None = None
        self.pace = Pace(WORK_BUDGET, size)
        self.figures = Figures(monotonic(), stage.name, source.partition)
        self._collector: Collector[ConsumerRecord] = Collector(self.pace.limit(), BATCH_BYTES, age)
        self._consumer: AIOKafkaConsumer | None = None
        self._writing: asyncio.Task[None] | None = None

    async def open(
        self,
        bootstrap: str,
        names: Names,
        committed: Callable[[TopicPartition], Awaitable[int | None]],
        new_state: Callable[[], State] | None,
    ) -> None:
        """Take the partition over. The order keeps it exact: shut the earlier owner out, and only then read how far it
        got (`committed`) and what it knew (the changelog)."""
        began = monotonic()
        self.transactions = await Transactions.open(
            bootstrap, names.transactional_id(self.stage.name, self.source.partition)
        )
        offset = await committed(self.source)
        self._bootstrap, self._new_state = bootstrap, new_state
        count = await self.reload()
        await self._read_from(bootstrap, offset)
        logger.info(
            "partition taken over",
            stage=self.stage.name,
            partition=self.source.partition,
            offset=offset or 0,
            restored=count,
            seconds=round(monotonic() - began, 3),
        )

    async def reload(self) -> int:
        """Make the state anew from what is committed; returns the number of changelog records read."""
        if self._new_state is None:
            return 0
        await self.written()
        state = self._new_state()
        changelog = TopicPartition(self.stage.changelog, self.source.partition)
        count = await restore(self._bootstrap, changelog, state.restore)
        for _ in state.restoring():
            await asyncio.sleep(0)  # heartbeats, and what other lanes have to do
        self.state = state
        return count

    async def _read_from(self, bootstrap: str, offset: int | None) -> None:
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=f"posko-{self.stage.name}-{self.source.partition}",
            isolation_level="read_committed",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            max_partition_fetch_bytes=FETCH_BYTES,
            fetch_max_bytes=max(FETCH_BYTES, topics.MAX_MESSAGE),
            fetch_min_bytes=GATHER_BYTES if self.stage.is_busy else 1,
            fetch_max_wait_ms=GATHER_MS if self.stage.is_busy else QUIET_MS,
        )
        await self._consumer.start()
        self._consumer.assign([self.source])
        if offset is None:
            await self._consumer.seek_to_beginning(self.source)
        else:
            self._consumer.seek(self.source, offset)

    async def collect(self) -> list[ConsumerRecord]:
        """Wait for the next batch. May be cancelled: what is not committed is read again by the next owner."""
        collector = self._collector
        collector.size = self.pace.limit()
        while True:
            wait = collector.due(monotonic())
            if wait is None:
                await self._fetch(IDLE_MS)
            elif wait > 0 and await self.behind() >= collector.room():
                await self._fetch(ceil(1000 * wait))  # what fills the batch lies at the broker
            elif wait > 0:
                await asyncio.sleep(wait)  # let reports gather at the broker: then a few fetches bring them all
                while collector.room() and await self._fetch(TOP_UP_MS):
                    pass
                break
            else:
                break
        return collector.take(monotonic())

    async def begin(self, outputs: Outputs, offset: int, reports: int, failed: Callable[[BaseException], None]) -> None:
        """Begin the transaction for `reports` records up to `offset`, after the one before it has ended.

        Raises what that one failed with; `failed` is told at once when this one does.
        """
        await self.written()
        self._writing = asyncio.create_task(self._write(outputs, offset, reports))
        self._writing.add_done_callback(partial(_tell, failed))

    async def written(self) -> None:
        """Wait for the transaction under way, if any. Raises what it failed with. May be cancelled; it goes on then."""
        if self._writing is not None:
            await asyncio.wait({self._writing})
            self._writing.result()

    @property
    def is_writing(self) -> bool:
        """Whether a transaction is under way."""
        return self._writing is not None and not self._writing.done()

    async def _write(self, outputs: Outputs, offset: int, reports: int) -> None:
        assert self.transactions is not None
        began = monotonic()
        async with asyncio.timeout(WRITE_LIMIT):
            await self.transactions.commit(outputs, self.stage.group, self.source, offset)
        seconds = monotonic() - began
        self.pace.observe(reports, outputs.work)
        self._collector.committed(seconds)
        self.figures.add(reports, outputs.work, seconds)

    async def _fetch(self, timeout_ms: int) -> bool:
        assert self._consumer is not None
        room = self._collector.room()
        fetched = await self._consumer.getmany(self.source, timeout_ms=timeout_ms, max_records=room)
        for records in fetched.values():
            self._collector.add(records)
        return bool(fetched)

    async def behind(self) -> int:
        """Offsets up to the end that the broker told with its last answer, which were not taken yet."""
        end = self._consumer.highwater(self.source) if self._consumer is not None and self.is_open else None
        return max(0, end - await self._consumer.position(self.source)) if self._consumer and end else 0

    async def close(self) -> None:
        """Give the connections back. Only when no batch of this lane is in hand and nothing is written."""
        if self._consumer is not None:
            await self._consumer.stop()
        if self.transactions is not None:
            await self.transactions.close()


def _tell(failed: Callable[[BaseException], None], task: asyncio.Task[None]) -> None:
    if not task.cancelled() and (error := task.exception()):
        failed(error)
