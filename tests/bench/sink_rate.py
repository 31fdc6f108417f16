"""Rows a second of our sink from the matched topic into the engine, beside the simplest thing that could store them.

The peer hands the messages' own bytes on unparsed, as JSONEachRow, into one plain table that has the same columns: no
views, no ids claimed, no offsets noted. Times stay integers there: JSONEachRow reads no milliseconds as DateTime64.
"""

from __future__ import annotations

import asyncio
import tempfile
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition
from clickhouse_connect.driver.client import Client

from posko import context, kafka_admin, log, topics
from posko.correlate import Correlator
from sinks import clickhouse, migrate
from tests import processes
from tests.bench import corpus, run
from tests.bench.corpus import Pair
from tests.bench.job import AT_LEAST_ONCE, EXACTLY_ONCE, SINK, Job
from tests.bench.queryable import reached
from tests.bench.table import OURS, Figure

BATCH = 20_000
PEER = "JSONEachRow handed on"
NEXT = """SELECT sum(next) FROM
(SELECT max(next_offset) AS next FROM posko.consumed WHERE topic = {topic:String} GROUP BY partition)"""
INTEGERS = ", ".join(f"toInt64({name}) AS {name}" for name in ("received_at", "reported_at", "occurred_at"))
LOOSE = {"input_format_skip_unknown_fields": 1, "input_format_json_read_objects_as_strings": 1}


def measure(
    rows: int, repeat: int, partitions: int, election: str, port_base: int, python: str, say: Callable[[str], None]
) -> list[Figure]:
    """Our sink and the peer, in turns, each into an empty engine."""
    log.configure("warning")
    with tempfile.TemporaryDirectory(prefix="posko-bench-") as name:
        folder = Path(name)
        base = processes.free_ports(port_base)
        say(f"Making {rows:,} matched reports")
        pairs = matched(rows, election, folder)
        ours = Figure(SINK, OURS, "once, by keys", len(pairs))
        peer = Figure(SINK, PEER, AT_LEAST_ONCE, len(pairs))
        with processes.broker(folder / "kafka", base) as kafka:
            job = Job(
                row=SINK, guarantee=EXACTLY_ONCE, kafka=kafka, election=election, reports="", enriched="",
                prefix="sink.", partitions=partitions, count=len(pairs), folder=str(folder),
            )  # fmt: skip
            wanted = [topics.Topic(job.topic(topic.name), topic.config) for topic in topics.ALL]
            kafka_admin.ensure_topics(kafka, partitions, wanted=wanted)
            corpus.fill(kafka, job.topic(topics.MATCHED), pairs, partitions)
            for number in range(repeat):
                for figure, work in ((ours, _ours), (peer, _peer)):
                    say(f"{figure.side}, {number + 1} of {repeat}")
                    with processes.engine(folder / f"{figure.side}-{number}", base) as known:
                        password = known.clickhouse_password.get_secret_value()
                        told = replace(job, clickhouse=known.clickhouse_url, password=password, folder=str(known.data))
                        figure.add(*work(told, python))
        return [ours, peer]


def matched(count: int, election: str, folder: Path) -> list[Pair]:
    """What correlate makes of a simulated day."""
    state = Correlator(context.load(election).catalog)
    found = []
    for report in corpus.simulated(count, election, folder).enriched:
        message = state.take(report)
        found.append((message["incident_id"].encode(), orjson.dumps(message)))
    return found


def _ours(job: Job, python: str) -> tuple[float, float]:
    """From taking the partitions over to the last offset noted."""
    client = clickhouse.connect(reached(job))
    migrate.apply(client)
    topic = job.topic(topics.MATCHED)
    with run.side(python, "our_sink", job, Path(job.folder) / "log") as sink:
        ended = sink.until(lambda: _noted(client, topic) >= job.count)
        return ended.since(sink.said["began"])


def _noted(client: Client, topic: str) -> int:
    return int(client.query(NEXT, parameters={"topic": topic}).result_rows[0][0] or 0)


def _peer(job: Job, python: str) -> tuple[float, float]:
    client = clickhouse.connect(reached(job))
    migrate.apply(client)
    client.command(
        "CREATE TABLE posko.plain ENGINE = MergeTree ORDER BY (received_at, source_partition, source_offset) "
        f"EMPTY AS SELECT * REPLACE ({INTEGERS}) FROM posko.reports_rows"
    )
    return asyncio.run(_handed_on(job, client))


async def _handed_on(job: Job, client: Client) -> tuple[float, float]:
    consumer = AIOKafkaConsumer(
        bootstrap_servers=job.kafka, auto_offset_reset="earliest", max_partition_fetch_bytes=4 << 20
    )
    await consumer.start()
    consumer.assign([TopicPartition(job.topic(topics.MATCHED), number) for number in range(job.partitions)])
    began, processor, count = 0.0, 0.0, 0
    values: list[bytes] = []
    while count < job.count:
        for records in (await consumer.getmany(timeout_ms=200, max_records=BATCH)).values():
            if not began:
                began, processor = time.monotonic(), time.process_time()
            values += [record.value for record in records]
        if len(values) >= BATCH or count + len(values) == job.count:
            await asyncio.to_thread(
                client.raw_insert, "posko.plain", insert_block=b"\n".join(values), fmt="JSONEachRow", settings=LOOSE
            )
            count += len(values)
            values = []
    ended = time.monotonic() - began, time.process_time() - processor
    await consumer.stop()
    return ended
