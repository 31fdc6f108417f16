"""What the comparison sees of a report and of an event; both bounded, the event's learned from its reports one by
one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from math import cos, radians
from operator import attrgetter, mul
from typing import Any

from posko.matching.frames import over, shipped
from posko.matching.kinds import infer
from posko.text import AT_LAST, Words, normalise

MAX_WORDS = 48  # of an event: what its reports said most
MAX_VALUES = 8  # numbers of one unit, candidates, people of an event
MAX_UNITS = 6
MAX_FRAMES = 12
_NAMED, _TOLD = 3, 1  # how much a kind counts that the reporter named, and one that a frame tells
_STILL = 60 * 60_000  # ms after news that it is over, from when on a report of the event says that it is not
_LINK = re.compile(r"(?:https?://)?((?:[a-z0-9-]+\.)+(?:com|id|net|org|ly|me|info|gg|be|co)/[^\s]+)", re.IGNORECASE)
_AGAIN = re.compile(
    r"\b(?:padam|mati|ribut|rusuh|macet|err?or|putus|banjir|kambuh|ngadat|hilang|down)"
    r"(?: (?:lampu|listrik|sinyal|jaringan|nian|nih|ini))? l(?:a?gi+|g)\b",
    re.IGNORECASE,
)  # it was over, and has begun once more
_ARRIVED = frozenset({f"{word} tiba" for word in AT_LAST})
_ENDLESS = frozenset({"hoax", "asn_neutrality"})
_NOTHING: frozenset[str] = frozenset()
_LOCAL = frozenset({"bupati", "walikota"})
NAMED = ("paslon", "tanggal", "kabupaten/kota", "dua pemilihan")  # the last: one is off, the other is not
RACES = _LOCAL | {"gubernur"}  # what is voted on
_PRECISION = {"": 0, "regency": 1, "district": 2, "point": 3, "village": 4, "tps": 5}


@dataclass(slots=True)
class ReportFeatures:
    """A report as the comparison sees it. Times in ms, `place_m` metres; `level`: tps, village, point, district,
    regency or ""."""

    scope: str
    category: str
    kind: str
    guess: str
    level: str
    tps: str
    station: int
    village: str
    district: str
    lat: float | None
    lng: float | None
    place_m: float
    at: int
    words: Words
    later: bool  # news that it is over
    anew: bool  # it says itself that this is another event than the one before
    shrink: float  # of a degree of longitude there, against one of latitude
    frames: frozenset[str]  # what the text says happened
    kinds: dict[str, int]  # kinds named or told by the frames, with how much they count
    home: bool  # the place is only where the reporter serves or lives
    about: str  # the kabupaten/kota that a claim is about, "" when it says none
    races: frozenset[str]  # what the text says is voted on
    digests: frozenset[str]  # of attachments and links
    regency: str
    named: tuple[str, ...]  # of NAMED, what the text says
    names: frozenset[str]  # the words of its kelurahan's or desa's name

    @classmethod
    def of(cls, report: dict[str, Any]) -> ReportFeatures:
        """From a message of `reports.enriched`."""
        words, names = normalise(report["text"]), _NOTHING
        if report["place_name"]:
            words = _without(words, report["place_name"])
            if report["village"]:
                name = report["place_name"]
                names = _village(name.partition(", ")[2] if name.startswith("TPS ") else name)
        at = report["occurred_at"] or report["reported_at"]
        if "clock_ahead" in report["marks"]:  # the phone's clock is wrong: the broker's is the best we have
            at = report["received_at"]
        station = words.stations[0] if len(words.stations) == 1 else 0
        level, tps = level_of(report), report["tps"]
        category = report["category"]
        if tps and category != "hoax":  # a claim is about the TPS that its text says, wherever it is told
            station = int(tps[-3:])
        elif station and level == "village":  # the text says which TPS of the village
            level, tps = "tps", f"{report['village']}/{station:03d}"
        again = "lagi" in words.said and _AGAIN.search(report["text"]) is not None
        frames = _frames(words, category)
        kinds = _kinds(category, report["kind"], frames)
        races = words.said & RACES
        about = report.get("about", "")
        if not about and category == "hoax" and races and races <= _LOCAL:
            about = report["regency"]
        weights = words.weights
        guess = report["kind"] or _best(kinds, category) or infer(category, weights)
        if guess and not kinds:
            kinds = {guess: _TOLD}
        return cls(
            report["scope"],
            category,
            report["kind"],
            guess,
            level,
            tps,
            station,
            report["village"],
            report["district"],
            report["lat"],
            report["lng"],
            report["place_m"] or 0.0,
            at,
            words,
            not again and is_over(words, category),
            again or "kejadian_baru" in words.said,
            1.0 if report["lat"] is None else cos(radians(report["lat"])),
            frames,
            kinds,
            report["place_by"] == "home",
            about,
            races,
            _digests(report),
            report["regency"],
            _named(words, about, races),
            names,
        )


def _named(words: Words, about: str, races: frozenset[str]) -> tuple[str, ...]:
    """What tells two claims apart, where a text says it."""
    return tuple(
        [what for what, said in zip(NAMED, (words.candidates, words.dates, about, len(races) > 1), strict=True) if said]
    )


def is_over(words: Words, category: str) -> bool:
    """Whether it says that the trouble is over, and not that it is not; claims and neutrality cases hardly end."""
    weights = words.weights
    if category in _ENDLESS:
        return "selesai" in weights
    if "selesai" in weights:
        return "bukan:selesai" not in weights
    if words.said.isdisjoint(AT_LAST):
        return False
    return bool(over().find(words, claims=False)) or (category == "logistics" and _arrived(words))


def _arrived(words: Words) -> bool:
    """Whether it says that what was missing is there now."""
    return not words.said.isdisjoint(_ARRIVED) and "lambat" not in words.weights


def _without(words: Words, place_name: str) -> Words:
    """What a text says beside its place: that is compared by itself."""
    names, numbers = _names(place_name)
    stations = tuple([number for number in words.stations if f"n:{number}" not in names])  # "TPS 16 Ulu"
    if stations == words.stations and words.weights.keys().isdisjoint(names):
        return words
    kept = {token: weight for token, weight in words.weights.items() if token not in names}
    rest = (stations, words.candidates, words.people, words.offices, words.amounts, words.key)
    return Words(kept, sum(kept.values()), *rest, words.said, words.dates, words.counts - numbers)


@lru_cache(1 << 14)
def _names(place_name: str) -> tuple[frozenset[str], frozenset[int]]:
    """The words and the numbers of a place's name (Kuala Dua Belas)."""
    words = normalise(place_name)
    return frozenset(words.weights), words.counts


