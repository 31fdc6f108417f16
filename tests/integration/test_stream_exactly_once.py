"""What stream workers promise when they are killed and paused: every report once, as if nothing had happened."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from posko import context, topics
from posko.correlate import Correlator
from tests.integration.stream_workers import ELECTION, PARTITIONS, Workers, messages, origin

COUNT = 4000


@pytest.fixture
def workers(kafka: str, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(kafka, tmp_path, batch=25)
    found.make_topics()
    yield found
    found.close()


def until(promise: Callable[[], bool], seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not promise():
        assert time.monotonic() < deadline, "no progress"
        time.sleep(0.02)


def killed_and_paused(workers: Workers) -> None:
    """Two workers; each is killed once, then one is paused until the other has all its partitions."""
    share = COUNT // 5
    running = {name: workers.start(name) for name in ("a", "b")}
    for number, name in enumerate(running, start=1):
        until(lambda number=number: workers.ends(topics.MATCHED) > number * share)
        running[name].kill()
        running[name].wait()
        running[name] = workers.start(name)
    until(lambda: workers.ends(topics.MATCHED) > 3 * share)
    until(workers.ready("a").exists)
    running["a"].send_signal(signal.SIGSTOP)
    until(lambda: len(workers.read(topics.MATCHED)) + len(workers.read(topics.REJECTED)) >= COUNT)
    running["a"].send_signal(signal.SIGCONT)
    until(lambda: running["a"].poll() is not None or workers.log("a").read_text().count('"assigned"') > 2)


def test_every_report_is_handled_once_whatever_happens_to_the_workers(workers: Workers) -> None:
    workers.send(messages(COUNT))
    killed_and_paused(workers)
    sent = Counter((record.partition, record.offset) for record in workers.read(topics.REPORTS))
    enriched, matched = workers.read(topics.ENRICHED), workers.read(topics.MATCHED)
    assert len(sent) == COUNT
    assert Counter(map(origin, [*enriched, *workers.read(topics.REJECTED)])) == sent
    assert Counter(map(origin, matched)) == Counter(map(origin, enriched))
    assert_as_if_undisturbed(workers, enriched, matched)


def assert_as_if_undisturbed(workers: Workers, enriched: list, matched: list) -> None:
    """One undisturbed Correlator a partition, given the same enriched reports, says the same of each and of all."""
    incidents = {record.key: json.loads(record.value) for record in workers.read(topics.INCIDENTS)}
    catalog, expected = context.load(ELECTION).catalog, {}
    for partition in range(PARTITIONS):
        outcome = Correlator(catalog).apply([json.loads(r.value) for r in enriched if r.partition == partition])
        assert [json.loads(r.value) for r in matched if r.partition == partition] == json.loads(
            json.dumps(outcome.matched)
        )
        expected |= {state["incident_id"].encode(): json.loads(json.dumps(state)) for state in outcome.incidents}
    assert incidents == expected
