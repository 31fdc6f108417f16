"""The audit finds what is wrong: each promise is shown to fail on inputs with one fault in them."""

from __future__ import annotations

import random
from collections.abc import Iterable
from types import SimpleNamespace
from typing import Any

import orjson
import pytest

from posko.life.acts import Unanswered
from tests.chaos.audit import arrival, passage, sums, tables
from tests.chaos.audit.again import INCIDENTS, MATCHED, Replay, is_for_later
from tests.chaos.findings import Findings
from tests.chaos.ledger import Sent


@pytest.fixture
def found() -> Findings:
    return Findings()


def faults(found: Findings) -> dict[str, int]:
    """All faults by their kind, those that there are."""
    return {fault: number for fault in ("lost", "doubled", "wrong") if (number := found.total(fault))}


def matched(number: int, **fields: Any) -> dict[str, Any]:
    """A message of reports.matched, the `number`-th of partition 0."""
    message: dict[str, Any] = dict.fromkeys(tables.TEXTS, "")
    message |= dict.fromkeys(tables.NUMBERS, 1) | {name: [] for name in (*tables.LISTS, *tables.JSON)}
    message |= dict.fromkeys(tables.TIMES, 1000 + number) | {"duplicate": False, "conflict": False}
    message |= {"report_id": f"r{number}", "incident_id": "i1", "reporter_id": f"p{number}", "institution": "kpu"}
    return message | {"source_partition": 0, "source_offset": number} | fields


# Arrival

SENT = [Sent("r0", "d0", 0, 0, ""), Sent("r1", "d1", 0, 1, ""), Sent(None, "d2", 1, 0, "not_json")]
KAFKA = {(0, 0): "d0", (0, 1): "d1", (1, 0): "d2"}


def test_arrival_knows_the_message_behind_each_place(found: Findings) -> None:
    known = arrival.compare(SENT, KAFKA, found)
    assert known == {(0, 0): SENT[0], (0, 1): SENT[1], (1, 0): SENT[2]}
    assert found.sound


@pytest.mark.parametrize("kafka", [{(0, 0): "d0", (1, 0): "d2"}, {**KAFKA, (0, 1): "d0"}], ids=["gone", "other bytes"])
def test_an_acknowledged_message_that_kafka_has_not_is_lost(kafka: dict, found: Findings) -> None:
    arrival.compare(SENT, kafka, found)
    assert faults(found) == {"lost": 1}
    assert "r1, acknowledged at partition 0 offset 1" in found.check(arrival.PROMISE).examples[0]


def test_a_message_acknowledged_without_a_place_is_found_by_its_bytes_or_lost(found: Findings) -> None:
    sent = [Sent("r0", "d0", 0, -1, ""), Sent("r9", "d9", 0, -1, "")]
    assert arrival.compare(sent, {(0, 0): "d0"}, found) == {(0, 0): sent[0]}
    assert faults(found) == {"lost": 1}


def test_what_a_producer_sent_twice_is_a_resend_and_what_nobody_sent_is_wrong(found: Findings) -> None:
    known = arrival.compare(SENT, {**KAFKA, (0, 2): "d1", (0, 3): "unknown"}, found)
    assert known[0, 2] == SENT[1]
    assert found.notes["sent twice by a producer in doubt"] == "1"
    assert faults(found) == {"wrong": 1}


# Passage


@pytest.mark.parametrize(
    ("outputs", "expected"),
    [([1, 2, 3], {}), ([1, 3], {"lost": 1}), ([1, 2, 2, 3], {"doubled": 1}), ([1, 2, 3, 4], {"wrong": 1})],
    ids=["once each", "one missing", "one twice", "one out of nowhere"],
)
def test_each_message_comes_out_once(outputs: list[int], expected: dict[str, int], found: Findings) -> None:
    passage.once(passage.INTAKE, [1, 2, 3], outputs, found)
    assert faults(found) == expected


