"""Correlate: enriched reports become matched reports and incidents, by the state of their partition."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Any, Protocol

import orjson
from aiokafka import ConsumerRecord

from posko import log, topics
from streams.failure import describe
from streams.intake import ALL_FAILED, EverythingFails, fault
from streams.names import Names
from streams.rejects import Rejects
from streams.transactions import Outputs
from streams.turns import Turns

logger = log.get("streams")


class Held(Protocol):
    """What is used of a `streams.batches.Batch`."""

    records: list[ConsumerRecord]

    @property
    def state(self) -> Any: ...

    async def commit(self, outputs: Outputs, last: ConsumerRecord | None = None) -> None: ...

    async def reload(self) -> None: ...


class Correlate:
    """Turns records into outputs by way of a partition's `posko.correlate.Correlator`."""

    def __init__(self, names: Names, rejected_partitions: int, turns: Turns) -> None:
        self._turns = turns
        self._matched = names.topic(topics.MATCHED)
        self._incidents = names.topic(topics.INCIDENTS)
        self._changelog = names.topic(topics.CORRELATE_CHANGELOG)
        self._rejects = Rejects(names.topic(topics.REJECTED), rejected_partitions)

    async def handle(self, batch: Held) -> None:
        """Apply and commit a batch. A report on which the program fails is rejected alone, the others go through.

        Raises EverythingFails when many reports in a row fail, and whatever the commit raises.
        """
        await self._handle(batch, batch.records, 0)

    async def _handle(self, batch: Held, records: list[ConsumerRecord], failed: int) -> int:
        """Halve what fails until the one report is found. Returns how many failed in a row at the end of `records`."""
        try:
            outputs = await self.outputs(batch.state, records)
        except Exception as error:
            await batch.reload()
            if len(records) == 1:
                await self._reject(batch, records[0], error, failed + 1)
                return failed + 1
            middle = len(records) // 2
            failed = await self._handle(batch, records[:middle], failed)
            return await self._handle(batch, records[middle:], failed)
        await batch.commit(outputs, records[-1])
        return 0

    async def _reject(self, batch: Held, record: ConsumerRecord, error: Exception, failed: int) -> None:
        where = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        logger.error("a fault of the program, the report is rejected", **where, **describe(error))
        if failed >= ALL_FAILED:
            raise EverythingFails(f"{failed} reports in a row failed") from error
        outputs = Outputs()
        self._rejects.add(outputs, record, fault(error))
        await batch.commit(outputs, record)

    async def outputs(self, state: Any, records: Sequence[ConsumerRecord]) -> Outputs:
        """Apply `records` to `state`; one matched report for each. Everything stays on the partition it came from."""
        outputs, partition = Outputs(), records[0].partition
        async with self._turns.turn() as turn:
            for record in records:
                message = state.take(orjson.loads(record.value))
                outputs.add(self._matched, partition, message["incident_id"].encode(), orjson.dumps(message))
                if turn.is_long:
                    await turn.rest()
            outcome = state.flush()
            for message in outcome.incidents:
                outputs.add(self._incidents, partition, message["incident_id"].encode(), orjson.dumps(message))
            for key, value in outcome.changelog:
                outputs.add(self._changelog, partition, key, value)
        outputs.work = turn.seconds
        return outputs


def agent(correlate: Correlate) -> Callable[[AsyncIterable[Any]], Awaitable[None]]:
    """The Faust agent's function; its events are `streams.batches.Batch`."""

    async def run(batches: AsyncIterable[Any]) -> None:
        async for batch in batches:
            async with batch:
                await correlate.handle(batch)

    return run
