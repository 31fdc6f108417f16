from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from sinks import messages
from sinks.messages import Incident, Matched
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


def test_the_log_of_an_incident_stays_json() -> None:
    decoded = messages.decode(Incident, [json.dumps(incident(1, version=2)).encode()])
    log = json.loads(messages.table(Incident, decoded.rows).to_pylist()[0]["log"])
    assert [(entry["seq"], entry["action"]) for entry in log] == [(1, "opened"), (2, "note")]


def test_no_rows_are_a_table_with_every_column() -> None:
    assert messages.table(Matched, []).column_names == list(Matched.__struct_fields__)
