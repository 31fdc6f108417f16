"""The whole audit of an instance that has nothing left to do: sender, topics, tables, replay."""

from __future__ import annotations

import asyncio
import random
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

import orjson
from aiokafka import TopicPartition
from clickhouse_connect.driver.client import Client

from posko import topics
from posko.settings import Settings
from sinks import clickhouse, queries
from streams.committed import committed
from tests.chaos.audit import again, arrival, passage, sums, tables
from tests.chaos.audit.again import Replay, State
from tests.chaos.audit.reading import headers, partitions, records, rows
from tests.chaos.findings import Findings
from tests.chaos.ledger import Place, Sent, digest

Tell = Callable[[str], None]
RAW = "no message has two different rows, however often it was stored"
SAVED = "the saved question inconsistent_incidents finds nothing"
MINUTES = "reports_by_minute adds up to the reports"


@dataclass
class Topics:
    """What the topics hold, as far as it has to be remembered."""

    accepted: dict[Place, str] = field(default_factory=dict)
    later: int = 0  # clock records that nobody got to before the workers were stopped
    enriched_at: list[Place] = field(default_factory=list)
    to_match: list[Place] = field(default_factory=list)  # those that correlate did not set aside
    matched_at: list[Place] = field(default_factory=list)
    refused: list[tuple[str, int, int]] = field(default_factory=list)
    reasons: dict[Place, str] = field(default_factory=dict)
    rejected: dict[tuple[str, int, int], Any] = field(default_factory=dict)
    incidents: dict[str, bytes] = field(default_factory=dict)
    stored: tables.Stored = field(default_factory=tables.Stored)
    sums: dict[str, sums.Sum] = field(default_factory=lambda: defaultdict(sums.Sum))


async def audit(
    settings: Settings, sent: Iterable[Sent], new_state: Callable[[], State], seed: int, tell: Tell
) -> Findings:
    """Look at everything. `new_state` makes an empty `posko.correlate.Correlator`; `tell` hears what is being done."""
    found, seen, kafka = Findings(), Topics(), settings.kafka_address
    tell("reading what arrived")
    values = {
        (number, record.offset): digest(record.value)
        for number in await partitions(kafka, topics.REPORTS)
        async for record in records(kafka, topics.REPORTS, number)
    }
    arrived = arrival.compare(sent, values, found)
    tell("reading what was rejected")
    await _rejected(kafka, seen)
    rng = random.Random(f"replay {seed}")
    for number in await partitions(kafka, topics.ENRICHED):
        tell(f"replaying partition {number}")
        await _correlated(kafka, number, seen, Replay(new_state(), rng, found), found)
    _passages(arrived, seen, found)
    sums.compare("topics", seen.sums, map(orjson.loads, seen.incidents.values()), found)
    tell("comparing tables")
    client = clickhouse.connect(settings)
    await asyncio.to_thread(_tables, client, seen, found)
    return found


async def _rejected(kafka: str, seen: Topics) -> None:
    for number in await partitions(kafka, topics.REJECTED):
        async for record in records(kafka, topics.REJECTED, number):
            said = headers(record)
            place = (int(said["partition"]), int(said["offset"]))
            seen.refused.append((said["topic"], *place))
            if said["topic"] == topics.REPORTS:
                seen.reasons[place] = said["reason"]
            about = (said["reason"], said["field"], said["detail"], int(said["received_at"]), _sha(record.value))
            seen.rejected[said["topic"], *place] = about


async def _correlated(kafka: str, number: int, seen: Topics, replay: Replay, found: Findings) -> None:
    """One partition of correlate: its log with the matches side by side, so that little has to be remembered."""
    incidents = {record.key.decode(): record.value async for record in records(kafka, topics.INCIDENTS, number)}
    refused = {offset for topic, partition, offset in seen.refused if (topic, partition) == (topics.ENRICHED, number)}
    matches = records(kafka, topics.MATCHED, number)
    source = TopicPartition(topics.ENRICHED, number)
    worked = await committed(kafka, topics.CORRELATE_GROUP, source) or 0
    async for record in records(kafka, topics.ENRICHED, number):
        message = orjson.loads(record.value)
        if "type" not in message:
            _accepted(message, record.offset in refused, seen)
        if record.offset in refused:
            continue
        if record.offset >= worked and again.is_for_later(message):
            seen.later += 1
            continue
        for mine in replay.take(message):
            match = await anext(matches, None)
            theirs = orjson.loads(match.value) if match else None
            replay.compare(mine, theirs)
            if theirs:
                _matched(theirs, seen)
    async for match in matches:
        replay.surplus(theirs := orjson.loads(match.value))
        _matched(theirs, seen)
    replay.finish(incidents)
    seen.incidents |= incidents


def _accepted(report: dict[str, Any], refused: bool, seen: Topics) -> None:
    place = (report["source_partition"], report["source_offset"])
    seen.accepted[place] = report["report_id"]
    seen.enriched_at.append(place)
    if not refused:
        seen.to_match.append(place)


