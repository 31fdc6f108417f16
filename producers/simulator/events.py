"""What happens: events by hour and place, and the claims that travel through a province. Nothing here writes a
message."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from producers.simulator.grammar import Random, read
from producers.simulator.scenarios import Library, Scenario, facts
from producers.simulator.style import pick
from producers.simulator.world import Village, World

HOUR_MS = 3_600_000
SLOT_MS = 300_000  # events are drawn for five minutes at a time
SPREAD_DEGREES = 0.012  # events at a kelurahan happen within about 1.3 km of its centre
TWIN = 0.08  # share of events with a twin: the same kind, close by, at about the same time


@dataclass(frozen=True, slots=True)
class Event:
    """Something that happened. Times are milliseconds since 1970; `tps` is 0 when it is not at one polling station."""

    id: str
    scenario: Scenario
    facts: dict[str, Any]
    at: int  # people begin to tell
    occurred: int
    village: Village
    tps: int
    lat: float
    lng: float


@dataclass(frozen=True, slots=True)
class Span:
    """The part of the day that is played: milliseconds since 1970, and midnight of the election day there."""

    start: int
    end: int
    midnight: int

    def minutes(self, at: int) -> int:
        """Local time of day, minutes since midnight."""
        return (at - self.midnight) // 60_000 % 1440


class Events:
    """Draws the day's events, five minutes at a time, so that a national day needs no more memory than a small one."""

    def __init__(self, library: Library, world: World, span: Span, scale: float, random: Random) -> None:
        """`scale` multiplies the rates of the data files, which are for one real day."""
        self._world, self._span, self._random = world, span, random
        self._curves: dict[str, dict[int, float]] = read("day")["curves"]
        self._scenarios = library.scenarios
        self._scale = scale * world.tps / 1000
        self._made = 0

    def slots(self) -> Iterator[tuple[int, list[Event]]]:
        """Each slot of the span: when it begins, and its events in the order of their times."""
        for start in range(self._span.start, self._span.end, SLOT_MS):
            yield start, sorted(self._slot(start), key=lambda event: (event.at, event.id))

    def _slot(self, start: int) -> Iterator[Event]:
        length = min(SLOT_MS, self._span.end - start)
        sums = list(accumulate(self._share(scenario, start, length) for scenario in self._scenarios))
        for _ in range(poisson(sums[-1] * self._scale, self._random)):
            drawn = self._random() * sums[-1]
            scenario = self._scenarios[next(index for index, sum_ in enumerate(sums) if drawn < sum_)]
            event = self._event(scenario, start + int(self._random() * length))
            yield event
            if self._random() < TWIN:
                yield self._twin(event)

    def _share(self, scenario: Scenario, start: int, length: int) -> float:
        """Events of a scenario per 1,000 polling stations in this slot."""
        curve = self._curves[scenario.curve]
        hour = (start - self._span.midnight) // HOUR_MS
        return scenario.rate * curve.get(hour, 0) / sum(curve.values()) * length / HOUR_MS / (1 + TWIN)

    def expected(self, hours: range) -> dict[str, float]:
        """Events of each scenario by name that the hours of the day are expected to bring, twins included."""
        found = {}
        for scenario in self._scenarios:
            curve = self._curves[scenario.curve]
            share = sum(curve.get(hour, 0) for hour in hours) / sum(curve.values())
            found[scenario.name] = scenario.rate * share * self._scale
        return found

    def _event(self, scenario: Scenario, at: int) -> Event:
        village = self._world.somewhere(self._random, scenario.remote)
        return self._made_at(scenario, at, village, facts(scenario, self._random), self._occurred(scenario, at))

    def _occurred(self, scenario: Scenario, at: int) -> int:
        if scenario.early and self._random() < 0.6:
            return at - int((2 + 38 * self._random()) * HOUR_MS)
        return at - int(self._random() * 600_000)

    def _twin(self, event: Event) -> Event:
        """Another event that is easily mistaken for this one: next polling station or next village, or another
        candidate."""
        scenario, random = event.scenario, self._random
        same_village = random() < 0.5
        village = event.village if same_village else self._world.neighbour(event.village, random)
        changed = dict(event.facts)
        if "paslon" in changed and random() < 0.5:
            village = event.village
            changed["paslon"] = pick(tuple(c for c in scenario.facts["paslon"] if c != changed["paslon"]), random)
        elif same_village:
            changed = facts(scenario, random)
        later = min(self._span.end - 1, event.at + int(random() * 900_000))
        twin = self._made_at(scenario, later, village, changed, event.occurred + later - event.at)
        if twin.tps and twin.tps == event.tps and twin.village.code == event.village.code and village.tps > 1:
            return self._made_at(scenario, later, village, changed, twin.occurred, event.tps % village.tps + 1)
        return twin

    def _made_at(
        self, scenario: Scenario, at: int, village: Village, chosen: dict[str, Any], occurred: int, tps: int = 0
    ) -> Event:
        self._made += 1
        random = self._random
        if scenario.at == "tps" and not tps:
            tps = 1 + int(random() * village.tps)
        lat = village.lat + (random() - 0.5) * 2 * SPREAD_DEGREES
        lng = village.lng + (random() - 0.5) * 2 * SPREAD_DEGREES
        return Event(f"E{self._made:07d}", scenario, chosen, at, occurred, village, tps, lat, lng)


def poisson(mean: float, random: Random) -> int:
    """A Poisson number; above 50 its normal approximation."""
    if mean > 50:
        gauss = math.sqrt(-2 * math.log(1 - random())) * math.cos(2 * math.pi * random())
        return max(0, round(mean + math.sqrt(mean) * gauss))
    limit, product, number = math.exp(-mean), random(), 0
    while product > limit:
        product *= random()
        number += 1
    return number
