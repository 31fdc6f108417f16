"""Reports that people moved and incidents that they merged, in the tables: in any order, any number of times."""

from __future__ import annotations

import json
from collections.abc import Iterator
from itertools import permutations
from typing import Any

import pytest
from clickhouse_connect.driver.client import Client

from posko.settings import Settings
from sinks import queries
from sinks.writer import Writer
from tests.integration.sink_tables import content, empty
from tests.unit.sinks.examples import RECEIVED, Message, incident, matched, records, report_id

A, B, C, N = (f"16.71-{letter * 10}" for letter in "ABCN")


@pytest.fixture
def client(engine: Settings) -> Iterator[Client]:
    with empty(engine) as client:
        yield client


def moved(number: int, into: str, move: int) -> dict[str, Any]:
    return {
        "type": "moved", "report_id": report_id(number), "source_partition": number % 2, "source_offset": number // 2,
        "incident_id": into, "from_incident": A, "moved_at": RECEIVED, "move": move, "action_id": "x",
    }  # fmt: skip


def moves(*messages: dict[str, Any]) -> list[Message]:
    return [
        record.__class__(**{**vars(record), "headers": [("t", b""), ("type", b"moved")]})
        for record in records("reports.matched", list(messages))
    ]


def shown(client: Client) -> dict[str, str]:
    return dict(client.query("SELECT report_id, incident_id FROM posko.reports").result_rows)


@pytest.mark.parametrize("order", list(permutations(range(4))), ids=str)
def test_each_report_is_shown_once_under_its_present_incident(client: Client, order: tuple[int, ...]) -> None:
    writer = Writer(client)
    reports = [
        matched(0, incident_id=A),
        matched(1, incident_id=A),
        matched(2, incident_id=B),
        matched(3, incident_id=C),
    ]
    steps = [
        lambda: writer.matched(records("reports.matched", reports)),
        lambda: writer.matched(moves(moved(1, N, 5), moved(0, N, 6))),
        lambda: writer.matched(moves(moved(0, B, 9))),
        lambda: writer.incidents(
            records("incidents", [incident(7, 4, incident_id=B, merged_into=C, reports=0, status="resolved")])
        ),
    ]
    for step in (*order, *order):
        steps[step]()

    assert shown(client) == {report_id(0): C, report_id(1): N, report_id(2): C, report_id(3): C}
    assert client.query("SELECT count() FROM posko.reports WHERE incident_id = {c:String}", {"c": C}).result_rows == [
        (3,)
    ]


def test_counts_agree_with_reports_after_a_merge(client: Client) -> None:
    writer = Writer(client)
    writer.matched(records("reports.matched", [matched(0, incident_id=A), matched(1, incident_id=B)]))
    states = [
        incident(1, 3, incident_id=A, reports=2),
        incident(2, 3, incident_id=B, reports=0, merged_into=A, status="resolved"),
    ]
    writer.incidents(records("incidents", states))
    assert client.query(queries.load("inconsistent_incidents").sql).result_rows == []


def test_what_a_person_did_and_what_was_told_are_rows_with_every_field(client: Client) -> None:
    log = [
        {"seq": 1, "at": RECEIVED, "actor": "posko", "action": "opened", "detail": "", "version": 1, "next_due": 5},
        {
            "seq": 2, "at": RECEIVED + 1, "actor": "anna", "action": "refused", "detail": "tidak dapat", "version": 2,
            "next_due": None, "role": "operator", "institution": "posko", "action_id": "id-1", "code": "status",
            "value": "resolve",
        },
        {
            "seq": 3, "at": RECEIVED + 2, "actor": "posko", "action": "escalate", "detail": "naik", "version": 3,
            "next_due": 9, "value": "1", "cause": "ack", "due": 5,
        },
        {
            "seq": 4, "at": RECEIVED + 3, "actor": "posko", "action": "notified", "detail": "2 insiden", "version": 4,
            "next_due": 9, "value": "new", "group": {
                "category": "logistics", "kind": "late", "area": "16.71.01", "level": 1, "severity": 4, "count": 2,
                "fresh": 1, "incidents": [A, B],
            },
        },
    ]  # fmt: skip
    state = incident(1, 4, incident_id=A, log=log, contradictions=[{"what": "tps"}], sources={"kpu": 2})
    writer = Writer(client)
    writer.incidents(records("incidents", [state]))
    writer.settle()

    ask = client.query
    assert ask(
        "SELECT seq, action, role, institution, action_id, code, value, cause, toUnixTimestamp64Milli(due), "
        "toUnixTimestamp64Milli(next_due) FROM posko.incident_log WHERE seq IN (2, 3) ORDER BY seq"
    ).result_rows == [
        (2, "refused", "operator", "posko", "id-1", "status", "resolve", "", None, None),
        (3, "escalate", "", "", "", "", "1", "ack", 5, 9),
    ]
    assert ask("SELECT * EXCEPT (at, stored_at) FROM posko.notifications").result_rows == [
        (A, 4, "new", 1, "logistics", "late", "16.71.01", 4, 2, 1, "2 insiden", [A, B])
    ]
    [(contradictions, sources)] = ask("SELECT contradictions, sources FROM posko.incidents").result_rows
    assert (json.loads(contradictions), json.loads(sources)) == ([{"what": "tps"}], {"kpu": 2})
    assert content(client)["incidents"]
