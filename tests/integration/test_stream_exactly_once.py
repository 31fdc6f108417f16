"""What stream workers promise when they are killed and paused: every report once, as if nothing had happened."""

from __future__ import annotations

import json
import signal
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from subprocess import Popen

import pytest

from posko import context, topics
from posko.correlate import Correlator
from tests.integration.stream_workers import ELECTION, PARTITIONS, Workers, messages, origin

COUNT = 4000
DONE = (topics.MATCHED, topics.REJECTED)


@pytest.fixture
def workers(kafka: str, tmp_path: Path) -> Iterator[Workers]:
    found = Workers(kafka, tmp_path, batch=25)
    found.make_topics()
    yield found
    found.close()


def until(promise: Callable[[], bool], what: str, workers: Workers, running: dict[str, Popen[bytes]]) -> None:
    """Return when `promise()` holds; after a minute fail with how far each topic is and which workers live."""
    deadline = time.monotonic() + 60
    while not promise():
        if time.monotonic() > deadline:
            counts = {name: len(workers.read(name)) for name in (topics.ENRICHED, topics.REJECTED, topics.MATCHED)}
            states = {name: worker.poll() for name, worker in running.items()}
            pytest.fail(f"{what}: not within a minute; {counts}, exit statuses {states}, logs in {workers.folder}")
        time.sleep(0.02)


def killed_and_paused(workers: Workers) -> None:
    """Two workers; each is killed once, then one is paused until the other has all its partitions."""
    share = COUNT // 5
    running = {name: workers.start(name) for name in ("a", "b")}

    def wait(what: str, promise: Callable[[], bool]) -> None:
        until(promise, what, workers, running)

    for number, name in enumerate(running, start=1):
        wait(f"progress before {name} is killed", lambda number=number: workers.ends(topics.MATCHED) > number * share)
        running[name].kill()
        running[name].wait()
        running[name] = workers.start(name)
    wait("progress before a is paused", lambda: workers.ends(topics.MATCHED) > 3 * share)
    wait("a ready", workers.ready("a").exists)
    running["a"].send_signal(signal.SIGSTOP)
    wait(
        "everything handled without a",
        lambda: len(workers.read(topics.MATCHED)) + len(workers.read(topics.REJECTED)) >= COUNT,
    )
    before = assignments(workers)
    running["a"].send_signal(signal.SIGCONT)
    wait("a noticing that it was paused", lambda: running["a"].poll() is not None or assignments(workers) > before)


def assignments(workers: Workers) -> int:
    """How often `a` was given partitions, in all its lives: its log goes on when it is started again."""
    return workers.log("a").read_text().count('"assigned"')


def test_every_report_is_handled_once_whatever_happens_to_the_workers(workers: Workers) -> None:
    workers.send(messages(COUNT))
    killed_and_paused(workers)
    assert_every_report_once_as_if_undisturbed(workers)


def test_workers_that_join_and_leave_under_load_judge_no_report_without_the_state_of_its_scope(
    workers: Workers,
) -> None:
    workers.send(messages(COUNT))
    share, running = COUNT // 5, {"a": workers.start("a")}

    def wait(what: str, promise: Callable[[], bool]) -> None:
        until(promise, what, workers, running)

    wait("progress of a alone", lambda: workers.ends(topics.MATCHED) > share)
    running["b"] = workers.start("b")
    wait("b ready", workers.ready("b").exists)
    running["a"].send_signal(signal.SIGTERM)
    assert running["a"].wait(15) == 0
    wait("progress of b alone", lambda: workers.ends(topics.MATCHED) > 2 * share)
    running["a"] = workers.start("a")
    wait("a ready again", workers.ready("a").exists)
    wait("everything handled", lambda: sum(len(workers.read(name)) for name in DONE) >= COUNT)
    assert_every_report_once_as_if_undisturbed(workers)


def assert_every_report_once_as_if_undisturbed(workers: Workers) -> None:
    """What the workers made of the log up to where they were when they ended."""
    workers.close()
    sent = Counter((record.partition, record.offset) for record in workers.read(topics.REPORTS))
    enriched, matched = workers.read(topics.ENRICHED), workers.read(topics.MATCHED)
    assert len(sent) == sum(sent.values()) == COUNT
    reports = [record for record in enriched if "type" not in json.loads(record.value)]  # others tell the time
    assert Counter(map(origin, [*reports, *workers.read(topics.REJECTED)])) == sent
    assert Counter(map(origin, matched)) == Counter(map(origin, reports))
    handled = workers.committed(topics.CORRELATE_GROUP, topics.ENRICHED)
    assert_as_if_undisturbed(workers, [one for one in enriched if one.offset < handled[one.partition]], matched)


def assert_as_if_undisturbed(workers: Workers, handled: list, matched: list) -> None:
    """One undisturbed Correlator a partition, given the same log, says the same of each report and of all."""
    incidents = {record.key: json.loads(record.value) for record in workers.read(topics.INCIDENTS)}
    catalog, expected = context.load(ELECTION).catalog, {}
    for partition in range(PARTITIONS):
        state, said = Correlator(catalog), []
        for record in (json.loads(one.value) for one in handled if one.partition == partition):
            if record.get("type") == "tick":
                state.take_tick(record)
            else:
                said.append(state.take(record))
        assert [json.loads(r.value) for r in matched if r.partition == partition] == json.loads(json.dumps(said))
        outcome = state.flush()
        expected |= {one["incident_id"].encode(): json.loads(json.dumps(one)) for one in outcome.incidents}
    unlike = {key for key in {*incidents, *expected} if incidents.get(key) != expected.get(key)}
    assert not unlike, [(incidents.get(key), expected.get(key)) for key in sorted(unlike)[:3]]
