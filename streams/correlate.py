"""Correlate: enriched reports become matched reports and incidents, by the state of their partition."""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Any

import orjson
from aiokafka import ConsumerRecord

from posko import topics
from streams.batches import Batch
from streams.names import Names
from streams.transactions import Outputs


class Correlate:
    """Turns records into outputs by way of a partition's `posko.correlate.Correlator`."""

    def __init__(self, names: Names) -> None:
        self._matched = names.topic(topics.MATCHED)
        self._incidents = names.topic(topics.INCIDENTS)
        self._changelog = names.topic(topics.CORRELATE_CHANGELOG)

    def outputs(self, state: Any, records: Sequence[ConsumerRecord]) -> Outputs:
        """Apply `records` to `state`; one matched report for each. Everything stays on the partition it came from."""
        outputs, partition = Outputs(), records[0].partition
        outcome = state.apply([orjson.loads(record.value) for record in records])
        for topic, messages in ((self._matched, outcome.matched), (self._incidents, outcome.incidents)):
            for message in messages:
                outputs.add(topic, partition, message["incident_id"].encode(), orjson.dumps(message))
        for key, value in outcome.changelog:
            outputs.add(self._changelog, partition, key, value)
        return outputs


def agent(correlate: Correlate) -> Callable[[AsyncIterable[Batch]], Awaitable[None]]:
    """The Faust agent's function."""

    async def run(batches: AsyncIterable[Batch]) -> None:
        async for batch in batches:
            async with batch:
                await batch.commit(correlate.outputs(batch.state, batch.records))

    return run
