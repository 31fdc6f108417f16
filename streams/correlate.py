"""Correlate: enriched reports become matched reports and incidents, by the state of their partition."""

from __future__ import annotations

import contextlib
from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from time import time
from typing import Any, NamedTuple, Protocol

import orjson
from aiokafka import ConsumerRecord

from posko import log, passage, topics
from posko.life.acts import Unanswered
from posko.life.message import is_tick
from streams.failure import describe, where
from streams.inhand import InHand
from streams.intake import ALL_FAILED, EverythingFails, fault, poison
from streams.names import Names
from streams.rejects import Rejects, Why
from streams.transactions import Outputs
from streams.turns import Turns

STAGE = "correlate"

logger = log.get("streams")


class Held(Protocol):
    """What is used of a `streams.batches.Batch`."""

    records: list[ConsumerRecord]

    @property
    def state(self) -> Any: ...

    async def commit(self, outputs: Outputs, last: ConsumerRecord | None = None) -> None: ...

    async def reload(self) -> None: ...


class Source(NamedTuple):
    """A record of another topic, as far as a rejection needs it."""

    topic: str
    partition: int
    offset: int
    timestamp: int
    key: bytes | None
    value: bytes | None


class Fault(Exception):
    """The domain code failed on the record at `index`; None: on what the batch comes to as a whole."""

    def __init__(self, index: int | None) -> None:
        super().__init__(index)
        self.index = index

    @property
    def cause(self) -> BaseException:
        return self.__cause__ or self


