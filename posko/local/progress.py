"""How far each stage is behind what Kafka holds, how much is stored, and whether all that was sent has arrived.

Offsets cannot simply be subtracted: transactions leave control records, so a stage that has read everything may stand
one or more offsets below the end. Where a stage is below the end, the records in between are looked for, as a
`read_committed` reader sees them.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.exceptions import ClickHouseError
from kafka import KafkaConsumer, TopicPartition
from kafka.admin import KafkaAdminClient, OffsetSpec
from kafka.errors import (
    CoordinatorLoadInProgressError,
    CoordinatorNotAvailableError,
    KafkaError,
    NotCoordinatorError,
)
from urllib3.exceptions import HTTPError

from posko import topics
from posko.errors import first_line
from posko.settings import Settings

ANSWER_S = 2.0  # how long a part that does not answer is waited for
COORDINATOR_S = 5.0  # a brand-new broker has to make its topic of offsets first
LOOK_S = 0.3  # how long records between a stage's position and the end are looked for
POLL_S = 0.1

# Where a row was stored up to, in the generation that counts (sinks/schema/0001).
_STORED = """
SELECT topic, partition, max(next_offset) FROM posko.consumed
WHERE generation = (SELECT max(generation) FROM posko.rebuilds) GROUP BY topic, partition
"""
_COUNTS = """
SELECT
    (SELECT count() FROM posko.reports) AS reports,
    (SELECT count() FROM posko.incidents) AS incidents,
    (SELECT count() FROM posko.rejected) AS rejected,
    (SELECT count() FROM posko.resends) AS resends
"""
# Of the last minute; both hops, because whoever sent may not have said when.
_LATENCY = """
SELECT
    hop,
    toUInt64(quantileExactWeighted(0.5)(most_ms, counted.reports)) AS p50_ms,
    toUInt64(quantileExactWeighted(0.99)(most_ms, counted.reports)) AS p99_ms,
    sum(counted.reports) AS reports
