"""Triage: each message of `actions` becomes a record of `reports.enriched`, in one order with reports, or is rejected.

Only its form is checked here. Whether the incident allows it is decided by correlate, which has the incident.
"""

from __future__ import annotations

from collections.abc import AsyncIterable, Awaitable, Callable, Sequence
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition
from aiokafka.errors import KafkaError

from posko import log, report, topics
from posko.life import message
from streams.failure import describe, where
from streams.intake import Enrich, fault
from streams.names import Names
from streams.rejects import OVERHEAD, Rejects, Why
from streams.transactions import Outputs

LOOK_MS = 3000  # how long a report that is to move is looked for

logger = log.get("streams")

Place = tuple[int, int]  # partition and offset in `reports`
Fetch = Callable[[Sequence[Place]], Awaitable[dict[Place, ConsumerRecord]]]


class Triage:
    """Turns actions into outputs. `enrich` is intake's: reports that move to another incident are read again."""

    def __init__(
        self, enrich: Enrich, fetch: Fetch, names: Names, enriched_partitions: int, rejected_partitions: int
    ) -> None:
        self._enrich, self._fetch = enrich, fetch
        self._topic, self._partitions = names.topic(topics.ENRICHED), enriched_partitions
        self._rejects = Rejects(names.topic(topics.REJECTED), rejected_partitions)

    async def outputs(self, records: Sequence[ConsumerRecord]) -> Outputs:
        """One output for each record, in order."""
        outputs = Outputs()
        for record in records:
            try:
                action = message.parse(record.value)
                reports = await self._moving(action) if action.action == "split" else []
                value = orjson.dumps(message.forwarded(action, record, reports))
                if len(value) > topics.MAX_MESSAGE - OVERHEAD:
                    raise report.Invalid("too_large", "detail.reports", "Terlalu banyak laporan sekaligus; bagi dua.")
                scope = action.scope.encode()
                outputs.add(self._topic, topics.partition_of(scope, self._partitions), scope, value)
            except report.Invalid as refused:
                self._rejects.add(outputs, record, Why(refused.reason, refused.field, refused.detail))
            except (OSError, KafkaError):
                raise  # the broker is away: the batch is repeated
            except Exception as error:
                logger.error("a fault of the program, the action is rejected", **where(record), **describe(error))
                self._rejects.add(outputs, record, fault(error))
        return outputs

    async def _moving(self, action: message.Action) -> list[dict[str, Any]]:
        """The reports of a split, enriched as intake has done it. Raises posko.report.Invalid."""
        wanted = message.moved(action)
        records = await self._fetch([(one.source_partition, one.source_offset) for one in wanted])
        found = []
        for one in wanted:
            enriched = self._read(records.get((one.source_partition, one.source_offset)))
            if enriched is None or enriched["report_id"] != str(one.report_id):
                where = f"partisi {one.source_partition} offset {one.source_offset}"
                raise report.Invalid(
                    "unknown_report", "detail.reports", f"Laporan {one.report_id} tidak ada di {where} topik reports."
                )
            found.append(enriched)
        return found

    def _read(self, record: ConsumerRecord | None) -> dict[str, Any] | None:
        if record is None:
            return None
        try:
            return self._enrich(record.value, record.timestamp, record.partition, record.offset)
        except report.Invalid:
            return None


class Reader:
    """Reads single messages of `reports` again, with a connection for each time it is asked: splits are rare."""

    def __init__(self, bootstrap: str, names: Names, partitions: int) -> None:
        self._bootstrap, self._topic, self._partitions = bootstrap, names.topic(topics.REPORTS), partitions

    async def fetch(self, places: Sequence[Place]) -> dict[Place, ConsumerRecord]:
        """The messages at these places; what is not there is left out."""
        found: dict[Place, ConsumerRecord] = {}
        wanted = [place for place in places if place[0] < self._partitions]
        consumer = AIOKafkaConsumer(bootstrap_servers=self._bootstrap, enable_auto_commit=False)
        await consumer.start()
        try:
            parts = {partition: TopicPartition(self._topic, partition) for partition, _ in wanted}
            consumer.assign(list(parts.values()))
            begins = await consumer.beginning_offsets(list(parts.values())) if parts else {}
            ends = await consumer.end_offsets(list(parts.values())) if parts else {}
            for partition, offset in wanted:
                part = parts[partition]
                if begins[part] <= offset < ends[part]:
                    consumer.seek(part, offset)
                    fetched = await consumer.getmany(part, timeout_ms=LOOK_MS, max_records=1)
                    found |= {(partition, one.offset): one for records in fetched.values() for one in records}
        finally:
            await consumer.stop()
        return found


def agent(triage: Triage) -> Callable[[AsyncIterable[Any]], Awaitable[None]]:
    """The Faust agent's function; its events are `streams.batches.Batch`."""

    async def run(batches: AsyncIterable[Any]) -> None:
        async for batch in batches:
            async with batch:
                await batch.commit(await triage.outputs(batch.records))

    return run
