"""The sink from Kafka to rows: real broker, real engine, topics of its own for each test."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from aiokafka import AIOKafkaProducer
from clickhouse_connect.driver.client import Client

from posko import kafka_admin
from posko.settings import Settings
from posko.topics import Topic
from sinks import offsets, rebuild
from sinks.consumer import Consumer, Displaced
from sinks.storage import Storage
from tests.integration.sink_tables import content, empty, one
from tests.unit.sinks.examples import incident, matched

PARTITIONS = 3
PATIENCE_S = 60


@dataclass
class Pipe:
    """Topics of one test, a producer for them, and sinks that read them."""

    settings: Settings
    client: Client
    producer: AIOKafkaProducer
    names: dict[str, str]
    group: str = field(default_factory=lambda: f"sink-{uuid4()}")

    async def send(
        self, kind: str, messages: list[Any], partition: Callable[[int], int] = lambda place: place % PARTITIONS
    ) -> None:
        """The messages in one transaction, as the stream workers send them."""
        async with self.producer.transaction():
            for place, message in enumerate(messages):
                value = message if isinstance(message, bytes) else json.dumps(message).encode()
                await self.producer.send(self.names[kind], value, key=b"k", partition=partition(place))

    @asynccontextmanager
    async def sink(self, storage: Storage | None = None) -> AsyncIterator[asyncio.Task[None]]:
        """A running sink, stopped cleanly at the end of the block."""
        consumer = Consumer(self.settings, storage or Storage(self.client, self.names), group=self.group)
        running = asyncio.create_task(consumer.run())
        try:
            yield running
        finally:
            consumer.stop()
            await asyncio.wait({running}, timeout=PATIENCE_S)
        if storage is None:
            running.result()

    async def holds(self, sql: str, expected: Any, running: asyncio.Task[None] | None = None) -> None:
        """Return when the query's single value is `expected`; fail with what it is when that takes too long."""
        async with asyncio.timeout(PATIENCE_S) as limit:
            while (found := one(self.client, sql)) != expected:
                if running is not None and running.done():
                    running.result()
                await asyncio.sleep(0.05)
                assert limit.when() is not None
                if limit.expired():
                    pytest.fail(f"{sql}: {found}, not {expected}")


@pytest.fixture
def client(engine: Settings) -> Iterator[Client]:
    with empty(engine) as client:
        yield client


@pytest.fixture
async def pipe(kafka: str, engine: Settings, client: Client) -> AsyncIterator[Pipe]:
    names = {kind: f"sink-{kind}-{uuid4()}" for kind in ("matched", "incidents", "rejected")}
    kafka_admin.ensure_topics(kafka, PARTITIONS, wanted=[Topic(name) for name in names.values()])
    producer = AIOKafkaProducer(bootstrap_servers=kafka, transactional_id=f"sink-{uuid4()}")
    await producer.start()
    settings = engine.model_copy(update={"kafka": kafka, "sink_batch": 50, "sink_age": 0.05})
    try:
        yield Pipe(settings, client, producer, names)
    finally:
        await producer.stop()


REPORTS = "SELECT count() FROM posko.reports"


async def test_what_is_sent_can_be_asked_for(pipe: Pipe) -> None:
    async with pipe.sink() as running:
        await pipe.send("matched", [matched(number) for number in range(120)])
        await pipe.send(
            "incidents",
            [incident(number, version) for version in (1, 2) for number in range(4)],
            lambda place: place % 2,
        )
        await pipe.send("rejected", [b"\xff no report"])
        await pipe.holds(REPORTS, 120, running)
        await pipe.holds("SELECT sum(version) FROM posko.incidents", 8, running)
        await pipe.holds("SELECT count() FROM posko.rejected", 1, running)
    held = offsets.positions(pipe.client, offsets.generation(pipe.client).number)
    assert sum(at for (topic, _), at in held.items() if topic == pipe.names["matched"]) >= 120


async def test_a_sink_that_dies_between_rows_and_offsets_repeats_and_nothing_shows_twice(
    pipe: Pipe, monkeypatch: pytest.MonkeyPatch
) -> None:
    await pipe.send("matched", [matched(number) for number in range(200)])
    await pipe.send("incidents", [incident(number) for number in range(4)])

    def die(*_: Any) -> None:
        raise RuntimeError("killed")

    with monkeypatch.context() as broken:
        broken.setattr(offsets, "consumed", die)
        async with pipe.sink(Storage(pipe.client, pipe.names)) as running:
            await asyncio.wait({running}, timeout=PATIENCE_S)
        with pytest.raises(RuntimeError, match="killed"):
            running.result()
    assert 0 < one(pipe.client, REPORTS) < 200
    assert not offsets.positions(pipe.client, offsets.generation(pipe.client).number)
    async with pipe.sink() as running:
        await pipe.holds(REPORTS, 200, running)
        await pipe.holds("SELECT sum(reports) FROM posko.reports_by_minute", 200, running)


