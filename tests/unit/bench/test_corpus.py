"""The reports that are measured with."""

from __future__ import annotations

import orjson
import pytest

from posko import context, topics
from posko.correlate import Correlator
from tests.bench import corpus, flat, steps
from tests.integration.stream_workers import ELECTION, report

LINES = [orjson.dumps(report(number)) for number in range(30)]


def test_garbage_is_left_out_and_the_count_is_kept() -> None:
    known = corpus.accepted([b"garbage", *LINES, b"{}"], ELECTION, 20)
    assert [value for _, value in known.reports] == LINES[:20]
    assert len(known.enriched) == 20


def test_a_report_arrives_when_its_phone_sent_it_but_never_before_the_one_ahead() -> None:
    late, early = report(600), report(0)
    arrived = [one["received_at"] for one in corpus.accepted(map(orjson.dumps, (late, early)), ELECTION, 2).enriched]
    assert arrived[0] == arrived[1]


def test_enriched_reports_are_keyed_by_their_scope() -> None:
    known = corpus.accepted(LINES, ELECTION, 30)
    assert all(orjson.loads(value)["scope"].encode() == key for key, value in known.enriched_pairs())
    assert {topics.partition_of(key, 2) for key, _ in known.enriched_pairs()} <= {0, 1}


def test_a_later_day_has_the_same_reports_at_the_same_hours() -> None:
    one = corpus.accepted(LINES, ELECTION, 1).enriched[0]
    moved = flat.shifted(one, flat.DAY_MS)
    assert moved["received_at"] - one["received_at"] == flat.DAY_MS
    assert {name for name in one if moved[name] != one[name]} <= set(flat.TIMES)


def test_a_time_that_is_not_known_stays_unknown() -> None:
    one = {**corpus.accepted(LINES, ELECTION, 1).enriched[0], "occurred_at": None}
    assert flat.shifted(one, flat.DAY_MS)["occurred_at"] is None


def test_time_in_an_inner_step_does_not_count_for_the_outer_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = iter([0.0, 1.0, 4.0, 6.0])
    monkeypatch.setattr(steps, "thread_time", lambda: next(now))
    clock = steps.Clock()
    inner = clock.wrap("inner", lambda: None)
    clock.wrap("outer", inner)()
    assert clock.seconds == {"inner": 3.0, "outer": 3.0}


def test_measuring_steps_leaves_the_functions_and_their_results_as_they_are() -> None:
    before = [getattr(where, name) for _, where, name in steps.CORRELATE_STEPS]
    reports = corpus.accepted(LINES, ELECTION, 30).enriched
    plain = Correlator(context.load(ELECTION).catalog).apply(reports)
    with steps._timed(clock := steps.Clock(), steps.CORRELATE_STEPS):
        timed = Correlator(context.load(ELECTION).catalog).apply(reports)
    assert timed.matched == plain.matched
    assert {"text", "compare", "candidates: find"} <= set(clock.seconds)
    assert [getattr(where, name) for _, where, name in steps.CORRELATE_STEPS] == before
