"""A ClickHouse sink for Bytewax, by its own interface for sinks.

PYTHONPATH=. python -m tests.bench.bytewax_sink JOB
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

import bytewax.operators as op
from bytewax._bytewax import init_db_dir
from bytewax.connectors.kafka import KafkaSource
from bytewax.dataflow import Dataflow
from bytewax.outputs import DynamicSink, StatelessSinkPartition
from bytewax.recovery import RecoveryConfig
from bytewax.run import cli_main
from clickhouse_connect.driver.client import Client

from posko import topics
from tests.bench.bytewax_flow import BATCH, EPOCH
from tests.bench.job import Job
from tests.bench.peer_rows import connect, store_incidents, store_matched

Store = Callable[[Client, Sequence[bytes]], None]


class Rows(DynamicSink):
    """Stores each batch that comes in one insert."""

    def __init__(self, job: Job, store: Store) -> None:
        self._job, self._store = job, store

    def build(self, step_id: str, worker_index: int, worker_count: int) -> StatelessSinkPartition:
        return _Rows(connect(self._job), self._store)


class _Rows(StatelessSinkPartition):
    def __init__(self, client: Client, store: Store) -> None:
        self._client, self._store = client, store

    def write_batch(self, items: list[bytes]) -> None:
        if items:
            self._store(self._client, items)


def main() -> None:
    job = Job.given()
    flow = Dataflow("sink")
    for name, store in ((topics.MATCHED, store_matched), (topics.INCIDENTS, store_incidents)):
        source = KafkaSource([job.kafka], [job.topic(name)], batch_size=BATCH)
        step = name.replace(".", "-")
        messages = op.input(step, flow, source)
        values = op.flat_map_batch(f"{step}-values", messages, lambda batch: [one.value for one in batch])
        op.output(f"{step}-rows", values, Rows(job, store))
    recovery = Path(job.folder) / "sink-recovery"
    recovery.mkdir()
    init_db_dir(recovery, 1)
    cli_main(flow, epoch_interval=EPOCH, recovery_config=RecoveryConfig(recovery))


if __name__ == "__main__":
    main()
