"""One report as a phone makes it: fields, precision of the place, clocks. The words come from `telling`."""

from __future__ import annotations

import math
import random as standard
from datetime import datetime, tzinfo
from typing import Any

import orjson

from posko.catalog import Catalog
from producers.simulator.events import Span
from producers.simulator.people import Person
from producers.simulator.scenarios import Scenario
from producers.simulator.style import pick
from producers.simulator.telling import Teller, Told
from producers.simulator.world import Village, World

Report = dict[str, Any]

# Chance that a phone of this channel fills the place in fields: (tps, area, point); the rest is left to the words.
PLACED = {
    "app": (0.8, 0.75, 0.45), "odk": (0.85, 0.8, 0.7), "sms": (0.06, 0.22, 0.0), "whatsapp": (0.22, 0.4, 0.09),
    "web": (0.3, 0.75, 0.05), "api": (0.5, 0.9, 0.1), "cli": (0.5, 0.9, 0.0), "import": (0.6, 0.9, 0.0),
}  # fmt: skip
WRONG_PLACE = 0.015  # reports that name the neighbouring kelurahan
METRES_A_DEGREE = 111_000


class Reporting:
    """Makes reports; everything random comes from one generator."""

    def __init__(
        self, catalog: Catalog, world: World, teller: Teller, span: Span, zone: tzinfo, rng: standard.Random
    ) -> None:
        self._catalog, self._world, self._teller = catalog, world, teller
        self._span, self._zone, self._rng = span, zone, rng

    def report(self, told: Told, person: Person, point: tuple[float, float], occurred: int, at: int) -> Report:
        """What `person` sends at `at` (ms) about an event at `point` (lat, lng) that `occurred` (ms)."""
        random = self._rng.random
        scenario = told.scenario
        place = self._place(told, person, point)
        app = person.channel in ("app", "odk")
        report: Report = {
            "report_id": self.new_id(),
            "category": scenario.category,
            "text": self._teller.text(told, person, bool(place), random),
            "reported_at": self.iso(at + person.skew_ms),
            "reporter": {"id": person.id, "role": person.role.code, "institution": person.role.institution},
            **place,
            "channel": person.channel,
        }
        if random() < (0.92 if app else 0.4):
            report["kind"] = scenario.kind
        if random() < (0.6 if app else 0.15):
            report["severity"] = self._severity(scenario, told.stage)
        if random() < (0.55 if app else 0.15):
            report["occurred_at"] = self.iso(_as_remembered(at if told.stage else occurred, random()))
        if app and random() < 0.3:
            report["app_version"] = pick(("1.0.2", "1.1.0", "1.1.4"), random)
            report["battery"] = int(random() * 98) + 2
        if person.channel in ("app", "whatsapp", "odk") and random() < 0.06:
            report["attachments"] = [self._attachment()]
        return report

    def words(self, told: Told, person: Person) -> str:
        """Only the text of a message whose fields tell no place."""
        return self._teller.text(told, person, False, self._rng.random)

    def new_id(self) -> str:
        """A random UUID (version 4) from the simulation's own generator."""
        digits = f"{self._rng.getrandbits(128):032x}"
        variant = "89ab"[int(digits[16], 16) % 4]
        return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-{variant}{digits[17:20]}-{digits[20:]}"

    def iso(self, ms: int) -> str:
        """ISO 8601 with offset, in the election's time zone."""
        return datetime.fromtimestamp(ms // 1000, self._zone).isoformat()

    def _place(self, told: Told, person: Person, point: tuple[float, float]) -> Report:
        """The place in fields, as precise as this phone and person give it; empty when only words tell it."""
        random, scenario = self._rng.random, told.scenario
        tps, area, gps = PLACED[person.channel]
        village = told.village
        if random() < WRONG_PLACE:
            village = self._world.neighbour(village, random)
        place: Report = {}
        own = person.role.unit == "tps"
        if told.tps and scenario.category != "hoax" and random() < (tps if own else tps * 0.6):
            place["tps"] = f"{village.code}/{told.tps:03d}"
        elif random() < area:
            place["area"] = self._area(scenario, village, person)
        if scenario.at not in ("regency", "district") and random() < gps * (0.5 + person.precise):
            place["lat"], place["lng"] = self._measured(point)
        return place

    def _area(self, scenario: Scenario, village: Village, person: Person) -> str:
        what = self._rng.random() * (0.5 + person.precise)
        if scenario.at == "regency":
            return village.regency if what < 0.5 else village.district if what < 0.8 else village.code
        if scenario.at == "district" or what < 0.18:
            return village.district if what > 0.04 else village.regency
        return village.code

    def _measured(self, point: tuple[float, float]) -> tuple[float, float]:
        """A point as GPS gives it: some tens of metres off, now and then kilometres (a cell tower, or sent from
        home)."""
        rng = self._rng
        metres = math.exp(rng.gauss(3.2, 0.8)) if rng.random() < 0.95 else 400 + rng.random() * 4000
        angle = rng.random() * 2 * math.pi
        return (
            round(point[0] + metres * math.sin(angle) / METRES_A_DEGREE, 6),
            round(point[1] + metres * math.cos(angle) / METRES_A_DEGREE, 6),
        )

    def _severity(self, scenario: Scenario, stage: str) -> int:
        given: int = pick(scenario.severity, self._rng.random)
        change = {"resolved": -2, "denied": -2, "worse": 1}.get(stage, 0)
        return max(1, min(5, given + change))

    def _attachment(self) -> Report:
        rng = self._rng
        return {
            "sha256": f"{rng.getrandbits(256):064x}",
            "mime": "image/jpeg",
            "name": f"IMG-{rng.randrange(10**6):06d}.jpg",
            "bytes": rng.randrange(40_000, 900_000),
        }


def _as_remembered(ms: int, chance: float) -> int:
    """A time as people give it: half of them to the five minutes, some to the quarter of an hour."""
    step = 60_000 if chance < 0.3 else 300_000 if chance < 0.8 else 900_000
    return ms // step * step


def encode(report: Report) -> bytes:
    """The bytes that a producer sends."""
    return orjson.dumps(report)