FROM posko.pipeline AS counted
WHERE outcome = 'matched' AND hop IN ('total', 'since_received') AND at >= now() - 60
GROUP BY hop ORDER BY hop = 'total' DESC
"""
Positions = dict[TopicPartition, int]
_MOVING = (CoordinatorNotAvailableError, CoordinatorLoadInProgressError, NotCoordinatorError)
_AWAY = (KafkaError, ClickHouseError, HTTPError, OSError, ValueError)


@dataclass(frozen=True)
class Stage:
    """A stage of the pipeline and how many messages of `topic` wait for it; `lag` is None when `problem` says why it is
    not known. `position`: the offsets of all partitions up to which it is done, added up; it grows while it works.
    """

    name: str
    topic: str
    group: str
    lag: int | None
    problem: str = ""
    position: int = 0


STAGES = (
    ("intake", topics.REPORTS, topics.INTAKE_GROUP),
    ("triage", topics.ACTIONS, topics.TRIAGE_GROUP),
    ("correlate", topics.ENRICHED, topics.CORRELATE_GROUP),
    ("sink.matched", topics.MATCHED, topics.SINK_GROUP),
    ("sink.incidents", topics.INCIDENTS, topics.SINK_GROUP),
    ("sink.rejected", topics.REJECTED, topics.SINK_GROUP),
)
# What has to be empty before the next can be known to have received everything.
ORDER = (("intake", "triage"), ("correlate",), ("sink.matched", "sink.incidents", "sink.rejected"))


def lag(settings: Settings) -> list[Stage]:
    """Every stage's lag, in the order of the pipeline. A part that does not answer within two seconds is named, not
    raised.
    """
    try:
        with Probe(settings) as probe:
            return list(_look(probe, STAGES))
    except _AWAY as error:
        return [Stage(*stage, None, f"Kafka at {settings.kafka_address} does not answer: {error}") for stage in STAGES]


def counts(settings: Settings) -> dict[str, int]:
    """Rows of `reports`, `incidents`, `rejected` and `resends`; empty when ClickHouse does not answer or has no tables
    yet.
    """
    with contextlib.suppress(*_AWAY), _clickhouse(settings) as client:
        return {name: int(value) for name, value in next(client.query(_COUNTS).named_results()).items()}
    return {}


def latency(settings: Settings) -> dict[str, Any] | None:
    """`from` (send, or receipt where nobody said when it was sent), `p50_ms`, `p99_ms` and `reports` of what was stored
    in the last minute; None when nothing was, or ClickHouse does not answer.
    """
    with contextlib.suppress(*_AWAY), _clickhouse(settings) as client:
        for found in client.query(_LATENCY).named_results():
            begin = "send" if found.pop("hop") == "total" else "receipt"
            return {"from": begin, **{name: int(value) for name, value in found.items()}}
    return None


def drained(
    settings: Settings,
    timeout: float,
    tell: Callable[[list[Stage]], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> list[Stage]:
    """Wait until everything that was in `reports` when this was called is stored, or for `timeout` seconds.

    Follows the messages: the end of `reports` is noted once; when intake is past it, the end of what intake wrote is,
    and so on. Returns the stages that are not done: none when all is stored. `tell` hears of the stages in progress
    now and then.
    """
    return _follow(settings, ORDER, timeout, tell, clock)


def filled(
    settings: Settings,
    timeout: float,
    tell: Callable[[list[Stage]], None] = lambda _: None,
    clock: Callable[[], float] = time.monotonic,
) -> list[Stage]:
    """Like `drained`, for what the stream workers have written so far: wait until the sinks have stored it."""
    return _follow(settings, ORDER[-1:], timeout, tell, clock)


def _follow(
    settings: Settings,
    order: Sequence[Sequence[str]],
    timeout: float,
    tell: Callable[[list[Stage]], None],
    clock: Callable[[], float],
) -> list[Stage]:
    deadline = clock() + timeout
    names = {stage[0]: stage for stage in STAGES}
    waiting = [Stage(*names[name], None) for step in order for name in step]
    for step in order:
        targets: dict[str, Positions] = {}
        while True:
            open_ = _unfinished(settings, [names[name] for name in step], targets)
            waiting = open_ + [stage for stage in waiting if stage.name not in step]
            if not open_:
                break
            tell(waiting)
            if clock() >= deadline:
                return waiting
            time.sleep(POLL_S)
    return waiting


class Probe:
    """Looks at one instance's Kafka and at how far its stages are. A context manager. Raises KafkaError,
    ValueError.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._stored: Positions | None = None
        limits = {
            "bootstrap_servers": settings.kafka_address.split(","),
            "request_timeout_ms": int(ANSWER_S * 1000),
            "bootstrap_timeout_ms": int(ANSWER_S * 1000),
        }
        self._admin = KafkaAdminClient(**limits)
        try:
            self._reader = KafkaConsumer(
                **limits,
                isolation_level="read_committed",
                enable_auto_commit=False,
                auto_offset_reset="earliest",
                fetch_max_wait_ms=20,
            )
        except BaseException:
            self._admin.close()
            raise

    def __enter__(self) -> Probe:
        return self

    def __exit__(self, *_: object) -> None:
        self._admin.close()
        self._reader.close(autocommit=False)

    def ends(self, topic: str) -> Positions:
        """The end of each partition, records of open transactions included; empty for a topic that does not exist."""
        numbers = self._reader.partitions_for_topic(topic) or ()
        if not numbers:
            return {}
        asked = {TopicPartition(topic, number): OffsetSpec.LATEST for number in numbers}
        found = self._admin.list_partition_offsets(asked)
        return {tp: at.offset for tp, at in found.items()}

    def positions(self, group: str) -> Positions:
        """Where a stage goes on: what its group committed, or for the sink what ClickHouse says is stored."""
        if group != topics.SINK_GROUP:
            return self._committed(group)
        if self._stored is None:
            with _clickhouse(self._settings) as client:
                self._stored = {
                    TopicPartition(topic, number): at for topic, number, at in client.query(_STORED).result_rows
                }
        return self._stored

    def _committed(self, group: str) -> Positions:
        """What a group committed. A broker that has just started, or moves the group, is asked again for a while."""
        deadline = time.monotonic() + COORDINATOR_S
        while True:
            try:
                return {tp: at.offset for tp, at in self._admin.list_group_offsets({group: None})[group].items()}
            except _MOVING:
                if time.monotonic() >= deadline:
                    raise
                time.sleep(POLL_S)

    def waiting(self, positions: Positions, ends: Positions) -> dict[TopicPartition, int]:
        """Messages below `ends` for each partition that has any: none where only control records are left."""
        behind = {tp: end for tp, end in ends.items() if positions.get(tp, 0) < end}
        starts = self._reader.beginning_offsets(list(behind)) if behind else {}
        behind = {tp: end for tp, end in behind.items() if max(positions.get(tp, 0), starts[tp]) < end}
        empty = self._without_records({tp: max(positions.get(tp, 0), starts[tp]) for tp in behind}, behind)
        return {tp: end - max(positions.get(tp, 0), starts[tp]) for tp, end in behind.items() if tp not in empty}

    def _without_records(self, positions: Positions, ends: Positions) -> set[TopicPartition]:
        """The partitions that have no record from `positions` up to `ends`."""
        unknown, empty = set(positions), set()
        self._reader.assign(sorted(unknown))
        for tp, position in positions.items():
            self._reader.seek(tp, position)
        deadline = time.monotonic() + LOOK_S
        while unknown and time.monotonic() < deadline:
            found = self._reader.poll(timeout_ms=50, max_records=100)
            done = {tp for tp in unknown if tp not in found and self._reader.position(tp) >= ends[tp]}
            done |= {tp for tp, records in found.items() if records[0].offset >= ends[tp]}
            empty |= done & unknown
            decided = unknown & (done | found.keys())
            unknown -= decided
            self._reader.pause(*decided)
        return empty


