"""How far stages are behind, where transactions leave records that nobody reads."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer

from posko import kafka_admin, topics
from posko.local import progress
from posko.local.progress import Probe
from posko.settings import Settings
from posko.topics import Topic

UNREACHABLE = {"kafka": "127.0.0.1:9", "clickhouse": "http://127.0.0.1:9"}


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"progress-{uuid4()}"
    kafka_admin.ensure_topics(kafka, 1, wanted=[Topic(name)])
    return name


@pytest.fixture
async def producer(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"progress-{uuid4()}")
    await producer.start()
    yield producer
    await producer.stop()


def waiting(kafka: str, topic: str, position: int) -> int:
    with Probe(Settings(kafka=kafka)) as probe:
        ends = probe.ends(topic)
        return sum(probe.waiting(dict.fromkeys(ends, position), ends).values())


async def test_the_marker_of_a_transaction_is_no_message_that_waits(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    async with producer.transaction():
        for _ in range(3):
            await producer.send_and_wait(topic, b"x")
    assert waiting(kafka, topic, 3) == 0
    assert waiting(kafka, topic, 2) > 0
    assert waiting(kafka, topic, 0) > 0


async def test_messages_of_an_aborted_transaction_do_not_wait(
    kafka: str, topic: str, producer: AIOKafkaProducer
) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"never")
    await producer.abort_transaction()
    assert waiting(kafka, topic, 0) == 0


async def test_messages_of_an_open_transaction_wait(kafka: str, topic: str, producer: AIOKafkaProducer) -> None:
    await producer.begin_transaction()
    await producer.send_and_wait(topic, b"soon")
    assert waiting(kafka, topic, 0) > 0
    await producer.commit_transaction()


def test_an_empty_topic_has_no_lag_and_a_missing_one_says_so(kafka: str, topic: str) -> None:
    assert waiting(kafka, topic, 0) == 0
    with Probe(Settings(kafka=kafka)) as probe:
        assert probe.ends(f"missing-{uuid4()}") == {}


def test_parts_that_do_not_answer_are_named_not_raised() -> None:
    stages = progress.lag(Settings(**UNREACHABLE))
    assert [stage.name for stage in stages] == [
        "intake",
        "triage",
        "correlate",
        "sink.matched",
        "sink.incidents",
        "sink.rejected",
    ]
    assert all(stage.lag is None and "does not answer" in stage.problem for stage in stages)
    assert progress.counts(Settings(**UNREACHABLE)) == {}


def test_without_clickhouse_the_sinks_lag_is_unknown_and_the_streams_lag_is_known(kafka: str) -> None:
    kafka_admin.ensure_topics(kafka, 2)
    stages = {stage.name: stage for stage in progress.lag(Settings(kafka=kafka, clickhouse=UNREACHABLE["clickhouse"]))}
    assert stages["intake"].lag is not None
    assert stages["sink.matched"].lag is None
    assert stages["sink.matched"].problem


def test_waiting_in_vain_ends_with_what_is_missing() -> None:
    missing = progress.drained(Settings(**UNREACHABLE), timeout=0)
    assert missing[0].topic == topics.REPORTS
    assert len(missing) == 6
