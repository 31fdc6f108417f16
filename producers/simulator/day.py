"""The day as one stream of messages in the order of sending, made while it is read: memory stays bounded."""

from __future__ import annotations

import heapq
import random as standard
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import count

from posko.catalog import Catalog
from posko.election import Election
from posko.regions import Regions
from producers.simulator import garbage, mishaps
from producers.simulator.claims import Claim, Claims
from producers.simulator.events import Event, Events, Span
from producers.simulator.grammar import read
from producers.simulator.message import REJECTED, Message, report_message
from producers.simulator.network import Network, delay, hesitation
from producers.simulator.people import People
from producers.simulator.reporting import Report, Reporting, encode
from producers.simulator.scenarios import expected_witnesses, library, witnesses
from producers.simulator.style import pick
from producers.simulator.telling import Teller, Told
from producers.simulator.world import Village, World

LAST_MS = 30_000  # nothing is written in the last half minute, so that it is sent before the day ends
LATER = {"resolved": (0.5, 40, 200), "worse": (0.25, 15, 90), "denied": (0.1, 10, 120)}  # chance, minutes after
ANSWERED = 0.05  # share of a claim's later reports that answer it
FOLLOWED, REPEATED = 1.11, 1.09  # messages for each report of an event's first news, measured on whole days

Step = Callable[[], None]


