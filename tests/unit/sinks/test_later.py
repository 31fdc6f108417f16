from __future__ import annotations

from typing import Any

import pytest

from sinks import messages
from sinks.batch import MOST_AGE_S, age
from sinks.later import Later
from sinks.messages import Incident
from tests.unit.sinks.examples import incident, records


def states(*asked: tuple[int, int]) -> Any:
    sent = records("incidents", [incident(number, version) for number, version in asked])
    return list(zip(sent, messages.decode(Incident, [one.value for one in sent]).rows, strict=True))


@pytest.mark.parametrize("order", [(1, 2, 3), (3, 1, 2), (2, 3, 1)])
def test_of_an_incident_the_latest_state_is_kept_however_they_come(order: tuple[int, ...]) -> None:
    later = Later()
    for version in order:
        later.add_states(states((1, version), (2, 5)))
    assert sorted((state.version, record.offset) for record, state in later.states.values())[0][0] == 3
    assert len(later) == 2


@pytest.mark.parametrize(
    ("asked", "took", "closes"),
    [(0.4, 0.0, 0.4), (0.4, 0.12, 0.4), (0.3, 0.2, 0.4), (0.4, 3.0, MOST_AGE_S), (2.0, 3.0, 2.0)],
)
def test_batches_close_later_where_storing_takes_long_but_people_see_nothing_a_second_old(
    asked: float, took: float, closes: float
) -> None:
    assert age(asked, took) == pytest.approx(closes)