def _matched(message: dict[str, Any], seen: Topics) -> None:
    if message.get("type") == "moved":
        return
    seen.matched_at.append((message["source_partition"], message["source_offset"]))
    seen.stored.add(message)
    if not message["duplicate"]:
        seen.sums[message["incident_id"]].add(message)


def _passages(arrived: dict[Place, Sent], seen: Topics, found: Findings) -> None:
    refused = [(partition, offset) for topic, partition, offset in seen.refused if topic == topics.REPORTS]
    passage.once(passage.INTAKE, arrived, [*seen.enriched_at, *refused], found)
    passage.once(passage.CORRELATE, seen.to_match, seen.matched_at, found)
    passage.as_expected(arrived, seen.accepted, seen.reasons, found)
    found.notes["clock records that the stopped workers had not come to"] = f"{seen.later:,}"
    found.notes["reports set aside by correlate"] = f"{len(seen.enriched_at) - len(seen.to_match):,}"


def _tables(client: Client, seen: Topics, found: Findings) -> None:
    wanted = seen.stored.reports()
    tables.compare(tables.REPORTS, wanted, _reports(client, tables.REPORT_FIELDS, "reports"), found, "reports")
    again = seen.stored.resends()
    tables.compare(tables.REPORTS, again, _reports(client, tables.RESEND_FIELDS, "resends"), found, "resends")
    tables.compare(tables.REJECTED, seen.rejected, _rejections(client), found, "rejected")
    states = {name: orjson.loads(value) for name, value in seen.incidents.items()}
    last = {name: tables.fingerprint(state, tables.INCIDENT_FIELDS) for name, state in states.items()}
    stored = list(_incidents(client))
    prints = ((one["incident_id"], tables.fingerprint(one, tables.INCIDENT_FIELDS)) for one in stored)
    tables.compare(tables.INCIDENTS, last, prints, found, "incidents")
    sums.compare("tables", seen.sums, stored, found)
    steps = {
        (name, step["seq"]): (step["at"], step["actor"], step["action"], step["detail"], step["version"])
        for name, state in states.items()
        for step in state["log"]
    }
    tables.compare(tables.LOG, steps, _log(client), found, "incident_log")
    _raw(client, len(wanted), found)


def _reports(client: Client, fields: tuple[str, ...], table: str) -> Iterator[tuple[Place, int]]:
    asked = ", ".join(["source_partition", "source_offset", *map(tables.selected, fields)])
    for row in rows(client, f"SELECT {asked} FROM posko.{table}"):
        yield (row[0], row[1]), tables.fingerprint(dict(zip(fields, row[2:], strict=True)), fields)


def _incidents(client: Client) -> Iterator[dict[str, Any]]:
    fields = tables.INCIDENT_FIELDS
    for row in rows(client, f"SELECT {', '.join(map(tables.selected, fields))} FROM posko.incidents"):
        yield dict(zip(fields, row, strict=True))


def _rejections(client: Client) -> Iterator[tuple[Any, Any]]:
    asked = "topic, partition, offset, reason, field, detail, toUnixTimestamp64Milli(received_at)"
    for row in rows(client, f"SELECT {asked}, lower(hex(SHA256(raw))) FROM posko.rejected"):
        yield tuple(row[:3]), tuple(row[3:])


def _log(client: Client) -> Iterator[tuple[Any, Any]]:
    asked = "incident_id, seq, toUnixTimestamp64Milli(at), actor, action, detail, version"
    for row in rows(client, f"SELECT {asked} FROM posko.incident_log"):
        yield tuple(row[:2]), tuple(row[2:])


def _raw(client: Client, reports: int, found: Findings) -> None:
    """What is behind the views: messages stored again, and never with other content."""
    (stored, places), *_ = rows(client, "SELECT count(), uniqExact(position) FROM posko.reports_rows")
    found.notes["rows of reports stored again, and not shown"] = f"{stored - places:,}"
    raw = found.check(RAW)
    raw.looked = places
    content = ", ".join((*tables.TEXTS, *tables.NUMBERS, *tables.LISTS, *tables.JSON, *tables.TIMES))
    for (position,) in rows(
        client,
        f"SELECT position FROM posko.reports_rows GROUP BY position HAVING uniqExact(({content})) > 1",
    ):
        raw.add("doubled", f"partition {position >> 44} offset {position & (1 << 44) - 1}")
    saved = found.check(SAVED)
    saved.looked = 1
    for name, counted, held in rows(client, queries.load("inconsistent_incidents").sql):
        saved.add("wrong", f"{name} counts {counted} reports, {held} are stored")
    minutes = found.check(MINUTES)
    minutes.looked = 1
    ((total,),) = rows(client, "SELECT sum(reports) FROM posko.reports_by_minute")
    if total != reports:
        minutes.add("wrong", f"it adds up to {total}, there are {reports}")


def _sha(value: bytes | None) -> str | None:
    return None if value is None else sha256(value).hexdigest()
