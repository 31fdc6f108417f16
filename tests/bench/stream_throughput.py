"""How many reports a second a stream worker handles, and where the time goes.

    python tests/bench/stream_throughput.py --kafka 127.0.0.1:29000 [--reports 50000] [--trivial]

Sends reports to topics of its own, lets one worker process take them from the first to the last, and prints reports a
second through intake and correlate together, then microseconds a report of each step, measured without Kafka.
`--trivial` leaves the domain out: that is the machinery alone.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import orjson
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRecord, TopicPartition

from posko import kafka_admin, settings, topics
from streams import run
from streams.app import Domain, load_domain
from streams.correlate import Correlate
from streams.intake import Intake
from streams.names import Names
from streams.turns import Turns
from tests.integration.stream_workers import ELECTION, PARTITIONS, report


class Remembers:
    """State that only knows which ids it saw."""

    def __init__(self) -> None:
        self._seen: set[bytes] = set()
        self._new: list[bytes] = []

    def restore(self, key: bytes, value: bytes | None) -> None:
        self._seen.add(key)

    def restored(self) -> None:
        """Nothing to build."""

    def take(self, report: dict[str, Any]) -> dict[str, Any]:
        key = report["report_id"].encode()
        if key not in self._seen:
            self._seen.add(key)
            self._new.append(key)
        return {**report, "incident_id": report["scope"]}

    def flush(self) -> SimpleNamespace:
        new, self._new = self._new, []
        return SimpleNamespace(incidents=[], changelog=[(key, b"1") for key in new])


def trivial(_: str) -> Domain:
    """JSON in, JSON out."""

    def enrich(raw: bytes | None, received_at: int, partition: int, offset: int) -> dict[str, Any]:
        content = orjson.loads(raw or b"{}")
        return {**content, "scope": content["area"][:5], "received_at": received_at}

    return Domain(enrich, Remembers)


async def fill(kafka: str, names: Names, count: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=1 << 19, linger_ms=20) as producer:
        for number in range(count):
            sending = await producer.send(
                names.topic(topics.REPORTS), orjson.dumps(report(number)), partition=number % PARTITIONS
            )
        await sending
        await producer.flush()


async def wait_for(kafka: str, names: Names, count: int) -> float:
    """Seconds from the first to the last of `count` matched or rejected reports."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, isolation_level="read_committed", auto_offset_reset="earliest")
    await consumer.start()
    consumer.assign(
        [
            TopicPartition(names.topic(name), number)
            for name in (topics.MATCHED, topics.REJECTED)
            for number in range(PARTITIONS)
        ]
    )
    seen, began = 0, 0.0
    while seen < count:
        for records in (await consumer.getmany(timeout_ms=200)).values():
            began = began or time.monotonic()
            seen += len(records)
    await consumer.stop()
    return time.monotonic() - began


def steps(domain: Domain, names: Names, count: int) -> dict[str, float]:
    """Microseconds a report of each step, on records in memory."""
    values = [orjson.dumps(report(number)) for number in range(count)]
    now = int(time.time() * 1000)
    records = [
        ConsumerRecord(topics.REPORTS, 0, offset, now, 1, b"k", value, None, -1, -1, ())
        for offset, value in enumerate(values)
    ]
    found: dict[str, float] = {}

    def timed(step: str, work: Callable[[], Any]) -> Any:
        began = time.perf_counter()
        result = work()
        found[step] = 1e6 * (time.perf_counter() - began) / count
        return result

    timed("enrich", lambda: [domain.enrich(record.value, now, 0, record.offset) for record in records])
    enriched = timed(
        "enrich and serialise", lambda: asyncio.run(Intake(domain.enrich, names, 1, 1, Turns()).outputs(records))
    )
    lot = enriched.lots[names.topic(topics.ENRICHED), 0]
    following = [
        ConsumerRecord(topics.ENRICHED, 0, record.offset, now, 1, row[0], row[1], None, -1, -1, ())
        for record, row in zip(records, lot, strict=True)
    ]
    reports = timed("read enriched", lambda: [orjson.loads(record.value) for record in following])
    state = domain.new_state()

    def correlated() -> None:
        for number, read in enumerate(reports, 1):
            state.take(read)
            if number % 200 == 0:
                state.flush()

    timed("correlate", correlated)
    again, correlate = domain.new_state(), Correlate(names, 1, Turns())
    batches = [following[at : at + 200] for at in range(0, len(following), 200)]

    async def committed() -> None:
        for batch in batches:
            await correlate.outputs(again, batch)

    timed("read, correlate and serialise", lambda: asyncio.run(committed()))
    return found


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kafka", required=True)
    arguments.add_argument("--reports", type=int, default=50_000)
    arguments.add_argument("--trivial", action="store_true")
    arguments.add_argument("--worker", default="", help=argparse.SUPPRESS)
    given = arguments.parse_args()
    domain = trivial if given.trivial else load_domain
    if given.worker:
        run.leave(run.run(settings.load(kafka=given.kafka, election=ELECTION), Names(given.worker), domain))
    names = Names(f"bench{int(time.time())}.")
    wanted = [topics.Topic(names.topic(topic.name), topic.config) for topic in topics.ALL]
    kafka_admin.ensure_topics(given.kafka, PARTITIONS, wanted=wanted)
    asyncio.run(fill(given.kafka, names, given.reports))
    with tempfile.TemporaryDirectory() as folder:
        ready = Path(folder) / "ready"
        command = [sys.executable, *sys.argv, "--worker", names.prefix]
        worker = subprocess.Popen(
            command, env={**os.environ, "POSKO_READY_FILE": str(ready)}, stderr=subprocess.DEVNULL
        )
        try:
            seconds = asyncio.run(wait_for(given.kafka, names, given.reports))
        finally:
            worker.terminate()
            worker.wait()
    print(f"{given.reports / seconds:,.0f} reports/s through intake and correlate ({given.reports} in {seconds:.1f} s)")
    for step, cost in steps(domain(ELECTION), names, min(given.reports, 10_000)).items():
        print(f"{cost:8.1f} us a report: {step}")


if __name__ == "__main__":
    main()
