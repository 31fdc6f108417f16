"""What one stream worker promises: any message is handled, it says when it is ready, and it stops cleanly."""

from __future__ import annotations

import json
import signal
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from kafka import KafkaProducer

from posko import topics
from posko.settings import Settings
from tests.integration.stream_workers import Workers, origin, report
from tests.processes import wait_until


@pytest.fixture
def workers(kafka: str, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(kafka, tmp_path)
    yield found
    found.close()


def started(workers: Workers, name: str = "a"):
    running = workers.start(name)
    wait_until(workers.ready(name).exists, running, workers.log(name))
    return running


def handled(workers: Workers, running, count: int) -> dict[str, list]:
    """What became of `count` messages, by topic."""
    found: dict[str, list] = {}

    def done() -> bool:
        found.update({name: workers.read(name) for name in (topics.MATCHED, topics.REJECTED)})
        return sum(map(len, found.values())) >= count

    wait_until(done, running, workers.log("a"))
    return found


def stopped(running) -> float:
    """Seconds from SIGTERM to a clean exit."""
    began = time.monotonic()
    running.send_signal(signal.SIGTERM)
    assert running.wait(15) == 0
    return time.monotonic() - began


def test_any_message_is_matched_or_rejected_and_the_next_one_is_processed(workers: Workers) -> None:
    running = started(workers)
    odd = [None, b"", b"garbage", b"\xff\xfe", b"[1]", b"{}", b"x" * (2 << 20), b"x" * (topics.MAX_MESSAGE - 2048)]
    workers.send([(b"k", value) for value in odd])
    workers.send([(None, b"no key"), (b"", b"")])
    workers.send_batch([(None, None)])
    workers.send([(b"k", json.dumps(report(1)).encode())])
    found = handled(workers, running, len(odd) + 4)
    assert len(found[topics.MATCHED]) == 1
    sent = {(record.partition, record.offset): record for record in workers.read(topics.REPORTS)}
    for refused in found[topics.REJECTED]:
        original = sent[origin(refused)]
        assert refused.key == original.key
        if len(original.value or b"") < 4 << 20:
            assert refused.value == original.value
        headers = {name: value.decode(errors="replace") for name, value in refused.headers}
        assert headers["reason"] not in ("", "internal_error")
        assert int(headers["received_at"]) == original.timestamp
    stopped(running)


def test_a_batch_compressed_with_any_codec_is_read(workers: Workers) -> None:
    running = started(workers)
    codecs = ["gzip", "snappy", "lz4", "zstd"]
    for number, codec in enumerate(codecs):
        sent = [(b"k", json.dumps(report(20 * number + more)).encode()) for more in range(20)]
        workers.send_batch(sent, codec)
    assert len(handled(workers, running, 20 * len(codecs))[topics.MATCHED]) == 20 * len(codecs)
    stopped(running)


def test_a_stop_finishes_what_is_in_hand_and_leaves_the_group_at_once(workers: Workers) -> None:
    running = started(workers)
    workers.send([(b"%d" % number, json.dumps(report(number)).encode()) for number in range(300)])
    assert stopped(running) < 5
    assert not workers.ready("a").exists()
    again = started(workers)  # would wait for the session to time out if the first had not left
    assert len(handled(workers, again, 300)[topics.MATCHED]) == 300
    stopped(again)


def test_a_worker_that_gets_no_partition_is_ready_too(workers: Workers) -> None:
    workers.make_topics(partitions=1)
    first = started(workers, "a")
    second = started(workers, "b")
    stopped(second)
    stopped(first)


def test_topics_that_do_not_fit_together_are_named(workers: Workers) -> None:
    from posko import kafka_admin

    kafka_admin.ensure_topics(workers.kafka, 3, wanted=[topics.Topic(workers.prefix + topics.INCIDENTS)])
    running = workers.start("a")
    assert running.wait(30) == 2
    most = Settings().partitions
    assert f"reports.enriched {most}, reports.matched {most}, incidents 3" in workers.log("a").read_text()


def test_state_of_another_version_stops_the_worker_and_is_left_as_it_is(workers: Workers) -> None:
    workers.make_topics()
    changelog = workers.prefix + topics.CORRELATE_CHANGELOG
    producer = KafkaProducer(bootstrap_servers=workers.kafka)
    producer.send(changelog, b"\0\x07W\x0f", key=b"t", partition=1).get(30)
    producer.close()
    running = workers.start("a")
    assert running.wait(30) == 2
    assert "was written in format 0" in workers.log("a").read_text()
    assert len(workers.read(topics.CORRELATE_CHANGELOG)) == 1


def test_a_worker_waits_for_the_broker_and_can_be_stopped_meanwhile(tmp_path: Path) -> None:
    workers = Workers("127.0.0.1:9", tmp_path)
    running = workers.start("a")
    wait_until(lambda: "Kafka does not answer" in workers.log("a").read_text(), running, workers.log("a"))
    assert stopped(running) < 5
    workers.close()
