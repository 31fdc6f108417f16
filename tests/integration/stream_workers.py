"""Stream workers under test: real processes on topics of their own, what they get, and what they make of it."""

from __future__ import annotations

import asyncio
import json
import sys
import uuid
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from subprocess import Popen

from aiokafka import AIOKafkaProducer
from kafka import KafkaConsumer, KafkaProducer, TopicPartition
from kafka.consumer.fetcher import ConsumerRecord

from posko import kafka_admin, topics
from tests.processes import process

PARTITIONS = 4
ELECTION = "sumsel-2024"
RUN = f"""
import sys
from posko import settings
from streams import names, run
options = dict(kafka=sys.argv[1], election="{ELECTION}", data=sys.argv[3], stream_batch=int(sys.argv[4]))
run.leave(run.run(settings.load(**options), names.Names(sys.argv[2])))
"""

KINDS = {
    "logistics": ["late", "missing_ballots", "stranded"],
    "security": ["brawl", "intimidation", "money_politics"],
    "hoax": ["voting_cancelled", "tps_moved"],
    "asn_neutrality": ["campaigning", "social_media"],
}
TEXTS = [
    "logistik belum tiba di TPS {n}, perahu kandas",
    "surat suara kurang di tps {n}",
    "ada keributan dekat TPS {n} warga berkumpul",
    "beredar kabar pemungutan suara ditunda di tps {n}",
    "oknum asn ikut kampanye dekat tps {n}",
]


def report(number: int) -> dict[str, object]:
    """A valid report; every seventh is about the same event as others."""
    category = list(KINDS)[number % len(KINDS)]
    return {
        "report_id": str(uuid.uuid5(uuid.NAMESPACE_URL, f"report {number}")),
        "category": category,
        "kind": KINDS[category][number % len(KINDS[category])],
        "text": TEXTS[number % len(TEXTS)].format(n=1 + number // 7 % 9),
        "reported_at": f"2024-11-27T{7 + number // 600 % 12:02d}:{number // 10 % 60:02d}:00+07:00",
        "reporter": {"id": f"r{number % 500}", "role": "kpps", "institution": "kpu"},
        "area": f"16.71.{1 + number % 7:02d}" if number % 3 else f"16.{1 + number % 13:02d}",
    }


def messages(count: int) -> Iterator[tuple[bytes, bytes]]:
    """Keys and values: reports, some sent twice, some that are none."""
    for number in range(count):
        key = f"16.71.{number % 40:02d}".encode()
        yield key, b"garbage" if number % 50 == 7 else json.dumps(report(number - number % 30 // 29)).encode()


@dataclass
class Workers:
    """Worker processes on topics with a prefix of their own. Each one logs to a file and notes when it is ready."""

    kafka: str
    folder: Path
    batch: int = 2000
    prefix: str = field(default_factory=lambda: f"s{uuid.uuid4().hex[:8]}.")
    _stack: ExitStack = field(default_factory=ExitStack)

    def make_topics(self, partitions: int = PARTITIONS) -> None:
        wanted = [topics.Topic(self.prefix + topic.name, topic.config) for topic in topics.ALL]
        kafka_admin.ensure_topics(self.kafka, partitions, wanted=wanted)

    def start(self, name: str) -> Popen[bytes]:
        """A worker that ends with the test at the latest."""
        self.ready(name).unlink(missing_ok=True)
        command = [sys.executable, "-c", RUN, self.kafka, self.prefix, str(self.folder), str(self.batch)]
        return self._stack.enter_context(process(command, self.log(name), {"POSKO_READY_FILE": str(self.ready(name))}))

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def ready(self, name: str) -> Path:
        return self.folder / f"{name}.ready"

    def send(self, pairs: Iterable[tuple[bytes | None, bytes | None]]) -> None:
        producer = KafkaProducer(bootstrap_servers=self.kafka, max_request_size=topics.MAX_MESSAGE)
        for key, value in pairs:
            producer.send(self.prefix + topics.REPORTS, value, key=key)
        producer.close()

    def send_batch(self, pairs: Iterable[tuple[bytes | None, bytes | None]], codec: str | None = None) -> None:
        """One batch to partition 0, compressed with `codec`; even messages with neither key nor value."""

        async def send() -> None:
            async with AIOKafkaProducer(bootstrap_servers=self.kafka, compression_type=codec) as producer:
                batch = producer.create_batch()
                for key, value in pairs:
                    batch.append(key=key, value=value, timestamp=None)
                await (await producer.send_batch(batch, self.prefix + topics.REPORTS, partition=0))

        asyncio.run(send())

    @contextmanager
    def consumer(self, name: str) -> Iterator[tuple[KafkaConsumer, list[TopicPartition]]]:
        consumer = KafkaConsumer(bootstrap_servers=self.kafka, isolation_level="read_committed")
        try:
            topic = self.prefix + name
            parts = [TopicPartition(topic, number) for number in sorted(consumer.partitions_for_topic(topic))]
            yield consumer, parts
        finally:
            consumer.close()

    def ends(self, name: str) -> int:
        """Committed offsets of a topic together, Kafka's own markers included. Only grows: a measure of progress."""
        with self.consumer(name) as (consumer, parts):
            return int(sum(consumer.end_offsets(parts).values()))

    def committed(self, group: str, name: str) -> dict[int, int]:
        """Partition -> the offset at which `group` goes on with a topic; 0 where it has handled nothing."""
        topic = self.prefix + name
        consumer = KafkaConsumer(bootstrap_servers=self.kafka, group_id=self.prefix + group)
        try:
            parts = sorted(consumer.partitions_for_topic(topic))
            return {part: consumer.committed(TopicPartition(topic, part)) or 0 for part in parts}
        finally:
            consumer.close(autocommit=False)

    def read(self, name: str) -> list[ConsumerRecord]:
        """Every committed record of a topic, in the order of each partition."""
        with self.consumer(name) as (consumer, parts):
            consumer.assign(parts)
            consumer.seek_to_beginning(*parts)
            ends, found = consumer.end_offsets(parts), []
            while any(consumer.position(part) < ends[part] for part in parts):
                for records in consumer.poll(200, max_records=5000).values():
                    found += records
            return found

    def close(self) -> None:
        self._stack.close()


def origin(record: ConsumerRecord) -> tuple[int, int]:
    """Partition and offset in `reports` of the message that became this enriched, matched or rejected one."""
    headers = dict(record.headers)
    if "offset" in headers:
        return int(headers["partition"]), int(headers["offset"])
    value = json.loads(record.value)
    return value["source_partition"], value["source_offset"]
