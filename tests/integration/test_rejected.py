"""`posko rejected`: found, shown, and sent again byte for byte, each once."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from subprocess import CompletedProcess
from uuid import uuid4

import pytest
from aiokafka import ConsumerRecord
from clickhouse_connect.driver.client import Client
from kafka import KafkaConsumer, KafkaProducer, TopicPartition

from posko import kafka_admin, topics
from posko.settings import Settings
from posko.topics import Topic
from sinks import replay
from sinks.rejected import Filter
from sinks.replay import Replay
from sinks.writer import Writer
from tests.integration.conftest import posko
from tests.integration.sink_tables import empty

PARTITIONS = 3
WHOLE = b"\xff" * (100 << 10)
VALUES: list[tuple[bytes | None, bytes | None]] = [
    (b"16.71.01", b'{"text": "Ibu \x00\xff"}'),
    (None, b"not json"),
    (b"\xfe key", None),
    (None, None),
    (b"large", WHOLE[:1000]),
    *((b"k%d" % number, b"\x1b[31m%d" % number) for number in range(5, 40)),
]
PENDING = Filter(not_replayed=True, sendable=True)


@dataclass
class Table:
    """A table of rejected messages, and the topic they came from."""

    client: Client
    settings: Settings
    topic: str

    def run(self, *arguments: str, check: bool = True) -> CompletedProcess[str]:
        place = ["--data", str(self.settings.data), "--clickhouse", self.settings.clickhouse_url]
        kafka = ["--kafka", self.settings.kafka_address] if arguments[0] == "replay" else []
        return posko("rejected", *arguments, *place, *kafka, check=check)

    def command(self, *arguments: str) -> str:
        return self.run(*arguments).stdout

    def replay(self) -> Replay:
        return Replay(self.client, self.settings.kafka_address)

    def arrived(self) -> list[tuple[int, bytes | None, bytes | None]]:
        """(partition, key, value) of what was sent again."""
        consumer = KafkaConsumer(bootstrap_servers=self.settings.kafka_address)
        parts = [TopicPartition(self.topic, number) for number in range(PARTITIONS)]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends, found = consumer.end_offsets(parts), []
        while any(consumer.position(part) < ends[part] for part in parts):
            for records in consumer.poll(200).values():
                found += [(r.partition, r.key, r.value) for r in records if dict(r.headers).get(replay.HEADER)]
        consumer.close()
        return found


@pytest.fixture
def table(kafka: str, engine: Settings) -> Iterator[Table]:
    topic = f"rejected-{uuid4()}"
    kafka_admin.ensure_topics(kafka, PARTITIONS, wanted=[Topic(topic, {"max.message.bytes": str(topics.MAX_MESSAGE)})])
    producer = KafkaProducer(bootstrap_servers=kafka)
    large = producer.send(topic, WHOLE, b"large", partition=4 % PARTITIONS).get(30).offset
    producer.close()
    with empty(engine) as client:
        records = []
        for number, (key, value) in enumerate(VALUES):
            offset = large if key == b"large" else 100 + number
            said = {
                "reason": "internal_error" if number % 2 else "bad_value",
                "field": "" if number % 2 else "severity",
                "detail": "Cut: it does not fit." if key == b"large" else "A sentence.",
                "topic": topic,
                "partition": str(number % PARTITIONS),
                "offset": str(offset),
                "received_at": str(1_732_665_600_000 + 1000 * number),
                **({"traceback": "File streams/x.py, line 7\nKeyError"} if number % 2 else {}),
            }
            headers = [(name, text.encode()) for name, text in said.items()]
            records.append(
                ConsumerRecord(topics.REJECTED, 0, number, 0, 0, key, value, None, -1, -1, headers)  # type: ignore[arg-type]
            )
        Writer(client).rejected(records)
        yield Table(client, engine.model_copy(update={"kafka": kafka}), topic)


def expected(which: range = range(len(VALUES))) -> list[tuple[int, bytes | None, bytes | None]]:
    chosen = [(number % PARTITIONS, *VALUES[number]) for number in which if VALUES[number] != (None, None)]
    return sorted(((part, key, WHOLE if key == b"large" else value) for part, key, value in chosen), key=repr)


def test_everything_is_sent_again_unchanged_and_once(table: Table) -> None:
    assert table.command("replay", "--dry-run") == f"{len(VALUES) - 1} messages would be sent again\n"
    assert table.arrived() == []
    assert table.command("replay") == f"{len(VALUES) - 1} messages sent again\n"
    assert sorted(table.arrived(), key=repr) == expected()
    assert table.command("replay") == "0 messages sent again\n"
    assert len(table.arrived()) == len(VALUES) - 1
    assert table.command("replay", "--again", "--limit", "2") == "2 messages sent again\n"
    assert len(table.arrived()) == len(VALUES) + 1


def test_only_what_fits_the_filters_is_sent(table: Table) -> None:
    since = datetime.fromtimestamp(1_732_665_620, UTC).isoformat()
    table.command("replay", "--reason", "internal_error", "--topic", table.topic, "--since", since)
    assert sorted(table.arrived(), key=repr) == expected(range(21, len(VALUES), 2))
    assert table.command("replay", "--field", "nothing") == "0 messages sent again\n"


@pytest.mark.parametrize("sent_before", [False, True], ids=["before sending", "after sending"])
def test_a_command_that_dies_in_the_middle_sends_nothing_twice_and_forgets_nothing(
    table: Table, monkeypatch: pytest.MonkeyPatch, sent_before: bool
) -> None:
    class Died(Exception):
        pass

    noted: list[int] = []

    def note(self: Replay, steps: list[replay.Step]) -> None:
        if steps and steps[0].step == replay.SENT:
            raise Died
        real(self, steps)
        noted.append(len(steps))
        if not sent_before:
            raise Died

    real = Replay._note
    monkeypatch.setattr(Replay, "_note", note)
    with table.replay() as first, pytest.raises(Died):
        first.send(PENDING)
    monkeypatch.undo()
    assert len(table.arrived()) == (len(VALUES) - 1 if sent_before else 0)
    with table.replay() as second:
        assert second.recover() == (len(VALUES) - 1 if sent_before else 0)
        assert second.send(PENDING) == (0 if sent_before else len(VALUES) - 1)
        assert second.recover() == 0
    assert sorted(table.arrived(), key=repr) == expected()


def test_the_list_shows_places_and_reasons_and_no_content(table: Table) -> None:
    rows = [json.loads(line) for line in table.command("list", "--format", "json", "--limit", "100").splitlines()]
    assert len(rows) == len(VALUES)
    assert rows[0]["place"] == f"{table.topic}/{(len(VALUES) - 1) % PARTITIONS}/{99 + len(VALUES)}"
    assert {row["reason"] for row in rows} == {"internal_error", "bad_value"}
    assert [row["received_at"] for row in rows] == sorted((row["received_at"] for row in rows), reverse=True)
    for form in ("table", "csv", "json"):
        said = table.command("list", "--format", form, "--reason", "bad_value", "--limit", "3")
        assert said.count("bad_value") == 3
        assert "[31m" not in said
    assert table.command("list", "--format", "csv", "--until", "2001-01-01").count("\n") == 1


def test_one_message_is_shown_whole_and_cannot_steer_the_terminal(table: Table) -> None:
    said = table.command("show", f"{table.topic}/{7 % PARTITIONS}/107")
    assert "internal_error" in said
    assert "File streams/x.py, line 7" in said
    assert "\\x1b[31m7" in said
    assert "\x1b" not in said
    assert "(null)" in table.command("show", f"{table.topic}/0/103")
    assert "write TOPIC/PARTITION/OFFSET" in posko("rejected", "show", "x", check=False).stderr


def test_a_message_that_was_not_rejected_is_said_to_be_unknown(table: Table) -> None:
    assert "No message reports/9/9" in table.run("show", "reports/9/9", check=False).stderr
