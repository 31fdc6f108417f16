"""From a report in Kafka to its row in ClickHouse: two processes on every side, one up to the matched reports, one sink."""

from __future__ import annotations

from contextlib import contextmanager
from collections.abc import Iterator
from pathlib import Path

import clickhouse_connect

from posko import settings
from sinks import clickhouse, migrate
from sinks.storage import TOPICS
from tests.bench import run
from tests.bench.job import Job

SINKS = {"ours": "our_sink", "quix": "quix_sink", "bytewax_flow": "bytewax_sink"}
LOOK_S = 0.1
STORED = "SELECT (SELECT count() FROM posko.reports) + (SELECT count() FROM posko.resends)"


def seconds(python: str, module: str, job: Job, log: Path) -> float:
    """From the first report taken until the last can be queried."""
    known = settings.load(
        clickhouse=job.clickhouse, clickhouse_password=job.password, kafka=job.kafka, election=job.election
    )
    client = clickhouse.connect(known)
    migrate.apply(client)
    with (
        run.side(python, SINKS[module], job, log.with_name("sink.log")) as sink,
        run.side(python, module, job, log) as started,
    ):

        def stored() -> bool:
            return int(client.command(STORED)) >= job.count

        ended = started.until(stored)
        return ended - started.said["began"]
