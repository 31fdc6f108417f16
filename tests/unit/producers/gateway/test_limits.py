"""Limits and proofs of work."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from producers.gateway.limits import Bucket
from producers.gateway.work import LASTS_S, Works, solved

from .conftest import Clock

NOW = 1_732_665_600.0
IDS = ["00000000-0000-4000-8000-000000000001", "00000000-0000-4000-8000-000000000002"]


def test_a_burst_is_allowed_then_the_rate_and_the_wait_is_said(clock: Clock) -> None:
    bucket = Bucket(60, 10, clock)
    assert [bucket.take("a") for _ in range(10)] == [0.0] * 10
    assert bucket.take("a") == pytest.approx(1.0)
    assert bucket.take("b") == 0.0
    clock.now += 1.0
    assert bucket.take("a") == 0.0
    assert bucket.take("a", 5) == pytest.approx(5.0)


def test_more_than_a_burst_at_once_needs_a_full_bucket_and_is_paid_for_afterwards(clock: Clock) -> None:
    bucket = Bucket(60, 10, clock)
    assert bucket.take("a", 40) == 0.0
    assert bucket.take("a") == pytest.approx(31.0)


@given(st.lists(st.tuples(st.floats(0, 5), st.integers(1, 8)), max_size=60))
def test_however_somebody_knocks_no_more_than_burst_and_rate_pass(knocks: list[tuple[float, int]]) -> None:
    clock = Clock()
    bucket, begun, passed = Bucket(60, 10, clock), clock.now, 0
    for wait, amount in knocks:
        clock.now += wait
        if not bucket.take("a", amount):
            passed += amount
        assert passed <= 10 + (clock.now - begun) + 1e-6


def test_memory_is_bounded_and_who_was_not_seen_for_longest_is_forgotten(clock: Clock) -> None:
    bucket = Bucket(60, 1, clock, most=3)
    for name in "abcd":
        bucket.take(name)
    assert len(bucket._full_at) == 3
    assert bucket.take("d") > 0
    assert bucket.take("a") == 0.0


def test_a_solution_pays_for_its_reports_until_the_challenge_ends() -> None:
    works = Works(b"k" * 32, 8)
    challenge = works.challenge(NOW)
    solution = solved(challenge, IDS)
    assert works.holds(challenge, solution, IDS, NOW + LASTS_S - 1)
    assert not works.holds(challenge, solution, IDS, NOW + LASTS_S)
    assert not works.holds(challenge, solution + "x" * 300, IDS, NOW)


def test_only_our_own_challenges_count_as_they_were_made() -> None:
    works = Works(b"k" * 32, 8)
    until, bits, *rest = works.challenge(NOW).split(".")
    easier, later = ".".join([until, "1", *rest]), ".".join([str(int(until) + 9999), bits, *rest])
    for forged in (Works(b"x" * 32, 1).challenge(NOW), easier, later):
        assert not works.holds(forged, solved(forged, IDS), IDS, NOW)


@given(st.text(max_size=300), st.text(max_size=300))
def test_whatever_is_sent_instead_of_a_solution_is_no_solution(challenge: str, solution: str) -> None:
    assert not Works(b"k" * 32, 40).holds(challenge, solution, IDS, NOW)
