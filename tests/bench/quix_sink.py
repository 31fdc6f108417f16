"""A ClickHouse sink for Quix Streams, by its own interface for sinks that write batches.

PYTHONPATH=. python -m tests.bench.quix_sink JOB
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from clickhouse_connect.driver.client import Client
from quixstreams.sinks.base import BatchingSink, SinkBatch

from posko import topics
from tests.bench.job import AT_LEAST_ONCE, Job
from tests.bench.peer_rows import connect, store_incidents, store_matched
from tests.bench.quix import application


class Rows(BatchingSink):
    """Stores a checkpoint's messages of a partition in one insert."""

    def __init__(self, client: Client, store: Callable[[Client, Sequence[bytes]], None]) -> None:
        super().__init__()
        self._client, self._store = client, store

    def write(self, batch: SinkBatch) -> None:
        self._store(self._client, [item.value for item in batch])


def main() -> None:
    job = Job.given()
    app = application(replace(job, prefix=job.prefix + "sink.", guarantee=AT_LEAST_ONCE, folder=job.folder + "/sink"))
    client = connect(job)
    for name, store in ((topics.MATCHED, store_matched), (topics.INCIDENTS, store_incidents)):
        source = app.topic(job.topic(name), value_deserializer="bytes", key_deserializer="bytes")
        app.dataframe(source).sink(Rows(client, store))
    app.run()


if __name__ == "__main__":
    main()
