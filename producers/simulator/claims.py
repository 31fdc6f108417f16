"""Claims that travel: each province has its own, they begin somewhere and go from kabupaten to kabupaten."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

from producers.simulator.events import HOUR_MS, Span
from producers.simulator.grammar import Random, read
from producers.simulator.scenarios import Library, Scenario, facts
from producers.simulator.style import pick
from producers.simulator.world import Village, World

REPORTS_PER_TPS = 0.24  # of hoaxes, in one real day


@dataclass(slots=True)
class Claim:
    """A claim on its way. `regencies` are those it has reached, `left` the reports still to come, `rate` per
    millisecond at
    the day's average."""

    id: str
    scenario: Scenario
    facts: dict[str, Any]
    province: str
    begin: int
    left: int
    rate: float
    regencies: list[str] = field(default_factory=list)


class Claims:
    """The claims of all provinces of an area, and how each goes on."""

    def __init__(self, library: Library, world: World, span: Span, scale: float, random: Random) -> None:
        self._library, self._world, self._span, self._random = library, world, span, random
        self._scale = scale
        self._curve: dict[int, float] = read("day")["curves"]["hoax"]
        self._mean = sum(self._curve.values()) / len(self._curve)

    def begun(self) -> list[Claim]:
        """All claims of the day; one of each kind first, then more, none twice in a province."""
        return [claim for province in self._world.provinces for claim in self._of_province(province)]

    @staticmethod
    def expected(world: World, scale: float) -> float:
        """Reports about claims that a day will roughly have."""
        return REPORTS_PER_TPS * world.tps * scale

    def _of_province(self, province: str) -> list[Claim]:
        total = REPORTS_PER_TPS * self._world.tps_of[province] * self._scale
        wanted = min(round(14 + 3 * math.sqrt(self._world.tps_of[province] / 1000)), max(1, int(total / 2)))
        drawn: list[tuple[Scenario, dict[str, Any]]] = []
        seen: set[tuple[Any, ...]] = set()
        order = self._order()
        for turn in range(wanted * 4):
            scenario = order[turn % len(order)]
            chosen = self._facts(scenario, province)
            key = (scenario.name, *(chosen[name] for name in scenario.key))
            if key not in seen and len(drawn) < wanted:
                seen.add(key)
                drawn.append((scenario, chosen))
        weights = [(1 - self._random()) ** -0.5 for _ in drawn]
        return [
            self._claim(f"H{province}-{n + 1:03d}", *drawn[n], province, max(1, round(total * weight / sum(weights))))
            for n, weight in enumerate(weights)
        ]  # fmt: skip

    def _order(self) -> list[Scenario]:
        """Claims shuffled, but the first of each kind in front."""
        shuffled = sorted(self._library.claims, key=lambda claim: self._random())
        firsts = {claim.kind: claim for claim in reversed(shuffled)}
        return [*firsts.values(), *(claim for claim in shuffled if firsts[claim.kind] is not claim)]

    def _facts(self, scenario: Scenario, province: str) -> dict[str, Any]:
        chosen = facts(scenario, self._random)
        if "town" in scenario.facts:
            code = pick(self._world.provinces[province], self._random)
            chosen["town"] = self._world.names.get(code, "").removeprefix("Kabupaten ").removeprefix("Kota ")
        return chosen

    def _claim(self, name: str, scenario: Scenario, chosen: dict[str, Any], province: str, reports: int) -> Claim:
        length = self._span.end - self._span.start
        begin = self._span.start + int(length * self._random() ** 1.5 * 0.75)
        first = pick(self._world.provinces[province], self._random)
        return Claim(
            name, scenario, chosen, province, begin, reports, reports / ((self._span.end - begin) * 0.8), [first]
        )

    def next(self, claim: Claim, now: int) -> tuple[int, Village] | None:
        """When and where the claim is told next, or None when it has come to rest. Follows the day's rhythm."""
        if claim.left <= 0:
            return None
        hour = (now - self._span.midnight) // HOUR_MS
        rhythm = max(0.2, self._curve.get(hour, 0) / self._mean)
        at = now + max(1, int(-math.log(1 - self._random()) / (claim.rate * rhythm)))
        if at >= self._span.end:
            return None
        claim.left -= 1
        return at, self._where(claim)

    def _where(self, claim: Claim) -> Village:
        every = self._world.provinces[claim.province]
        if len(claim.regencies) < len(every) and self._random() < 0.12:
            last = every.index(claim.regencies[-1])
            step = 1 + int(self._random() * 3)
            reached = every[(last + step) % len(every)]
            if reached not in claim.regencies:
                claim.regencies.append(reached)
        found: Village = pick(self._world.regencies[pick(claim.regencies, self._random)], self._random)
        return found
