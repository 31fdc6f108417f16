"""What a plan of blows promises."""

from __future__ import annotations

from collections import Counter
from itertools import pairwise

import pytest

from tests.chaos import plan
from tests.chaos.plan import KILL, PAUSE, POINTS, RESTARTING, SUPERVISOR, Strike

REPORTS = 200_000


def test_the_same_seed_gives_the_same_plan_and_another_seed_another() -> None:
    assert plan.make(3, REPORTS, 20, 5, 2) == plan.make(3, REPORTS, 20, 5, 2)
    assert plan.make(3, REPORTS, 20, 5, 2) != plan.make(4, REPORTS, 20, 5, 2)


@pytest.mark.parametrize("seed", range(20))
def test_blows_come_in_order_while_messages_are_sent(seed: int) -> None:
    blows = plan.make(seed, REPORTS, 20, 5, 2)
    assert [blow.number for blow in blows] == list(range(1, 26))
    assert [blow.at for blow in blows] == sorted(blow.at for blow in blows)
    assert all(plan.FIRST * REPORTS <= blow.at <= plan.LAST * REPORTS for blow in blows)
    assert Counter(blow.action for blow in blows) == {KILL: 20, PAUSE: 5}


@pytest.mark.parametrize("seed", range(20))
def test_twenty_kills_hit_every_service_the_supervisor_and_all_workers_at_once(seed: int) -> None:
    struck = {blow.targets for blow in plan.make(seed, REPORTS, 20, 5, 2) if blow.action == KILL and not blow.point}
    assert {("kafka",), ("engine",), ("sink",), ("stream-1",), ("stream-2",)} <= struck
    assert {(SUPERVISOR,), ("stream-1", "stream-2")} <= struck


@pytest.mark.parametrize("seed", range(20))
def test_twenty_kills_come_to_every_point_in_the_code(seed: int) -> None:
    blows = plan.make(seed, REPORTS, 20, 5, 2)
    assert {blow.point for blow in blows if blow.action == KILL and blow.point} == set(POINTS)
    assert all(blow.targets for blow in blows if blow.point == RESTARTING)  # else nothing would be restarted


@pytest.mark.parametrize("seed", range(20))
def test_four_kills_are_three_services_and_one_point(seed: int) -> None:
    blows = plan.make(seed, 3000, 4, 0, 2)
    assert len({blow.targets for blow in blows if not blow.point}) == 3
    assert sum(bool(blow.point) for blow in blows) == 1


@pytest.mark.parametrize("number", [1, 5, 6])
def test_pauses_last_5_to_30_seconds_and_one_stops_kafka_within_a_transaction(number: int) -> None:
    pauses = [blow for blow in plan.make(1, REPORTS, 0, number, 2) if blow.action == PAUSE]
    assert len(pauses) == number
    assert all(5 <= blow.seconds <= 30 for blow in pauses)
    within = [blow for blow in pauses if blow.point]
    assert {(blow.targets, blow.point, blow.seconds) for blow in within} == {(("kafka",), "streams.outputs_sent", 20.0)}


def test_some_blows_follow_the_one_before_within_seconds() -> None:
    blows = plan.make(1, REPORTS, 40, 0, 2)
    followers = [(one, other) for one, other in pairwise(blows) if one.at == other.at]
    assert followers
    assert all(0 < other.delay <= plan.CLOSE_S[1] for _, other in followers)


def test_a_blow_says_what_it_does() -> None:
    assert str(Strike(1, 0, 0, KILL, ("stream-1", "stream-2"))) == "kill stream-1 and stream-2"
    assert str(Strike(1, 0, 0, KILL, (), "sink.consumed")) == "kill whoever is at sink.consumed"
    assert str(Strike(1, 0, 0, PAUSE, ("sink",), "", 7.4)) == "pause sink for 7 s"
