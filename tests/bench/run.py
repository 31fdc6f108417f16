"""One measured run: a side's process takes a topic from the first record to the last committed one."""

from __future__ import annotations

import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import Thread
from typing import NamedTuple

import psutil
from kafka import KafkaAdminClient, KafkaConsumer, TopicPartition
from kafka.errors import KafkaError

from posko import kafka_admin, topics
from posko.local import child
from streams.names import Names, correlate_stage, intake_stage
from tests.bench import environment
from tests.bench.job import CORRELATE, Job
from tests.processes import stop

LIMIT_S = 300
LOOK_S = 0.05  # each look costs the broker something, the same for all sides


class Moment(NamedTuple):
    """Seconds on the wall and of the process's processor time; also a distance between two moments."""

    wall: float
    processor: float

    def since(self, earlier: Moment) -> Moment:
        return Moment(self.wall - earlier.wall, self.processor - earlier.processor)


class RunFailed(Exception):
    """A side's process ended too early or took too long; the text has the end of its log."""


class Side:
    """A started process and what it says."""

    def __init__(self, python: str, module: str, job: Job, log: Path) -> None:
        self.log, self.said = log, dict[str, Moment]()
        command = child.guarded([python, "-m", f"tests.bench.{module}", job.argument()])
        self.running = subprocess.Popen(
            command, cwd=environment.ROOT, env=environment.variables(), stdout=subprocess.PIPE, stderr=log.open("ab")
        )
        self.name = module
        Thread(target=self._listen, daemon=True).start()

    def _listen(self) -> None:
        assert self.running.stdout
        for line in self.running.stdout:
            what, *numbers = line.decode().split()
            if what in ("began", "ended"):
                self.said.setdefault(what, Moment(*map(float, numbers)))

    def until(self, promise: Callable[[], bool], *beside: Side) -> Moment:
        """When `promise` was first seen to hold. Raises RunFailed, also when a process `beside` ends."""
        deadline = time.monotonic() + LIMIT_S
        processor = 0.0
        while not promise():
            processor = self._processor() or processor
            if time.monotonic() > deadline:
                raise RunFailed(f"{self.name} took more than {LIMIT_S} s:\n{self.log.read_text()[-2000:]}")
            for side in (self, *beside):
                if side.running.poll() and not promise():
                    raise RunFailed(
                        f"{side.name} ended with {side.running.returncode}:\n{side.log.read_text()[-3000:]}"
                    )
            time.sleep(LOOK_S)
        return Moment(time.monotonic(), self._processor() or processor)

    def _processor(self) -> float:
        """Seconds of processor time of the process so far; 0 when it is gone."""
        try:
            spent = psutil.Process(self.running.pid).cpu_times()
        except psutil.Error:
            return 0.0
        return float(spent.user + spent.system)


@contextmanager
def side(python: str, module: str, job: Job, log: Path) -> Iterator[Side]:
    """A side's process until the end of the block."""
    started = Side(python, module, job, log)
    try:
        yield started
    finally:
        stop(started.running)


def took(python: str, module: str, job: Job, log: Path) -> Moment:
    """From the first record taken to the last one committed; start and end of the process do not count."""
    with side(python, module, job, log) as started:
        if module == "bytewax_flow":
            started.until(lambda: "ended" in started.said)
            ended = started.said["ended"]
        else:
            with committed(job, group_of(module, job)) as done:
                ended = started.until(done)
        return ended.since(started.said["began"])


def group_of(module: str, job: Job) -> str:
    """The consumer group whose offsets tell how far a side is."""
    if module == "quix":
        return job.prefix + "group"
    names = Names(job.prefix)
    return (correlate_stage(names) if job.row == CORRELATE else intake_stage(names)).group


@contextmanager
def committed(job: Job, group: str) -> Iterator[Callable[[], bool]]:
    """A question: has `group` committed everything in the job's source topic?"""
    admin = KafkaAdminClient(bootstrap_servers=job.kafka)
    parts = [TopicPartition(job.source, number) for number in range(job.partitions)]
    try:
        yield lambda: _total(admin, group, parts) >= job.count
    finally:
        admin.close()


def _total(admin: KafkaAdminClient, group: str, parts: list[TopicPartition]) -> int:
    try:
        found = admin.list_group_offsets({group: parts})[group]
    except KafkaError:  # a new broker has no coordinator yet
        return 0
    return sum(max(0, found[part].offset) for part in parts if part in found)


@contextmanager
def output_topics(job: Job) -> Iterator[None]:
    """The topics that a run writes: made before it, deleted after it."""
    wanted = [topics.Topic(job.topic(topic.name), topic.config) for topic in topics.ALL]
    kafka_admin.ensure_topics(job.kafka, job.partitions, wanted=wanted)
    try:
        yield
    finally:
        admin = KafkaAdminClient(bootstrap_servers=job.kafka)
        mine = [name for name in KafkaConsumer(bootstrap_servers=job.kafka).topics() if job.prefix in name]
        admin.delete_topics(mine)
        admin.close()