class Correlate:
    """Turns records into outputs by way of a partition's `posko.correlate.Correlator`."""

    def __init__(self, names: Names, rejected_partitions: int, turns: Turns, inhand: InHand | None = None) -> None:
        self._turns = turns
        self._inhand = inhand or InHand()
        self._matched = names.topic(topics.MATCHED)
        self._incidents = names.topic(topics.INCIDENTS)
        self._actions = names.topic(topics.ACTIONS)
        self._changelog = names.topic(topics.CORRELATE_CHANGELOG)
        self._rejects = Rejects(names.topic(topics.REJECTED), rejected_partitions)

    async def handle(self, batch: Held) -> None:
        """Apply and commit a batch. A report on which the program fails is rejected alone, the others go through.

        Raises EverythingFails when many reports in a row fail, and whatever the commit raises.
        """
        records, done = batch.records, 0
        while done < len(records):
            if count := self._together(records[done:]):
                done += await self._apply(batch, records[done : done + count], records[done:])
            else:
                await self._reject(batch, records[done], poison(self._inhand, STAGE, records[done]))
                done += 1

    def _together(self, records: Sequence[ConsumerRecord]) -> int:
        """How many records from the first on can be worked on together; 0 when the first must not be tried.

        Only one clock record: each may touch many incidents, which are objects in memory until the commit.
        """
        ticks = 0
        for count, record in enumerate(records):
            ticks += is_tick(record.value)
            if ticks > 1:
                return count
            if self._inhand.poisonous(STAGE, record.partition, record.offset):
                return count
            if self._inhand.alone(STAGE, record.partition, record.offset):
                return max(1, count)
        return len(records)

    async def _apply(self, batch: Held, records: list[ConsumerRecord], ahead: Sequence[ConsumerRecord]) -> int:
        """Apply and commit the first of `records`, up to one that fails and is rejected; how many these were.

        `ahead` are the records of the batch from the first of these on.
        """
        try:
            outputs = await self.outputs(batch.state, records)
        except Fault as found:
            await batch.reload()
            if found.index is None and len(records) > 1:
                return await self._apply(batch, records[: len(records) // 2], ahead)
            good = found.index or 0
            if good and (done := await self._apply(batch, records[:good], ahead)) < good:
                return done
            await self._fault(batch, records[good], found.cause, ahead[good + 1 :])
            return good + 1
        await batch.commit(outputs, records[-1])
        self._inhand.worked(STAGE)
        return len(records)

    async def _fault(
        self, batch: Held, record: ConsumerRecord, error: BaseException, ahead: Sequence[ConsumerRecord]
    ) -> None:
        logger.error("a fault of the program, the report is rejected", **where(record), **describe(error))
        streak = self._inhand.failed(STAGE)
        if streak >= ALL_FAILED and not await self._any_works(batch, ahead):
            raise EverythingFails(f"{streak} reports failed and none went well") from error
        await self._reject(batch, record, fault(error))

    async def _any_works(self, batch: Held, records: Sequence[ConsumerRecord]) -> bool:
        """Whether the program can do anything with one of these; what the state is after that does not matter."""
        try:
            for record in records:
                with contextlib.suppress(Fault):
                    await self.outputs(batch.state, [record])
                    return True
            return False
        finally:
            await batch.reload()

    async def _reject(self, batch: Held, record: ConsumerRecord, why: Why) -> None:
        outputs = Outputs()
        times = passage.read_by_correlate(record.headers, record.timestamp, int(time() * 1000))
        self._rejects.add(outputs, record, why, times)
        await batch.commit(outputs, record)

    async def outputs(self, state: Any, records: Sequence[ConsumerRecord]) -> Outputs:
        """Apply `records` to `state`; one matched report for each. Everything stays on the partition it came from.

        Raises Fault when the domain code fails; the state is then worth nothing.
        """
        outputs, partition, read = Outputs(), records[0].partition, int(time() * 1000)
        async with self._turns.turn() as turn:
            with self._inhand.watched():
                for index, record in enumerate(records):
                    self._inhand.take(STAGE, partition, record.offset, record.offset)
                    try:
                        self._take(outputs, state, record, read)
                    except Exception as error:
                        raise Fault(index) from error
                    if turn.is_long:
                        self._inhand.drop()
                        await turn.rest()
                self._inhand.take(STAGE, partition, records[0].offset, records[-1].offset)
                try:
                    self._end(outputs, partition, state.flush())
                except Exception as error:
                    raise Fault(None) from error
        outputs.work = turn.seconds
        return outputs

    def _take(self, outputs: Outputs, state: Any, record: ConsumerRecord, read: int) -> None:
        """One record of the log: a report, an action or a tick."""
        message = orjson.loads(record.value)
        kind = message.get("type")
        if kind is None:
            matched = state.take(message)
            times = passage.read_by_correlate(record.headers, record.timestamp, read)
            outputs.add(
                self._matched, record.partition, matched["incident_id"].encode(), orjson.dumps(matched), [times]
            )
        elif kind == "action":
            self._act(outputs, state, record, message)
        elif kind == "tick":
            state.take_tick(message)
        else:
            raise ValueError(f"unknown type of record: {kind!r}")

    def _act(self, outputs: Outputs, state: Any, record: ConsumerRecord, message: dict[str, Any]) -> None:
        """What an incident's log cannot answer is rejected as the message of `actions` that it was."""
        try:
            moved = state.take_action(message)
        except Unanswered as refusal:
            source: Any = Source(
                self._actions, message["source_partition"], message["source_offset"], message["received_at"],
                record.key, message["original"].encode(),
            )  # fmt: skip
            self._rejects.add(outputs, source, Why(refusal.code, "incident_id", str(refusal)))
            return
        for one in moved:
            key = one["incident_id"].encode()
            outputs.add(self._matched, record.partition, key, orjson.dumps(one), [("type", b"moved")])

    def _end(self, outputs: Outputs, partition: int, outcome: Any) -> None:
        for message in outcome.incidents:
            outputs.add(self._incidents, partition, message["incident_id"].encode(), orjson.dumps(message))
        for key, value in outcome.changelog:
            outputs.add(self._changelog, partition, key, value)


def agent(correlate: Correlate) -> Callable[[AsyncIterable[Any]], Awaitable[None]]:
    """The Faust agent's function; its events are `streams.batches.Batch`."""

    async def run(batches: AsyncIterable[Any]) -> None:
        async for batch in batches:
            async with batch:
                await correlate.handle(batch)

    return run
