"""`posko send` against a real broker: every line acknowledged, in order under its key, and honest about the rest."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from kafka import KafkaConsumer, TopicPartition

from posko import kafka_admin, topics
from posko.local import embedded
from posko.settings import PORTS, SettingsError
from producers.kafka import Sender, TooLarge
from tests import processes

PARTITIONS = 3


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"send-{uuid4()}"
    config = {"max.message.bytes": str(topics.MAX_MESSAGE)}
    kafka_admin.ensure_topics(kafka, PARTITIONS, wanted=[topics.Topic(name, config)])
    return name


def stored(kafka: str, topic: str, partitions: int = PARTITIONS) -> list[tuple[int, bytes | None, bytes | None]]:
    """(partition, key, value) of every message, in the order of each partition."""
    consumer = KafkaConsumer(bootstrap_servers=kafka)
    parts = [TopicPartition(topic, number) for number in range(partitions)]
    consumer.assign(parts)
    consumer.seek_to_beginning(*parts)
    ends, found = consumer.end_offsets(parts), []
    while any(consumer.position(part) < ends[part] for part in parts):
        for part, records in consumer.poll(200).items():
            found += [(part.partition, record.key, record.value) for record in records]
    consumer.close()
    return found


def send(kafka: str, topic: str, *arguments: str, content: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    command = [sys.executable, "-m", "posko", "send", "--kafka", kafka, "--topic", topic, *arguments]
    return subprocess.run(command, input=content, capture_output=True, timeout=120, check=False)


def test_every_line_is_in_kafka_when_the_command_returns(kafka: str, topic: str, tmp_path: Path) -> None:
    reports = [{"area": f"16.71.{number % 7 + 1:02d}", "number": number} for number in range(3000)]
    file = tmp_path / "day.jsonl"
    file.write_text("\n\n".join(map(json.dumps, reports)))
    done = send(kafka, topic, str(file))
    assert (done.returncode, done.stderr) == (0, b"")
    assert done.stdout.startswith(b"sent 3000 messages")
    found = stored(kafka, topic)
    assert sorted(json.loads(value or b"")["number"] for _, _, value in found) == list(range(3000))
    for partition, key, value in found:
        content = json.loads(value or b"")
        assert key == content["area"].encode()
        assert partition == topics.partition_of(key or b"", PARTITIONS)
    for area in {report["area"] for report in reports}:
        numbers = [json.loads(value or b"")["number"] for _, key, value in found if key == str(area).encode()]
        assert numbers == sorted(numbers)


def test_standard_input_with_odd_lines(kafka: str, topic: str) -> None:
    content = b'{"a": 1}\r\n\nno json\xff\n' + b"x" * topics.MAX_MESSAGE + b'\n{"b": 2}'
    done = send(kafka, topic, "-", content=content)
    assert done.returncode == 1
    assert b"standard input:3 is not JSON" in done.stderr
    assert b"standard input:4 was not sent" in done.stderr
    assert b"sent 3 messages" in done.stdout
    assert b"1 NOT SENT" in done.stdout
    assert sorted(value or b"" for _, _, value in stored(kafka, topic)) == [b"no json\xff", b'{"a": 1}', b'{"b": 2}']


def test_a_file_that_is_not_there_is_named(kafka: str, topic: str) -> None:
    done = send(kafka, topic, "/nowhere/day.jsonl")
    assert done.returncode == 2
    assert b"/nowhere/day.jsonl cannot be read: No such file or directory" in done.stderr
    assert b"Traceback" not in done.stderr


def test_a_topic_that_is_not_there_is_not_made_by_accident(kafka: str) -> None:
    with pytest.raises(SettingsError, match="has no topic reprots"):
        Sender(kafka, "reprots")


def test_only_what_the_broker_refuses_is_reported_and_the_rest_gets_there(kafka: str) -> None:
    name = f"send-{uuid4()}"
    kafka_admin.ensure_topics(kafka, 1, wanted=[topics.Topic(name, {"max.message.bytes": "2000"})])
    refused: list[object] = []
    with Sender(kafka, name, on_failed=lambda tag, error: refused.append(tag)) as sender:
        for number in range(20):
            sender.send(random.Random(number).randbytes(3000) if number in (4, 9) else b"%d" % number, b"k", number)
        sender.flush()
        assert (sender.acknowledged, sender.failed, sender.waiting) == (18, 2, 0)
    assert refused == [4, 9]
    there = {value for _, _, value in stored(kafka, name, 1)}
    assert there == {b"%d" % number for number in range(20) if number not in (4, 9)}


def test_the_largest_message_goes_through_and_a_larger_one_is_refused_at_once(kafka: str, topic: str) -> None:
    with Sender(kafka, topic) as sender:
        sender.send(b"x" * (topics.MAX_MESSAGE - 1024))
        with pytest.raises(TooLarge, match=f"has {topics.MAX_MESSAGE} bytes"):
            sender.send(b"x" * topics.MAX_MESSAGE)
        sender.flush()
        assert sender.acknowledged == 1


def test_a_broker_that_goes_away_and_comes_back_loses_and_doubles_nothing(tmp_path: Path) -> None:
    base, log = processes.free_ports(), tmp_path / "kafka.log"
    broker = embedded.broker(tmp_path, base + PORTS["kafka"], base + PORTS["kafka-controller"], processes.Quiet())
    broker.prepare()

    def answers() -> bool:
        return kafka_admin.answers(broker.address)

    with processes.process(broker.command(), log) as running:
        processes.wait_until(answers, running, log)
        sender = Sender(broker.address, partitions=PARTITIONS)
        for number in range(100):
            sender.send(b"%d" % number, b"%d" % (number % 7))
        sender.flush()
    for number in range(100, 2000):
        sender.send(b"%d" % number, b"%d" % (number % 7))
    assert sender.waiting == 1900
    with processes.process(broker.command(), log) as running:
        processes.wait_until(answers, running, log)
        sender.close()
        assert (sender.acknowledged, sender.failed) == (2000, 0)
        found = [value for _, _, value in stored(broker.address, topics.REPORTS)]
    assert sorted(found, key=lambda value: int(value or b"")) == [b"%d" % number for number in range(2000)]
