"""Trap pairs: read, found, and counted."""

from __future__ import annotations

import pytest

from posko.evaluate import traps
from posko.evaluate.errors import EvaluationError
from posko.evaluate.truth import Truth
from tests.unit.evaluate.conftest import uuid

TRUTH = Truth({"a1": "A", "a2": "A", "b1": "B", "b2": "B", "c1": "C"})


def test_pairs_name_reports_or_events(files) -> None:
    text = "report_a,report_b,event_a,event_b,why\na1,b1,,,twins\n,,A,C,near\nA2,,,C,mixed\n"
    listed = traps.load(files({"t.csv": text}) / "t.csv", TRUTH)
    assert [(trap.left, trap.right, trap.why) for trap in listed] == [
        (("a1",), ("b1",), "twins"),
        (("a1", "a2"), ("c1",), "near"),
        (("a2",), ("c1",), "mixed"),
    ]


@pytest.mark.parametrize(
    ("row", "complaint"),
    [("a1,zz,x", "row 2: 'zz' is neither a report nor an event"), ("a1,a2,x", "row 2: both sides are about A")],
    ids=["unknown", "one event"],
)
def test_a_pair_that_is_no_trap_is_refused(files, row: str, complaint: str) -> None:
    with pytest.raises(EvaluationError, match=complaint):
        traps.load(files({"t.csv": f"a,b,why\n{row}\n"}) / "t.csv", TRUTH)


def test_a_trap_of_events_is_sprung_when_any_of_their_reports_meet() -> None:
    trap = traps.Trap(("a1", "a2"), ("b1", "b2"), "")
    apart = traps.sprung([trap], {"a1": "1", "a2": "1", "b1": "2", "b2": "2"})
    assert (len(apart.wrong), apart.wrong_pairs, apart.pairs) == (0, 0, 4)
    met = traps.sprung([trap], {"a1": "1", "a2": "1", "b1": "1", "b2": "2"})
    assert (len(met.wrong), met.wrong_pairs, met.share) == (1, 2, 1.0)


def test_a_report_in_no_incident_meets_nobody() -> None:
    assert traps.sprung([traps.Trap(("a1",), ("b1",), "")], {"b1": "2"}).wrong == []


def test_reports_with_one_mark_and_different_events_are_pairs() -> None:
    truth = Truth(TRUTH.event_of, trap={"a1": "names", "b1": "names", "a2": "names", "c1": "no"})
    found = traps.unlisted(truth, {})
    assert {(trap.left[0], trap.right[0]) for trap in found} == {("a1", "b1"), ("b1", "a2")}


def test_without_marks_pairs_are_alike_near_in_time_and_in_one_scope(message) -> None:
    words = "kotak suara belum sampai di tps"
    messages = [
        message(1, words),
        message(2, words, minute=30),
        message(3, "listrik padam sejak subuh", minute=30),
        message(4, words, minute=400),
        message(5, words, district="16.06.01"),
        message(6, words, category="security"),
        message(7, words, minute=5),
    ]
    truth = Truth({one["report_id"]: f"event {min(number, 6)}" for number, one in enumerate(messages)})
    truth.event_of[uuid(7)] = truth.event_of[uuid(1)]
    found = traps.unlisted(truth, {one["report_id"]: one for one in messages})
    # 1 and 7 are one event, 4 comes more than six hours later
    assert [(trap.left[0], trap.right[0]) for trap in found] == [(uuid(1), uuid(2)), (uuid(2), uuid(7))]


def test_a_mark_that_only_says_yes_picks_from_the_pairs_that_are_alike(message) -> None:
    words = "kotak suara belum sampai"
    messages = {one["report_id"]: one for one in (message(1, words), message(2, words), message(3, words))}
    truth = Truth({uuid(1): "A", uuid(2): "B", uuid(3): "C"}, trap={uuid(1): "yes"})
    assert [(trap.left[0], trap.right[0]) for trap in traps.unlisted(truth, messages)] == [
        (uuid(1), uuid(2)),
        (uuid(1), uuid(3)),
    ]