@pytest.mark.parametrize(
    ("accepted", "rejected", "wrong"),
    [
        ({(0, 0): "r0", (0, 1): "r1"}, {(1, 0): "not_json"}, 0),
        ({(0, 0): "r0"}, {(0, 1): "bad_time", (1, 0): "not_json"}, 1),
        ({(0, 0): "r0", (0, 1): "r1", (1, 0): "r2"}, {}, 1),
        ({(0, 0): "r0", (0, 1): "r1"}, {(1, 0): "bad_time"}, 1),
        ({(0, 0): "r0", (0, 1): "r0"}, {(1, 0): "not_json"}, 1),
    ],
    ids=["as it should", "a report rejected", "garbage accepted", "another reason", "another id"],
)
def test_each_message_becomes_what_the_truth_says(accepted: dict, rejected: dict, wrong: int, found: Findings) -> None:
    passage.as_expected(dict(zip(KAFKA, SENT, strict=True)), accepted, rejected, found)
    assert found.total("wrong") == wrong


# Sums


def incident(**fields: Any) -> dict[str, Any]:
    """The incident of reports 0, 1 and 2, of two people and one institution."""
    state = {"incident_id": "i1", "reports": 3, "reporters": 2, "institutions": 1, "first_at": 1000, "last_at": 1002}
    return {**state, "updated_at": 1002, **fields}


def added(messages: Iterable[dict[str, Any]]) -> dict[str, sums.Sum]:
    total: dict[str, sums.Sum] = {}
    for message in messages:
        total.setdefault(message["incident_id"], sums.Sum()).add(message)
    return total


OF_THREE = [matched(0), matched(1), matched(2, reporter_id="p1")]


def test_an_incident_that_counts_its_reports_is_sound(found: Findings) -> None:
    sums.compare("topics", added(OF_THREE), [incident()], found)
    assert found.sound


@pytest.mark.parametrize("field", ["reports", "reporters", "institutions", "first_at", "last_at", "updated_at"])
def test_an_incident_that_counts_otherwise_is_found(field: str, found: Findings) -> None:
    sums.compare("topics", added(OF_THREE), [incident(**{field: 7})], found)
    assert faults(found) == {"wrong": 1}
    assert f"{field} is 7" in found.check(f"topics: {sums.COUNTS}").examples[0]


def test_reports_of_no_incident_and_incidents_without_reports_are_found(found: Findings) -> None:
    sums.compare("topics", added(OF_THREE), [incident(incident_id="i2")], found)
    assert faults(found) == {"lost": 1, "wrong": 1}


def test_an_incident_that_is_there_twice_is_found(found: Findings) -> None:
    sums.compare("tables", added(OF_THREE), [incident(), incident()], found)
    assert faults(found) == {"doubled": 1}


# Tables


def stored(*messages: dict[str, Any]) -> tables.Stored:
    wanted = tables.Stored()
    for message in messages:
        wanted.add(message)
    return wanted


def rows(*messages: dict[str, Any]) -> list[tuple[Any, int]]:
    return [((one["source_partition"], one["source_offset"]), tables.fingerprint(one, tables.REPORT_FIELDS))
            for one in messages]  # fmt: skip


@pytest.mark.parametrize(
    ("kept", "expected"),
    [
        (OF_THREE, {}),
        (OF_THREE[:2], {"lost": 1}),
        ([*OF_THREE, OF_THREE[1]], {"doubled": 1}),
        ([*OF_THREE, matched(9)], {"wrong": 1}),
        ([*OF_THREE[:2], {**OF_THREE[2], "incident_id": "i2"}], {"wrong": 1}),
        ([*OF_THREE[:2], {**OF_THREE[2], "text": "other"}], {"wrong": 1}),
    ],
    ids=["all", "one lost", "one doubled", "one of nobody", "in another incident", "other words"],
)
def test_each_match_is_one_row_with_what_it_says(kept: list, expected: dict[str, int], found: Findings) -> None:
    tables.compare(tables.REPORTS, stored(*OF_THREE).reports(), rows(*kept), found, "reports")
    assert faults(found) == expected


def test_of_an_id_from_two_scopes_the_first_received_is_a_report_and_the_other_a_resend() -> None:
    early, late = matched(5, report_id="r", received_at=10), matched(2, report_id="r", received_at=20)
    again = matched(6, report_id="r", duplicate=True)
    wanted = stored(late, early, again)
    assert set(wanted.reports()) == {(0, 5)}
    assert set(wanted.resends()) == {(0, 2), (0, 6)}