@lru_cache(1 << 14)
def _village(place_name: str) -> frozenset[str]:
    """The words that only a kelurahan's or desa's own name has, out of `Banyu Biru, Kec. Air Sugihan, ...`; none for a
    name of which a word says nothing (Sungai Batang)."""
    name, _, around = place_name.partition(", ")
    words = frozenset(normalise(name).weights)
    return _NOTHING if len(words) < len(name.split()) else words.difference(normalise(around).weights)


def _frames(words: Words, category: str) -> frozenset[str]:
    """The frames that such reports can say: supplies and order are one matter to the people there, neutrality is
    another."""
    found = shipped().find(words, category == "hoax")
    if category == "hoax" or not found:
        return found
    known = shipped().frames
    return frozenset([name for name in found if known[name].neutrality == (category == "asn_neutrality")])


def _kinds(category: str, kind: str, frames: frozenset[str]) -> dict[str, int]:
    known = shipped().frames
    kinds: dict[str, int] = {}
    for name in frames:
        told = known[name].code
        kinds[told] = _TOLD
    if kind:
        kinds[kind] = _NAMED
    return kinds


def _best(kinds: dict[str, int], category: str) -> str:
    """The only kind that the frames tell."""
    return next(iter(kinds)) if len(kinds) == 1 else ""


def _digests(report: dict[str, Any]) -> frozenset[str]:
    """What proves that two reports pass on the same thing: hashes of their attachments, addresses of their links."""
    attachments = report["attachments"]
    links = _LINK.findall(report["text"]) if "/" in report["text"] else ()
    if not attachments and not links:
        return _NOTHING
    hashes = [one["sha256"][:16] for one in attachments if one.get("sha256")]
    return frozenset([*hashes[:MAX_VALUES], *(link.rstrip(".,)/").lower()[:80] for link in links[:MAX_VALUES])])


def level_of(report: dict[str, Any]) -> str:
    """How precisely a report or incident says where: a point that names no TPS stays a point, whatever village it
    falls into."""
    if report["tps"]:
        return "tps"
    if report["place_by"] == "point":
        return "point"
    return (
        "village" if report["village"] else "district" if report["district"] else "regency" if report["regency"] else ""
    )