async def test_a_sink_goes_on_where_the_last_one_stopped(pipe: Pipe) -> None:
    await pipe.send("matched", [matched(number) for number in range(60)])
    async with pipe.sink() as running:
        await pipe.holds(REPORTS, 60, running)
    await pipe.send("matched", [matched(number) for number in range(60, 90)])
    async with pipe.sink() as running:
        await pipe.holds(REPORTS, 90, running)
    assert one(pipe.client, "SELECT count() FROM posko.report_ids") == 90


async def test_two_sinks_share_the_partitions_and_nothing_is_lost_or_doubled(pipe: Pipe) -> None:
    async with pipe.sink() as first:
        await pipe.send("matched", [matched(number) for number in range(100)])
        await pipe.holds("SELECT count() > 0 FROM posko.reports", 1, first)
        async with pipe.sink() as second:
            for start in range(100, 400, 100):
                await pipe.send("matched", [matched(number) for number in range(start, start + 100)])
            await pipe.holds(REPORTS, 400, second)
        await pipe.send("matched", [matched(number) for number in range(400, 450)])
        await pipe.holds(REPORTS, 450, first)
        await pipe.holds("SELECT sum(reports) FROM posko.reports_by_minute", 450, first)


async def test_a_rebuild_under_a_running_sink_gives_the_same_rows_and_what_arrives_meanwhile(pipe: Pipe) -> None:
    twice = matched(300, report_id=matched(1)["report_id"], duplicate=True)
    async with pipe.sink() as running:
        await pipe.send("matched", [*(matched(number) for number in range(150)), twice])
        await pipe.send("incidents", [incident(number, 3) for number in range(9)])
        await pipe.send("rejected", [b"no report"])
        await pipe.holds(
            "SELECT (SELECT count() FROM posko.reports) + (SELECT count() FROM posko.resends)", 151, running
        )
        await pipe.holds("SELECT count() FROM posko.incident_log", 27, running)
        await pipe.holds("SELECT sum(reports) FROM posko.reports_by_minute", 150, running)
        await pipe.holds("SELECT count() FROM posko.rejected", 1, running)
        before = content(pipe.client)
        rebuild.begin(pipe.client)
        await pipe.holds(
            "SELECT (SELECT count() FROM posko.reports) + (SELECT count() FROM posko.resends)", 151, running
        )
        await pipe.holds("SELECT count() FROM posko.incident_log", 27, running)
        await pipe.holds("SELECT sum(reports) FROM posko.reports_by_minute", 150, running)
        await pipe.holds("SELECT count() FROM posko.rejected", 1, running)
        assert content(pipe.client) == before
        rebuild.begin(pipe.client)
        await pipe.send("matched", [matched(number) for number in range(150, 160)])
        await pipe.holds(REPORTS, 160, running)


async def test_an_interrupted_rebuild_holds_the_sinks_until_it_is_run_again(pipe: Pipe) -> None:
    number = offsets.generation(pipe.client).number + 1
    offsets.announce(pipe.client, number, offsets.EMPTYING)
    async with pipe.sink() as running:
        await pipe.send("matched", [matched(1)])
        rebuild.begin(pipe.client)
        await pipe.holds(REPORTS, 1, running)
    assert offsets.generation(pipe.client).number == number + 1


async def test_one_message_that_cannot_be_stored_does_not_stop_the_sink(pipe: Pipe) -> None:
    async with pipe.sink() as running:
        await pipe.send("matched", [matched(1), b"{broken", matched(2)], lambda _: 0)
        await pipe.holds(REPORTS, 2, running)
        await pipe.holds(
            "SELECT count() FROM posko.rejected WHERE reason = 'not_storable' AND raw = '{broken'", 1, running
        )


async def test_a_kafka_that_ends_before_the_stored_position_is_named_instead_of_skipped(pipe: Pipe) -> None:
    place = (pipe.names["matched"], 0)
    offsets.consumed(pipe.client, offsets.generation(pipe.client).number, {place: 1_000_000})
    async with pipe.sink(Storage(pipe.client, pipe.names)) as running:
        await asyncio.wait({running}, timeout=PATIENCE_S)
    with pytest.raises(Displaced, match="posko rebuild"):
        running.result()


async def test_positions_of_a_sink_that_slept_through_a_rebuild_do_not_count(pipe: Pipe) -> None:
    old = offsets.generation(pipe.client).number
    new = rebuild.begin(pipe.client)
    place = (pipe.names["matched"], 0)
    offsets.consumed(pipe.client, old, {place: 40})
    assert offsets.positions(pipe.client, new) == {}
    offsets.consumed(pipe.client, new, {place: 20})
    offsets.consumed(pipe.client, new, {place: 10})
    assert offsets.positions(pipe.client, new) == {place: 20}
