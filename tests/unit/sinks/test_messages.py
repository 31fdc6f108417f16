from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sinks import messages
from sinks.messages import Incident, LogRow, Matched, NotificationRow
from tests.unit.sinks.examples import RECEIVED, incident, matched


def raw(**given: Any) -> bytes:
    return json.dumps(matched(1, **given)).encode()


def test_a_message_becomes_a_row_with_the_same_values() -> None:
    decoded = messages.decode(Matched, [raw(lat=-3, place_m=None)])
    row = messages.table(Matched, decoded.rows).to_pylist()[0]
    assert (row["report_id"], row["lat"], row["place_m"]) == (matched(1)["report_id"], -3.0, None)
    assert row["received_at"] == datetime.fromtimestamp((RECEIVED + 1000) / 1000, UTC)
    assert json.loads(row["extra"]) == matched(1)["extra"]
    assert json.loads(row["reasons"]) == matched(1)["reasons"]


@pytest.mark.parametrize(
    "value",
    [
        b"",
        None,
        b"\xff\xfe",
        b"[]",
        b'{"report_id": 1}',
        raw() + raw(),
        raw(severity=256),
        raw(received_at=10**17),
        raw(source_offset=-1),
        raw(lat="north"),
        raw(report_id=""),
    ],
    ids=[
        "empty", "null", "not utf-8", "a list", "wrong type", "two in one", "severity too large", "beyond any date",
        "negative offset", "text for a number", "no id",
    ],
)  # fmt: skip
def test_a_message_that_does_not_fit_is_known_by_its_index(value: bytes | None) -> None:
    decoded = messages.decode(Matched, [raw(), value, raw()])
    assert [place for place, _ in decoded.failures] == [1]
    assert decoded.places == [0, 2]
    assert decoded.failures[0][1]


def test_a_failure_names_the_field() -> None:
    (_, reason), *_ = messages.decode(Matched, [raw(severity="berat")]).failures
    assert "$.severity" in reason


def test_fields_that_nobody_knows_yet_are_no_error() -> None:
    assert not messages.decode(Matched, [raw(new_field={"a": 1})]).failures


def test_an_incidents_log_becomes_rows_without_those_stored_before() -> None:
    state = messages.decode(Incident, [json.dumps(incident(1, version=2)).encode()]).rows[0]
    assert [(row.seq, row.action) for row in messages.log_rows(state, 0)] == [(1, "opened"), (2, "note")]
    assert [row.seq for row in messages.log_rows(state, 1)] == [2]
    stored = messages.table(LogRow, messages.log_rows(state, 0)).to_pylist()
    assert [row["incident_id"] for row in stored] == [state.incident_id] * 2


def test_a_notification_in_the_log_becomes_a_row_of_its_own() -> None:
    told = {"level": 2, "category": "security", "kind": "brawl", "area": "16.71", "severity": 4, "count": 3, "fresh": 1}
    entry = {"seq": 3, "at": 5, "action": "notified", "detail": "3 insiden", "value": "storm"}
    state = incident(1, version=2)
    state["log"] = [*state["log"], {**entry, "group": {**told, "incidents": ["a", "b"]}}]
    rows = messages.notification_rows(messages.decode(Incident, [json.dumps(state).encode()]).rows[0], 0)
    stored = messages.table(NotificationRow, rows).to_pylist()
    assert [(row["seq"], row["reason"], row["text"], row["count"], row["incidents"]) for row in stored] == [
        (3, "storm", "3 insiden", 3, ["a", "b"])
    ]


def test_no_rows_are_a_table_with_every_column() -> None:
    assert messages.table(Matched, []).column_names == list(Matched.__struct_fields__)
