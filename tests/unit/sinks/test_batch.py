from __future__ import annotations

from sinks.batch import Batch
from tests.unit.sinks.examples import matched, records


def some(count: int, partition: int = 0, start: int = 0) -> list:
    return records("reports.matched", [matched(number) for number in range(count)], partition, start)


def test_a_batch_is_due_when_it_is_large_enough() -> None:
    batch = Batch(size=3, age=10)
    batch.add(some(2), now=0)
    assert not batch.is_due(now=1)
    batch.add(some(1, start=2), now=1)
    assert batch.is_due(now=1)


def test_a_batch_is_due_when_its_first_record_is_old_enough() -> None:
    batch = Batch(size=100, age=0.5)
    batch.add(some(1), now=10.0)
    batch.add(some(1, start=1), now=10.4)
    assert not batch.is_due(now=10.4)
    assert batch.wait(now=10.4) == 10.5 - 10.4
    assert batch.is_due(now=10.5)


def test_an_empty_batch_is_never_due() -> None:
    batch = Batch(size=1, age=0)
    batch.add([], now=0)
    assert not batch.is_due(now=1e9)


def test_next_offsets_follow_the_last_record_of_each_partition() -> None:
    batch = Batch(size=10, age=1)
    batch.add([*some(3, partition=0, start=7), *some(1, partition=2, start=40)], now=0)
    assert batch.next_offsets == {("reports.matched", 0): 10, ("reports.matched", 2): 41}
    assert batch.span() == {"reports.matched/0": "7-9", "reports.matched/2": "40-40"}
