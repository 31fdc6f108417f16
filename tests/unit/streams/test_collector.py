from __future__ import annotations

from collections import namedtuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streams.collector import LONGEST_AGE, REST, Collector, Pace

Record = namedtuple("Record", "value offset")


def records(count: int, size: int = 10, first: int = 0) -> list[Record]:
    return [Record(b"x" * size, first + number) for number in range(count)]


def collector(size: int = 100, max_bytes: int = 1 << 20, age: float = 0.05) -> Collector:
    return Collector(size, max_bytes, age)


def test_nothing_is_due_while_nothing_came():
    assert collector().due(now=10.0) is None


def test_the_first_report_after_a_quiet_time_goes_at_once():
    waiting = collector()
    waiting.add(records(1))
    assert waiting.due(now=10.0) == 0


def test_the_next_batch_waits_until_the_age_is_over():
    waiting = collector(age=0.05)
    waiting.add(records(1))
    waiting.take(now=10.0)
    waiting.add(records(1))
    assert waiting.due(now=10.01) == pytest.approx(0.04)
    assert waiting.due(now=10.05) == pytest.approx(0, abs=1e-9)


def test_a_full_batch_does_not_wait():
    waiting = collector(size=3, age=60)
    waiting.add(records(1))
    waiting.take(now=10.0)
    waiting.add(records(3))
    assert waiting.room() == 0
    assert waiting.due(now=10.0) == 0


def test_a_batch_closes_on_bytes():
    waiting = collector(max_bytes=1000, age=60)
    waiting.add(records(1))
    waiting.take(now=10.0)
    waiting.add(records(5, size=300))
    assert waiting.due(now=10.0) == 0
    assert [len(waiting.take(10.0)), len(waiting.take(10.0))] == [4, 1]


def test_one_record_larger_than_a_batch_still_goes():
    waiting = collector(max_bytes=1000)
    waiting.add(records(1, size=8 << 20))
    assert len(waiting.take(now=10.0)) == 1
    assert waiting.room() == 100


def test_a_null_value_counts_as_a_record():
    waiting = collector()
    waiting.add([Record(None, 0)])
    assert waiting.take(now=1.0) == [Record(None, 0)]


def test_a_busy_broker_gets_fewer_transactions():
    waiting = collector(age=0.05)
    for _ in range(50):
        waiting.committed(0.1)
    waiting.take(now=10.0)
    waiting.add(records(1))
    assert waiting.due(now=10.0) == pytest.approx(REST * 0.1, rel=0.01)


def test_an_outage_does_not_make_reports_wait_for_long_afterwards():
    waiting = collector(age=0.05)
    waiting.committed(50.0)
    waiting.take(now=10.0)
    waiting.add(records(1))
    assert waiting.due(now=10.0) <= LONGEST_AGE


def test_a_quick_broker_brings_the_age_back_to_the_setting():
    waiting = collector(age=0.05)
    waiting.committed(1.0)
    for _ in range(50):
        waiting.committed(0.005)
    waiting.take(now=10.0)
    waiting.add(records(1))
    assert waiting.due(now=10.0) == pytest.approx(0.05, rel=0.01)


@given(
    st.lists(st.lists(st.integers(0, 400), max_size=30), max_size=20),
    st.integers(1, 25),
    st.integers(1, 1500),
)
def test_batches_hold_every_record_once_and_in_order(arrivals: list[list[int]], size: int, max_bytes: int):
    waiting = collector(size=size, max_bytes=max_bytes)
    taken: list[Record] = []
    offset = 0
    for arrival in arrivals:
        waiting.add([Record(b"x" * length, offset + number) for number, length in enumerate(arrival)])
        offset += len(arrival)
        batch = waiting.take(now=0.0)
        assert len(batch) <= size
        taken += batch
    while len(waiting):
        taken += waiting.take(now=0.0)
    assert [record.offset for record in taken] == list(range(offset))
    assert waiting.room() == size


def test_slow_work_makes_batches_smaller():
    pace = Pace(budget=0.1, most=2000)
    for _ in range(20):
        pace.observe(200, 0.2)
    assert pace.limit() == pytest.approx(100, rel=0.05)


def test_quick_work_makes_batches_as_large_as_allowed():
    pace = Pace(budget=0.1, most=2000)
    for _ in range(20):
        pace.observe(200, 0.001)
    assert pace.limit() == 2000


def test_one_report_that_takes_long_does_not_shrink_the_next_batch_much():
    pace = Pace(budget=0.1, most=2000, first=1000)
    pace.observe(1, 0.005)
    assert pace.limit() > 700


def test_however_slow_the_work_one_report_goes():
    pace = Pace(budget=0.1, most=2000)
    for _ in range(50):
        pace.observe(1000, 10_000.0)
    assert pace.limit() == 1
