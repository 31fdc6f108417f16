"""The channel between Kafka and a Faust agent: its events are batches of one partition.

Faust's own topics hand over single messages, and neither their acknowledgement nor their tables hold when a worker is
killed (docs/delivery.md). Faust agents accept any channel, so this one is a group member itself and leaves the rest to
Faust.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable, Iterable
from functools import partial
from time import monotonic
from types import TracebackType
from typing import Any

import faust
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, ConsumerRecord, TopicPartition

from posko import log
from posko.correlate import OtherFormat
from streams.committed import committed
from streams.failure import describe
from streams.lane import Lane, State
from streams.names import Names, Stage
from streams.transactions import Outputs

SESSION_MS = 6_000  # a worker that is silent for this long loses its partitions
REBALANCE_MS = 30_000
OPENING = 8  # partitions taken over at the same time

logger = log.get("streams")


class Batch:
    """Records of one partition in the hands of an agent: `async with batch`, work, `await batch.commit(outputs)`.

    Leaving the block without an error frees the partition for its next batch; an error in it ends the process.
    """

    def __init__(self, channel: Batches, lane: Lane, records: list[ConsumerRecord]) -> None:
        self.lane = lane
        self.records = records
        self.finished = asyncio.Event()
        self._channel = channel
        self._done = 0

    @property
    def partition(self) -> int:
        return self.lane.source.partition

    @property
    def state(self) -> Any:
        return self.lane.state

    async def __aenter__(self) -> Batch:
        return self

    async def commit(self, outputs: Outputs, last: ConsumerRecord | None = None) -> None:
        """Write `outputs` and the offset behind `last` in one transaction; without `last`, behind the whole batch.

        Returns when it has begun: the next records are worked on while the broker answers. Only the transaction before
        it is waited for, so they end in order, and one that fails ends the process with all that came after it.
        """
        last = last or self.records[-1]
        count = self._count(last)
        await self.lane.begin(outputs, last.offset + 1, count, partial(self._failed, count))

    def _failed(self, count: int, error: BaseException) -> None:
        self._channel.fail(error, partition=self.partition, offset=self.records[0].offset, reports=count)

    def _count(self, last: ConsumerRecord) -> int:
        """Records of the batch that this commit was for."""
        before, self._done = self._done, 1 + next(i for i, record in enumerate(self.records) if record is last)
        return self._done - before

    async def reload(self) -> None:
        """Throw the state away and restore what is committed: after an error in it nobody knows what it holds."""
        await self.lane.reload()

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, stack: TracebackType | None
    ) -> bool:
        if error is None:
            self.finished.set()
        elif isinstance(error, Exception):
            self._failed(len(self.records), error)
            return True  # the channel gives nothing more: Faust would restart the agent, and it would lose this batch
        return False


class Batches(faust.Channel):
    """A member of the stage's consumer group, and the lanes of the partitions it was given."""

    def __init__(
        self,
        app: faust.App,
        stage: Stage,
        *,
        bootstrap: str,
        names: Names,
        size: int,
        age: float,
        failed: Callable[[], None],
        new_state: Callable[[], State] | None = None,
    ) -> None:
        super().__init__(app)
        self.stage = stage
        self.settled = asyncio.Event()  # an assignment arrived and every partition of it is open
        self._bootstrap, self._names = bootstrap, names
        self._size, self._age = size, age
        self._new_state = new_state
        self._failed = failed
        self._broken = False
        self.unreadable = False  # a state was written by another version: starting again does not help
        self._member: AIOKafkaConsumer | None = None
        self._watching: asyncio.Task | None = None
        self._tasks: dict[TopicPartition, asyncio.Task] = {}
        self._lanes: dict[TopicPartition, Lane] = {}
        self._handed: set[Batch] = set()
        self._ready: asyncio.Queue[Batch] = asyncio.Queue()
        self._opening = asyncio.Semaphore(OPENING)

    # What Faust wants of a channel: one object for all of an agent's concurrent actors.

    def clone(self, **_: Any) -> Batches:
        return self

    derive = clone

    def __aiter__(self) -> Batches:
        return self

    async def __anext__(self) -> Batch:  # type: ignore[override]
        while True:
            batch = await self._ready.get()
            if not self._broken:
                return batch

    # Membership

    async def join(self) -> None:
        """Become a member of the group. Partitions come and go from now on."""
        channel = self

        class Rebalance(ConsumerRebalanceListener):
            async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
                await channel.let_go()

            async def on_partitions_assigned(self, assigned: Iterable[TopicPartition]) -> None:
                channel.take_over(set(assigned))  # does not wait: no heartbeat is sent before this callback returns

        self._member = AIOKafkaConsumer(
            bootstrap_servers=self._bootstrap,
            group_id=self.stage.group,
            client_id=f"posko-{self.stage.name}",
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            session_timeout_ms=SESSION_MS,
            heartbeat_interval_ms=SESSION_MS // 4,
            rebalance_timeout_ms=REBALANCE_MS,
            max_poll_interval_ms=2**31 - 1,  # it never polls: lanes read
        )
        self._member.subscribe([self.stage.source], listener=Rebalance())
        await self._member.start()
        self._watching = asyncio.create_task(self._watch())

    async def _watch(self) -> None:
        """Runs until the member leaves: it never polls, so coordination errors would stay unseen."""
        nothing = TopicPartition(self.stage.source, -1)
        while True:
            await asyncio.sleep(1)
            try:
                assert self._member is not None
                await self._member.getmany(nothing, timeout_ms=0)
            except Exception as error:
                self.fail(error)
                return

    def take_over(self, assigned: set[TopicPartition]) -> None:
        """Open a lane for each partition, several at a time."""
        assert self._member is not None
        self._member.pause(*assigned)
        logger.info("assigned", stage=self.stage.name, partitions=sorted(tp.partition for tp in assigned))
        for tp in assigned:
            lane = self._lanes[tp] = Lane(self.stage, tp, self._size, self._age)
            self._tasks[tp] = asyncio.create_task(self._run(lane))
        if not assigned:
            self.settled.set()

    async def let_go(self) -> None:
        """Give up all partitions. Batches in hand and transactions end first; batches not taken yet drop."""
        self.settled.clear()
        tasks, lanes = list(self._tasks.values()), list(self._lanes.values())
        self._tasks.clear()
        self._lanes.clear()
        for task in tasks:
            task.cancel()
        while not self._ready.empty():
            self._handed.discard(self._ready.get_nowait())
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(REBALANCE_MS / 1000):
                await asyncio.gather(*(batch.finished.wait() for batch in self._handed))
                await asyncio.gather(*(lane.written() for lane in lanes), return_exceptions=True)  # said already
        if any(not batch.finished.is_set() for batch in self._handed) or any(lane.is_writing for lane in lanes):
            self.fail(TimeoutError("a batch did not end before its partition had to go"))
            return
        self._handed.clear()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.gather(*(lane.close() for lane in lanes), return_exceptions=True)

    async def leave(self) -> None:
        """Finish what is in hand and leave the group, so that others get the partitions at once."""
        await self.let_go()
        await self._end_membership()

    async def abandon(self) -> None:
        """Leave the group after a failure: nothing is finished, nothing committed."""
        for task in self._tasks.values():
            task.cancel()
        await self._end_membership()

    async def _end_membership(self) -> None:
        if self._watching is not None:
            self._watching.cancel()
        if self._member is not None:
            await self._member.stop()

    def fail(self, error: BaseException, **where: Any) -> None:
        """Hand nothing out any more: the process ends, and its supervisor starts it again from what is committed."""
        if not self._broken:
            self._broken = True
            if isinstance(error, OtherFormat):
                self.unreadable = True
                logger.error(str(error), stage=self.stage.name, **where)
            else:
                logger.error(
                    "worker stops, the batch will be repeated", stage=self.stage.name, **where, **describe(error)
                )
            self._failed()

    # Lanes

    async def _run(self, lane: Lane) -> None:
        try:
            async with self._opening:
                await lane.open(
                    self._bootstrap,
                    self._names,
                    partial(committed, self._bootstrap, self.stage.group),
                    self._new_state,
                )
            self._opened(lane)
            while True:
                batch = Batch(self, lane, await lane.collect())
                self._handed.add(batch)
                self._ready.put_nowait(batch)
                await batch.finished.wait()
                self._handed.discard(batch)
        except Exception as error:
            self.fail(error, partition=lane.source.partition)

    def _opened(self, lane: Lane) -> None:
        lane.is_open = True
        if all(other.is_open for other in self._lanes.values()):
            self.settled.set()

    async def behind(self) -> dict[int, int]:
        """For each partition that is held, the offsets at the broker that were not taken yet."""
        return {tp.partition: await lane.behind() for tp, lane in list(self._lanes.items())}

    def states(self) -> list[tuple[int, Any]]:
        """The partitions that are held and open, each with its state."""
        return [(tp.partition, lane.state) for tp, lane in self._lanes.items() if lane.is_open]

    def report(self) -> int:
        """One log line for each partition that had something to do since the last call; how many these were."""
        busy = 0
        for tp, lane in self._lanes.items():
            if fields := lane.figures.line(monotonic()):
                busy += 1
                logger.info("partition", stage=self.stage.name, partition=tp.partition, **fields)
        return busy
