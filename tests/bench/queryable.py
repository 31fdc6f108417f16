"""From a report in Kafka to its row in ClickHouse.

Two processes on every side: one up to the matched reports and incidents in Kafka, one from there into ClickHouse.
"""

from __future__ import annotations

from pathlib import Path

from posko import settings
from posko.settings import Settings
from sinks import clickhouse, migrate
from tests.bench import run
from tests.bench.job import Job
from tests.bench.run import Moment

SINKS = {"ours": "our_sink", "quix": "quix_sink", "bytewax_flow": "bytewax_sink"}
STORED = "SELECT (SELECT count() FROM posko.reports) + (SELECT count() FROM posko.resends)"


def reached(job: Job) -> Settings:
    """Settings that lead to the engine of a run."""
    return settings.load(
        kafka=job.kafka, clickhouse=job.clickhouse, clickhouse_password=job.password, election=job.election,
        data=job.folder, log_level="warning",
    )  # fmt: skip


def took(python: str, module: str, job: Job, log: Path) -> Moment:
    """From the first report taken until the last can be queried; processor time is that of the first process."""
    client = clickhouse.connect(reached(job))
    migrate.apply(client)
    sink_log = log.with_name("sink.log")
    with run.side(python, SINKS[module], job, sink_log) as sink, run.side(python, module, job, log) as started:
        ended = started.until(lambda: int(client.command(STORED)) >= job.count, sink)
        return ended.since(started.said["began"])
