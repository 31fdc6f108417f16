"""The same domain functions in Bytewax, in batches wherever it offers them, with recovery on.

    PYTHONPATH=. python -m tests.bench.bytewax_flow JOB      in the environment of tests/bench/peers.txt

State is a Correlator a partition. Its snapshot is what the Correlator's changelog amounts to, kept beside it: cheaper
to copy than the Correlator. Bytewax takes it once an epoch (10 s unless told otherwise) into its recovery store.
"""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import bytewax.operators as op
import orjson
from bytewax._bytewax import init_db_dir
from bytewax.connectors.kafka import KafkaSink, KafkaSinkMessage, KafkaSource, KafkaSourceMessage
from bytewax.dataflow import Dataflow, Stream
from bytewax.operators import StatefulBatchLogic
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig
from bytewax.run import cli_main

from posko import context, report, topics
from posko.correlate import Correlator
from posko.intake import Intake
from tests.bench.job import CORRELATE, INTAKE, PARSE, QUERYABLE, Job, noted, say

READ_BATCH = 1000  # records at a poll, the default: the quicker one when nothing is written
BATCH = 5000  # the quicker one when each batch is written: its sinks wait for the broker after every batch
EPOCH = timedelta(seconds=10)
Messages = list[KafkaSourceMessage]
Keyed = tuple[str, Any]


class Nowhere(DynamicSink):
    """Every dataflow has to end in a sink."""

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSinkPartition:
        return _Forgotten()


class _Forgotten(StatelessSinkPartition):
    def write_batch(self, items: list[Any]) -> None: ...


class Flow:
    """The dataflow of one row."""

    def __init__(self, job: Job) -> None:
        self._job = job
        self.flow = Dataflow("bench")
        known = context.load(job.election)
        self._catalog = known.catalog
        self._enrich = noted(Intake(known.election, known.catalog, known.regions).enrich)

    def parse(self) -> None:
        parse = noted(report.parse)
        parsed = op.flat_map_batch("parse", self._source(), lambda batch: [parse(message.value) for message in batch])
        op.output("nowhere", parsed, Nowhere())

    def intake(self) -> None:
        enriched = op.flat_map_batch("intake", self._source(), self._enriched_batch)
        op.output("out", enriched, KafkaSink([self._job.kafka], self._job.topic(topics.ENRICHED)))

    def correlate(self) -> None:
        read = noted(orjson.loads)
        keyed = op.flat_map_batch(
            "read", self._source(), lambda batch: [(str(one.partition), read(one.value)) for one in batch]
        )
        self._correlated(keyed)

    def whole(self) -> None:
        """Reports to matched reports and incidents: between the two steps Bytewax needs no topic."""
        keyed = op.flat_map_batch("intake", self._source(), self._keyed_batch)
        self._correlated(keyed)

    def _source(self) -> Stream[KafkaSourceMessage]:
        stays = self._job.row == QUERYABLE
        size = READ_BATCH if self._job.row == PARSE else BATCH
        source = KafkaSource([self._job.kafka], [self._job.source], tail=stays, batch_size=size)
        return op.input("in", self.flow, source)

    def _enriched(self, message: KafkaSourceMessage) -> dict[str, Any]:
        _, received_at = message.timestamp or (0, 0)
        return self._enrich(message.value, received_at, message.partition or 0, message.offset or 0)

    def _enriched_batch(self, batch: Messages) -> list[KafkaSinkMessage]:
        enriched = map(self._enriched, batch)
        return [KafkaSinkMessage(one["scope"].encode(), orjson.dumps(one)) for one in enriched]

    def _keyed_batch(self, batch: Messages) -> list[Keyed]:
        partitions = self._job.partitions
        enriched = map(self._enriched, batch)
        return [(str(topics.partition_of(one["scope"].encode(), partitions)), one) for one in enriched]

    def _correlated(self, keyed: Stream[Keyed]) -> None:
        out = op.stateful_batch("correlate", keyed, lambda kept: State(self._catalog, self._job, kept))
        messages = op.flat_map_batch("values", out, lambda batch: [message for _, message in batch])
        op.output("out", messages, KafkaSink([self._job.kafka], None))


class State(StatefulBatchLogic):
    """One partition's Correlator."""

    def __init__(self, catalog: Any, job: Job, kept: dict[bytes, bytes] | None) -> None:
        self._correlator = Correlator(catalog)
        self._matched, self._incidents = job.topic(topics.MATCHED), job.topic(topics.INCIDENTS)
        self._kept: dict[bytes, bytes] = kept or {}
        for key, value in self._kept.items():
            self._correlator.restore(key, value)
        self._correlator.restored()

    def on_batch(self, values: list[dict[str, Any]]) -> tuple[list[KafkaSinkMessage], bool]:
        outcome = self._correlator.apply(values)
        for key, value in outcome.changelog:
            if value is None:
                self._kept.pop(key, None)
            else:
                self._kept[key] = value
        found = [_message(self._matched, matched) for matched in outcome.matched]
        return found + [_message(self._incidents, incident) for incident in outcome.incidents], False

    def snapshot(self) -> dict[bytes, bytes]:
        return dict(self._kept)


def _message(topic: str, content: dict[str, Any]) -> KafkaSinkMessage:
    return KafkaSinkMessage(content["incident_id"].encode(), orjson.dumps(content), topic)


def main() -> None:
    job = Job.given()
    flow = Flow(job)
    {PARSE: flow.parse, INTAKE: flow.intake, CORRELATE: flow.correlate, QUERYABLE: flow.whole}[job.row]()
    recovery = Path(job.folder) / "recovery"
    recovery.mkdir()
    init_db_dir(recovery, 1)
    cli_main(flow.flow, epoch_interval=EPOCH, recovery_config=RecoveryConfig(recovery))
    say("ended")


if __name__ == "__main__":
    main()