def test_a_row_says_the_same_as_its_message_whatever_its_types() -> None:
    message = matched(1, lat=-2, place_m=0.1, marks=["late"], reasons=[{"what": "x", "score": 0.5}])
    row = {**message, "lat": -2.0, "marks": ("late",), "reasons": '[{"what":"x","score":0.5}]'}
    assert tables.fingerprint(message, tables.REPORT_FIELDS) == tables.fingerprint(row, tables.REPORT_FIELDS)
    assert tables.plain("place_m", 0.1) == pytest.approx(0.1)
    assert tables.plain("place_m", 0.1) != 0.1  # ClickHouse keeps it as a Float32


# Replay


class Counting:
    """A state that puts every report into one incident and counts."""

    def __init__(self) -> None:
        self.seen = 0

    def take(self, report: dict[str, Any]) -> dict[str, Any]:
        self.seen += 1
        return {**report, "incident_id": "i1", "number": self.seen}

    def take_tick(self, tick: dict[str, Any]) -> None:
        self.seen += tick["at"]

    def take_action(self, action: dict[str, Any]) -> list[dict[str, Any]]:
        if action["incident_id"] != "i1":
            raise Unanswered("unknown_incident", "there is none")
        return [{"type": "moved", "report_id": one} for one in action["reports"]]

    def flush(self) -> SimpleNamespace:
        return SimpleNamespace(incidents=[{"incident_id": "i1", "reports": self.seen}] if self.seen else [])


def replayed(matches: list[dict[str, Any] | None], incidents: dict[str, Any], found: Findings) -> None:
    replay = Replay(Counting(), random.Random(1), found)
    for number, match in enumerate(matches, 1):
        (mine,) = replay.take({"report_id": f"r{number}"})
        replay.compare(mine, match)
    replay.finish({name: orjson.dumps(state) for name, state in incidents.items()})


def match(number: int, **fields: Any) -> dict[str, Any]:
    return {"report_id": f"r{number}", "incident_id": "i1", "number": number, **fields}


GOOD = [match(number) for number in range(1, 1001)]
STATE = {"i1": {"incident_id": "i1", "reports": 1000}}


def test_a_replay_that_says_the_same_is_sound_whatever_its_batches(found: Findings) -> None:
    replayed([*GOOD], STATE, found)
    assert found.sound
    assert (found.check(MATCHED).looked, found.check(INCIDENTS).looked) == (1000, 1)


@pytest.mark.parametrize(
    ("matches", "incidents", "expected"),
    [
        ([*GOOD[:-1], match(1000, incident_id="i2")], STATE, {"wrong": 1}),
        ([*GOOD[:-1], None], STATE, {"lost": 1}),
        (GOOD, {"i1": {"incident_id": "i1", "reports": 999}}, {"wrong": 1}),
        (GOOD, {}, {"lost": 1}),
        (GOOD, {**STATE, "i2": {"incident_id": "i2", "reports": 1}}, {"wrong": 1}),
    ],
    ids=["other incident", "no match", "miscounted", "no incident", "an incident too many"],
)
def test_a_replay_that_says_otherwise_is_found(
    matches: list, incidents: dict, expected: dict[str, int], found: Findings
) -> None:
    replayed([*matches], incidents, found)
    assert faults(found) == expected


def test_a_replay_takes_clock_records_and_actions_too(found: Findings) -> None:
    replay = Replay(Counting(), random.Random(1), found)
    assert replay.take({"type": "tick", "at": 5}) == []
    assert replay.take({"report_id": "r1"}) == [match(6, report_id="r1")]
    assert replay.take({"type": "action", "incident_id": "i1", "reports": ["r1"]}) == [
        {"type": "moved", "report_id": "r1"}
    ]
    assert replay.take({"type": "action", "incident_id": "i2"}) == []


def test_a_match_without_a_record_in_the_log_is_found(found: Findings) -> None:
    Replay(Counting(), random.Random(1), found).surplus(match(1))
    assert faults(found) == {"wrong": 1}


# Findings


def test_an_audit_that_looked_at_nothing_is_not_sound() -> None:
    assert not Findings().sound


def test_only_a_clock_record_may_wait_for_workers_that_are_stopped() -> None:
    assert is_for_later({"type": "tick", "at": 1})
    assert not is_for_later({"type": "action", "action": "note"})
    assert not is_for_later({"report_id": "a report has no type"})
