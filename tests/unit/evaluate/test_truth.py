"""Truth files as people write them."""

from __future__ import annotations

import pytest

from posko.evaluate import truth
from posko.evaluate.errors import EvaluationError


@pytest.mark.parametrize("report", truth.REPORT)
@pytest.mark.parametrize("event", truth.EVENT)
def test_any_documented_name_of_a_column_is_understood(files, report: str, event: str) -> None:
    folder = files({"t.csv": f"{report.upper()},note,{event}\nAB-1,x,e1\nab-2,,e1\n"})
    assert truth.load(folder / "t.csv").event_of == {"ab-1": "e1", "ab-2": "e1"}


@pytest.mark.parametrize("delimiter", [",", ";", "\t"], ids=["comma", "semicolon", "tab"])
def test_columns_are_divided_as_spreadsheets_do(files, delimiter: str) -> None:
    text = "\ufeffid,cluster\r\na,1\r\n\r\nb,2\r\n".replace(",", delimiter)
    assert truth.load(files({"t.csv": text}) / "t.csv").event_of == {"a": "1", "b": "2"}


def test_json_lines_are_understood_as_well(files) -> None:
    folder = files({"t.jsonl": [{"report_id": "a", "event_id": 7, "received_at": 5}, {"id": "b", "incident": "x"}]})
    known = truth.load(folder / "t.jsonl")
    assert known.event_of == {"a": "7", "b": "x"}
    assert known.received_at == {"a": 5}


def test_the_truth_of_a_simulated_day_is_understood(files) -> None:
    lines = [
        {"truth": 1, "seed": 3},
        {"report_id": "a", "event_id": "E1", "expected": "accepted", "at": 7},
        {"report_id": "a", "event_id": "E1", "expected": "accepted", "message": "resend", "at": 9},
        {"report_id": "g", "event_id": None, "expected": "rejected"},
        {"report_id": None, "event_id": None, "expected": "rejected"},
    ]
    known = truth.load(files({"t.jsonl": lines}) / "t.jsonl")
    assert known.event_of == {"a": "E1"}
    assert known.received_at == {"a": 7}


def test_a_report_without_an_event_is_not_judged(files) -> None:
    known = truth.load(files({"t.csv": "report_id,event\na,e\nb,\n"}) / "t.csv")
    assert known.event_of == {"a": "e"}


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("report_id,event\na,e\na,f\n", "row 3: a already belongs to e, not f"),
        ("report_id,event\n,e\n", "row 2: no report"),
        ("name,colour\na,e\n", "no report"),
        ("report_id,event\na,\n", "gives no report an event"),
        ("", "gives no report an event"),
        ('{"report_id": "a"', "line 1: not JSON"),
        ("report_id,event,received_at\na,e,yesterday\n", "'yesterday' is no time"),
        ("report_id,event,received_at\na,e,2024-11-27T07:00:00\n", "is no time"),
    ],
    ids=["two events", "no report", "other columns", "no events", "empty", "cut off", "no time", "no offset"],
)
def test_what_is_wrong_is_named_with_its_place(files, text: str, complaint: str) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        truth.load(files({"t.csv": text}) / "t.csv")


def test_times_of_receipt_are_iso_with_offset_or_milliseconds() -> None:
    assert truth.moment("2024-11-27T07:00:00+07:00", "") == truth.moment("1732665600000", "") == 1_732_665_600_000
