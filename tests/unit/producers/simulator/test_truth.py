from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations
from pathlib import Path

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.truth import Truth, TruthError, load, read_assignments, read_rejected, score


def truth(
    events: dict[str, str], refused: dict[str, str] | None = None, garbage: dict[str, int] | None = None
) -> Truth:
    categories = {report: "hoax" if event.startswith("H") else "logistics" for report, event in events.items()}
    return Truth({}, events, categories, refused or {}, garbage or {}, {})


def line(**fields: object) -> bytes:
    known = {
        "report_id": "a", "event_id": "E1", "message": "first", "expected": "accepted", "reason": "",
        "category": "hoax", "kind": "", "stage": "", "spoiled": "", "at": 0, "sent_at": None,
    }  # fmt: skip
    return orjson.dumps({**known, **fields})


def write(path: Path, lines: Iterable[bytes]) -> Path:
    path.write_bytes(b"".join(one + b"\n" for one in lines))
    return path


def test_the_truth_itself_scores_perfectly() -> None:
    events = {"a": "E1", "b": "E1", "c": "E2", "d": "H1"}
    found = score(truth(events), events.items())
    assert (found.pairs.precision, found.pairs.recall, found.intact) == (1.0, 1.0, True)


def test_one_wrong_merge_costs_precision_and_one_split_costs_recall() -> None:
    events = {"a": "E1", "b": "E1", "c": "E1", "d": "E2", "e": "E2"}
    found = score(truth(events), {"a": "X", "b": "X", "c": "Y", "d": "Y", "e": "Y"}.items())
    assert (found.pairs.right, found.pairs.together, found.pairs.belonging) == (2, 4, 4)
    assert (found.pairs.precision, found.pairs.recall) == (0.5, 0.5)


def test_lost_doubled_and_foreign_reports_are_named() -> None:
    found = score(truth({"a": "E1", "b": "E1", "c": "E2"}), [("a", "X"), ("a", "X"), ("c", "Y"), ("z", "Y")])
    assert (found.lost, found.doubled, found.foreign, found.intact) == (["b"], ["a"], 1, False)


def test_garbage_that_got_an_incident_is_counted_by_its_class() -> None:
    known = truth({"a": "E1"}, refused={"g1": "wrong_type", "g2": "wrong_type", "g3": "huge"})
    found = score(known, [("a", "X"), ("g1", "X"), ("g3", "Y")])
    assert found.wrongly_accepted == {"huge": 1, "wrong_type": 1}
    assert not found.intact


def test_rejected_messages_are_compared_by_reason() -> None:
    known = truth({"a": "E1"}, garbage={"not_json": 2, "empty": 1})
    found = score(known, [("a", "X")], rejected={"not_json": 2, "bad_time": 1})
    assert found.rejected == {"bad_time": (0, 1), "empty": (1, 0), "not_json": (2, 2)}
    assert not found.intact
    assert score(known, [("a", "X")], rejected={"not_json": 2, "empty": 1}).intact


def test_categories_are_compared_each_for_itself() -> None:
    found = score(truth({"a": "E1", "b": "E1", "c": "H1", "d": "H1"}), {"a": "X", "b": "X", "c": "X", "d": "Y"}.items())
    assert (found.categories["logistics"].recall, found.categories["hoax"].recall) == (1.0, 0.0)


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), max_size=25))
def test_counting_agrees_with_listing_all_pairs(placed: list[tuple[int, int]]) -> None:
    events = {str(n): f"E{event}" for n, (event, _) in enumerate(placed)}
    found = score(truth(events), [(str(n), f"I{incident}") for n, (_, incident) in enumerate(placed)]).pairs
    pairs = list(combinations(placed, 2))
    assert found.together == sum(one[1] == other[1] for one, other in pairs)
    assert found.belonging == sum(one[0] == other[0] for one, other in pairs)
    assert found.right == sum(one == other for one, other in pairs)


def test_a_truth_file_is_read_back(tmp_path: Path) -> None:
    path = write(
        tmp_path / "t",
        [
            orjson.dumps({"truth": 1, "seed": 4}),
            line(),
            line(message="resend"),
            line(
                report_id="g",
                event_id=None,
                message="garbage",
                expected="rejected",
                reason="not_json",
                spoiled="truncated",
            ),
            line(report_id=None, event_id=None, message="garbage", expected="rejected", reason="empty", spoiled="null"),
        ],
    )
    found = load(path)
    assert found.event_of == {"a": "E1"}
    assert found.refused == {"g": "truncated"}
    assert found.garbage == {"not_json": 1, "empty": 1}
    assert found.messages == {"first": 1, "resend": 1, "garbage": 2}


@pytest.mark.parametrize(
    ("lines", "complaint"),
    [
        ([], "is empty"),
        ([b'{"a": 1}'], "line 1: no truth file"),
        ([b'{"truth": 1}', b'{"repo'], "line 2: not JSON"),
        ([b'{"truth": 1}', b"[]"], "line 2: not a JSON object"),
        ([b'{"truth": 1}', b"{}"], "cannot be read as a truth file"),
    ],
)
def test_a_file_that_is_no_truth_says_where(tmp_path: Path, lines: list[bytes], complaint: str) -> None:
    with pytest.raises(TruthError, match=complaint):
        load(write(tmp_path / "t", lines))


def test_assignments_are_two_columns() -> None:
    assert list(read_assignments(["a\tX\n", "\n", "b\tY"])) == [("a", "X"), ("b", "Y")]
    with pytest.raises(TruthError, match=r"Line 2 .* 1 columns"):
        list(read_assignments(["a\tX", "b Y"]))


def test_rejected_counts_are_reason_and_number() -> None:
    assert read_rejected(["not_json\t3", "", "empty\t1"]) == {"not_json": 3, "empty": 1}
    with pytest.raises(TruthError, match="Line 1"):
        read_rejected(["not_json three"])
