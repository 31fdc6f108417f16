"""The ledger: what was accepted is known for three days and more, never what Kafka lacks."""

from __future__ import annotations

from pathlib import Path
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from producers.gateway.ledger import DAY_MS, Ledger, Line

NOW = 1_732_665_600_000
HOUR = 3_600_000


def name(number: int) -> str:
    return str(UUID(int=number))


def line(number: int, content: bytes = b"c", partition: int = 0, offset: int = 0) -> Line:
    return Line(name(number), content, partition, offset)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "ledger.sqlite3"


def test_what_was_recorded_is_known_after_a_crash_and_the_first_content_stays(path: Path) -> None:
    Ledger(path).record([line(1, b"a"), line(2, b"b"), line(1, b"x")], NOW)
    after_the_crash = Ledger(path)  # the first one was never closed
    after_the_crash.record([line(2, b"y")], NOW)
    assert after_the_crash.known([name(1), name(2), name(3)]) == {name(1): b"a", name(2): b"b"}
    assert len(after_the_crash) == 2


@pytest.mark.parametrize("hour_of_day", [0, 12, 23])
def test_it_remembers_72_hours_and_then_forgets(path: Path, hour_of_day: int) -> None:
    at = NOW // DAY_MS * DAY_MS + hour_of_day * HOUR
    ledger = Ledger(path)
    ledger.record([line(1)], at)
    ledger.record([line(2)], at + 72 * HOUR)
    assert set(ledger.known([name(1), name(2)])) == {name(1), name(2)}
    ledger.record([line(3)], at + 96 * HOUR)
    assert set(ledger.known([name(1), name(2), name(3)])) == {name(2), name(3)}


def test_a_day_holds_no_more_than_it_may_and_the_next_begins_anew(path: Path) -> None:
    ledger = Ledger(path, most_a_day=10)
    for start in range(0, 30, 6):
        ledger.record([line(number) for number in range(start, start + 6)], NOW)
    assert len(ledger) == 10
    ledger.record([line(99)], NOW + DAY_MS)
    assert name(99) in ledger.known([name(99)])


def test_what_kafka_came_back_without_is_forgotten(path: Path) -> None:
    ledger = Ledger(path)
    assert ledger.reconcile("topic-a", {0: 0, 1: 0}) == 0
    ledger.record([line(n, partition=n % 2, offset=n) for n in range(10)] + [line(50, offset=-1)], NOW)
    assert ledger.reconcile("topic-a", {0: 8, 1: 4}) == 5  # 8; 5, 7, 9; and the one whose place is not known
    assert set(ledger.known([name(n) for n in range(10)])) == {name(n) for n in (0, 1, 2, 3, 4, 6)}
    assert ledger.reconcile("topic-a", {0: 8}) == 2  # a partition that is gone
    assert ledger.reconcile("topic-b", {0: 100, 1: 100}) == 4  # the topic was made anew
    assert len(ledger) == 0


def test_a_failed_transaction_leaves_it_as_it_was(path: Path) -> None:
    ledger = Ledger(path)
    ledger.record([line(1)], NOW)
    with pytest.raises(ValueError, match="hex"):
        ledger.record([line(2), Line("no uuid", b"", 0, 0)], NOW)
    with pytest.raises(TypeError):
        ledger.record([line(3), Line(name(4), None, 0, 0), Line(name(5), 1, None, 2)], "tomorrow")  # type: ignore
    assert set(ledger.known([name(n) for n in range(6)])) == {name(1)}
    ledger.record([line(2)], NOW)
    assert len(ledger) == 2


STEPS = st.lists(
    st.tuples(st.integers(0, 60), st.lists(st.tuples(st.integers(0, 20), st.binary(max_size=3)), max_size=8)),
    max_size=20,
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_used_as_the_gateway_does_it_agrees_with_a_dictionary_for_72_hours(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[int, list[tuple[int, bytes]]]]
) -> None:
    path = tmp_path_factory.mktemp("ledger") / "l.sqlite3"
    said: dict[str, tuple[int, bytes]] = {}
    hours = 0
    for passed, lines in steps:
        hours += passed
        ledger = Ledger(path)
        there = ledger.known([name(number) for number, _ in lines])
        new = {name(number): content for number, content in reversed(lines) if name(number) not in there}
        ledger.record([Line(one, content, 0, 0) for one, content in new.items()], NOW + hours * HOUR)
        said |= {one: (hours, content) for one, content in new.items()}
        found = ledger.known([name(number) for number in range(21)])
        ledger.close()
        assert {one: content for one, (at, content) in said.items() if hours - at <= 72}.items() <= found.items()
        assert found.items() <= {one: content for one, (_, content) in said.items()}.items()