class Day:
    """One simulated election day. `messages` can be read once."""

    def __init__(
        self, election: Election, catalog: Catalog, regions: Regions, seed: int, hours: tuple[int, int], scale: float
    ) -> None:
        """`hours`: first and last local hour that is played; `scale` multiplies the number of events of a real day."""
        self.span = _span(election, hours)
        self.world = World.of(regions, election.area)
        self.scale = scale
        self._rng = standard.Random(f"messages {seed}")  # noqa: S311 - a simulation, and it must repeat
        plan = standard.Random(f"events {seed}").random  # noqa: S311
        self._stock = stock = library().known_to(catalog)
        self._hours = range(*hours)
        self._events = Events(stock, self.world, self.span, scale, plan)
        self._claims = Claims(stock, self.world, self.span, scale, plan)
        self._people = People(seed, catalog)
        self._network = Network(seed, self.span)
        teller = Teller(stock.grammar, self.world)
        self._reporting = Reporting(catalog, self.world, teller, self.span, election.timezone, self._rng)
        self._elsewhere = _elsewhere(regions)
        self._odd = 0
        self._waiting: list[tuple[int, int, Message | Step]] = []
        self._number = count()

    def messages(self) -> Iterator[Message]:
        """Everything that is sent, in the order of `at`."""
        for claim in self._claims.begun():
            self._push(claim.begin, partial(self._travel, claim, claim.begin))
        for start, events in self._events.slots():
            yield from self._until(start)
            for event in events:
                self._push(event.at, partial(self._happen, event))
        yield from self._until(self.span.end + 1)

    def expected_events(self) -> float:
        """Events that this day will roughly have, claims not counted."""
        return sum(self._events.expected(self._hours).values())

    def expected_messages(self) -> float:
        """Messages that this day will roughly have: witnesses, later news, claims, resends and garbage."""
        crowds = {scenario.name: scenario.crowd for scenario in self._stock.scenarios}
        told = self._events.expected(self._hours)
        reports = sum(number * expected_witnesses(crowds[name]) for name, number in told.items())
        return (reports * FOLLOWED + Claims.expected(self.world, self.scale)) * REPEATED

    def _until(self, at: int) -> Iterator[Message]:
        waiting = self._waiting
        while waiting and waiting[0][0] < at:
            item = heapq.heappop(waiting)[2]
            if isinstance(item, Message):
                yield item
            else:
                item()

    def _push(self, at: int, item: Message | Step) -> None:
        heapq.heappush(self._waiting, (min(at, self.span.end), next(self._number), item))

    def _happen(self, event: Event) -> None:
        """People begin to tell about an event; later some of them tell how it went on."""
        random, scenario = self._rng.random, event.scenario
        number = witnesses(scenario.crowd, random)
        for _ in range(number):
            self._tell(event, "", event.at + hesitation(random))
        if number == 1 and random() < 0.6:
            return
        for stage, (chance, soonest, latest) in LATER.items():
            if stage in scenario.later and random() < chance:
                begin = event.at + int((soonest + (latest - soonest) * random()) * 60_000)
                for _ in range(1 + int(random() * min(number, 8) * 0.4)):
                    self._tell(event, stage, begin + hesitation(random))

    def _tell(self, event: Event, stage: str, at: int) -> None:
        if at < self.span.end - LAST_MS:
            self._push(at, partial(self._write, event, stage, at))

    def _travel(self, claim: Claim, now: int) -> None:
        """One more report about a claim, and the next one is planned."""
        planned = self._claims.next(claim, now)
        if planned is None:
            return
        at, village = planned
        told = claim.scenario
        stage = "answer" if at - claim.begin > 5_400_000 and self._rng.random() < ANSWERED else ""
        event = Event(claim.id, told, claim.facts, at, at - 600_000, village, 0, village.lat, village.lng)
        self._tell(event, stage, at)
        self._push(at, partial(self._travel, claim, at))

    def _write(self, event: Event, stage: str, at: int) -> None:
        """Somebody writes a report; it, and whatever goes wrong with it, is sent when the network allows."""
        rng, village = self._rng, event.village
        scenario = event.scenario
        mix = scenario.kind if self._people.has_mix(scenario.kind) else scenario.category
        person = self._people.person(self._people.role(mix, village, rng.random), village, event.tps or 1, rng.random)
        told = Told(
            scenario, event.facts, stage, village, event.tps, self.span.minutes(at if stage else event.occurred)
        )
        report = self._reporting.report(told, person, (event.lat, event.lng), event.occurred, at)
        back = self._network.silent_until(village, at)
        sent = (back + int(rng.random() * 240_000) if back else at) + delay(village.remote, rng.random)
        sent = min(sent, self.span.end - int(rng.random() * LAST_MS))
        mark, event_id = "", event.id
        if rng.random() < mishaps.MARKED:
            mark, event_id = self._made_odd(report, told, event, sent)
        message = report_message(
            sent, _key(report), encode(report), report["report_id"], event_id, scenario, stage, mark
        )  # fmt: skip
        self._push(sent, message)
        chance = mishaps.RESENT_SILENT if back else mishaps.RESENT * (0.6 + village.remote)
        for again in mishaps.resends(message, report, chance, rng, self._reporting.new_id):
            self._push(again.at, again)
        if rng.random() < mishaps.GARBAGE:
            self._spoil(report, sent)

    def _made_odd(self, report: Report, told: Told, event: Event, sent: int) -> tuple[str, str]:
        """Make a report odd in a way that is kept and marked: the mark, and the event it now belongs to."""
        rng = self._rng
        mark = pick(mishaps.MARKS, rng.random)
        if mark == "outside_area" and self._elsewhere:
            self._move_away(report, told)
            self._odd += 1
            return mark, f"X{self._odd:05d}"
        if mark == "tps_unknown" and "tps" in report:
            report["tps"] = mishaps.beyond(event.village.code, event.village.tps, rng)
            return mark, event.id
        mark = "late" if mark == "late" else "clock_ahead"
        report["reported_at"] = self._reporting.iso(mishaps.hours_off(sent, mark, rng))
        report.pop("occurred_at", None)
        return mark, event.id

    def _move_away(self, report: Report, told: Told) -> None:
        """Let a report speak of a kabupaten outside the configured area, in fields and words."""
        code, name = pick(self._elsewhere, self._rng.random)
        for field in ("tps", "lat", "lng"):
            report.pop(field, None)
        away = Village(code, name, code, code, told.village.province, 0.0, 0.0, 1, 0.0)
        moved = replace(told, scenario=replace(told.scenario, at="outside"), village=away, tps=0)
        person = self._people.met(self._people.roles["citizen"], told.village.code, 1)
        report["area"] = code
        report["text"] = self._reporting.words(moved, person)

    def _spoil(self, report: Report, at: int) -> None:
        """A broken message from somewhere else in the same minutes, with an id of its own."""
        fresh = {**report, "report_id": self._reporting.new_id()}
        raw, reason, how = garbage.spoil(fresh, self._rng)
        known = fresh["report_id"] if raw is not None and fresh["report_id"].encode() in raw else None
        at += int(self._rng.random() * 20_000)
        self._push(
            at,
            Message(at, report["reporter"]["id"].encode(), raw, known, None, "garbage", REJECTED, reason,
                    report["category"], "", "", how),
        )  # fmt: skip


def _key(report: Report) -> bytes:
    """The key that producers use: the kecamatan of the report's place, else the reporter."""
    code = report.get("tps") or report.get("area", "")
    return (code[:8] if len(code) >= 8 else report["reporter"]["id"]).encode()


def _span(election: Election, hours: tuple[int, int]) -> Span:
    midnight = datetime(election.date.year, election.date.month, election.date.day, tzinfo=election.timezone)
    start, end = (int((midnight + timedelta(hours=hour)).timestamp() * 1000) for hour in hours)
    return Span(start, end, int(midnight.timestamp() * 1000))


def _elsewhere(regions: Regions) -> list[tuple[str, str]]:
    """Kabupaten/kota outside the configured area, code and name."""
    found = ((code, regions.get(code)) for code in read("day")["elsewhere"] if not regions.inside(code))
    return [(code, region.name) for code, region in found if region is not None]