@dataclass(slots=True)
class EventFeatures:
    """An event as its reports described it. `words`: token -> sum of weights (tenths); `reports`: how many taught
    it."""

    kind: str = ""
    guess: str = ""
    level: str = ""
    tps: str = ""
    station: int = 0
    village: str = ""
    district: str = ""
    lat: float | None = None
    lng: float | None = None
    place_m: float = 0.0
    first_at: int = 0
    last_at: int = 0
    reports: int = 0
    words: dict[str, int] = field(default_factory=dict)
    candidates: list[int] = field(default_factory=list)
    people: list[str] = field(default_factory=list)
    offices: list[str] = field(default_factory=list)
    amounts: dict[str, list[float]] = field(default_factory=dict)
    frames: dict[str, int] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    kinds_norm: float = 0.0
    home: bool = False
    about: list[str] = field(default_factory=list)
    races: list[str] = field(default_factory=list)
    named: dict[str, int] = field(default_factory=dict)
    dates: list[int] = field(default_factory=list)
    counts: list[int] = field(default_factory=list)
    digests: list[str] = field(default_factory=list)
    over_at: int = 0
    names: list[str] = field(default_factory=list)
    anew: int = 0

    def learn(self, report: ReportFeatures) -> None:
        """Take in a report that belongs to the event. Order matters, so replay in order gives the same."""
        self.first_at = min(self.first_at, report.at) if self.reports else report.at
        self.last_at = max(self.last_at, report.at) if self.reports else report.at
        self.reports += 1
        self.kind = self.kind or report.kind
        self.guess = self.kind or self.guess or report.guess
        self.station = self.station or report.station
        said = self.words
        for token, weight in report.words.weights.items():
            said[token] = said.get(token, 0) + weight
        if len(said) > MAX_WORDS:
            self.words = said = {token: said[token] for token in telling(said, MAX_WORDS)}
        if report.lat is not None and 0 < report.place_m < self.place_m:
            self.lat, self.lng, self.place_m = report.lat, report.lng, report.place_m
        # Of another election many a report speaks by the way.
        for known, new in (
            (self.candidates, report.words.candidates),
            (self.people, report.words.people),
            (self.offices, report.words.offices),
            (self.dates, report.words.dates),
            (self.counts, report.words.counts),
            (self.digests, report.digests),
            (self.races, report.races if len(report.races) == 1 or not self.races else ()),
        ):
            if new:
                _remember(known, sorted(new))
        if report.about:
            _remember(self.about, [report.about])
        for what in report.named:
            self.named[what] = self.named.get(what, 0) + 1
        self.anew += report.anew
        _count(self.frames, dict.fromkeys(report.frames, 1))
        _count(self.kinds, report.kinds)
        self.kinds_norm = _norm(self.kinds)
        if report.later:
            self.over_at = max(self.over_at, report.at)
        elif report.at > self.over_at + _STILL:
            self.over_at = 0  # it goes on after all
        for unit, values in report.words.amounts.items():
            if unit in self.amounts or len(self.amounts) < MAX_UNITS:
                _remember(self.amounts.setdefault(unit, []), values)

    def unlearn(self, report: ReportFeatures) -> None:
        """A report belongs to another event after all: its words count no more. What else it taught stays."""
        self.reports = max(1, self.reports - 1)
        for token, weight in report.words.weights.items():
            left = self.words.get(token, 0) - weight
            if left > 0:
                self.words[token] = left
            else:
                self.words.pop(token, None)

    def refines(self, report: ReportFeatures) -> bool:
        """Whether the report says more precisely where the event is."""
        if report.home:
            return False
        return _PRECISION[report.level] > _PRECISION[self.level] or (
            self.home and _PRECISION[report.level] >= _PRECISION["point"]
        )

    def place(self, report: ReportFeatures, keep_point: bool = False) -> None:
        """The event is where this report says it is; `keep_point`: but the coordinates known so far are better."""
        self.level, self.tps, self.village, self.district = report.level, report.tps, report.village, report.district
        self.home, self.names = report.home, sorted(report.names)
        if not keep_point:
            self.lat, self.lng, self.place_m = report.lat, report.lng, report.place_m

    def packed(self) -> list[Any]:
        """For the changelog; `unpacked` gives the same features back."""
        return list(_values(self))

    @classmethod
    def unpacked(cls, values: list[Any]) -> EventFeatures:
        """Earlier versions wrote fewer values: what they did not know is empty."""
        return cls(*values)


_values = attrgetter(*EventFeatures.__slots__)


def telling(words: dict[str, int], count: int) -> list[str]:
    """The words with most weight; equal ones in alphabetical order, so that two wordings choose alike."""
    return sorted(sorted(words), key=words.__getitem__, reverse=True)[:count]  # sorting is stable, in reverse too


def _norm(words: dict[str, int]) -> float:
    weights = words.values()
    return float(sum(map(mul, weights, weights)) ** 0.5)


def _remember(known: list[Any], new: list[Any]) -> None:
    for value in new:
        if value not in known and len(known) < MAX_VALUES:
            known.append(value)


def _count(known: dict[str, int], new: dict[str, int]) -> None:
    for name, times in sorted(new.items()):
        if name in known or len(known) < MAX_FRAMES:
            known[name] = known.get(name, 0) + times