def _look(
    probe: Probe, stages: Iterable[tuple[str, str, str]], targets: dict[str, Positions] | None = None
) -> Iterator[Stage]:
    """Each stage as it is, with one look into Kafka for all.

    `targets`: by name, up to where a stage is to come; the ends of its topic are put in where it has none.
    """
    targets = {} if targets is None else targets
    positions: Positions = {}
    problems: dict[str, str] = {}
    stages = list(stages)
    for name, topic, group in stages:
        try:
            if name not in targets and (ends := probe.ends(topic)):
                targets[name] = ends
            if name not in targets:
                problems[name] = f"topic {topic} does not exist yet"
            positions |= {tp: at for tp, at in probe.positions(group).items() if tp.topic == topic}
        except _AWAY as error:
            problems[name] = first_line(error, 1000)
    known = [stage for stage in stages if stage[0] not in problems]
    waiting = probe.waiting(positions, {tp: end for name, *_ in known for tp, end in targets[name].items()})
    for name, topic, group in stages:
        if name in problems:
            yield Stage(name, topic, group, None, problems[name])
        else:
            left = sum(count for tp, count in waiting.items() if tp.topic == topic)
            yield Stage(name, topic, group, left, position=sum(at for tp, at in positions.items() if tp.topic == topic))


def _unfinished(settings: Settings, stages: list[tuple[str, str, str]], targets: dict[str, Positions]) -> list[Stage]:
    """The stages that have not reached their targets. A target is taken once, the first time Kafka answers."""
    try:
        with Probe(settings) as probe:
            return [stage for stage in _look(probe, stages, targets) if stage.lag != 0]
    except _AWAY as error:
        return [Stage(*stage, None, f"Kafka at {settings.kafka_address} does not answer: {error}") for stage in stages]


@contextlib.contextmanager
def _clickhouse(settings: Settings) -> Iterator[Any]:
    client = clickhouse_connect.get_client(
        **settings.clickhouse_client_options,
        connect_timeout=ANSWER_S,
        send_receive_timeout=ANSWER_S,
        autogenerate_session_id=False,
        query_retries=0,
    )
    try:
        yield client
    finally:
        client.close()
