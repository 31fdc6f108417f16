"""The comparison of a report with one event: points for and against from place, kind, time and words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import inf, log2
from typing import Any, NamedTuple

from posko.matching.contradictions import NEVER, contradiction
from posko.matching.features import EventFeatures, ReportFeatures
from posko.matching.rules import Rules

_REGENCY_M = 25_000  # how far apart two unrelated events of a kabupaten usually are
_FLOOR_M = 400  # no place is better known than this
_DEGREE_M = 111_320
_POINT_BEST, _POINT_WORST = 6.0, -9.0
_GOOD_FIX_M = 300
_FIX_BEST, _FIX_WORST = 3.0, -2.5
_GUESSED = 0.6  # of the points, when a kind was not named but told by the words
_MISGUESSED = 0.2  # the words of one person often point elsewhere
_SIZE, _SIZE_BEST = 0.35, 1.4  # what many report, the next one probably reports too
_MANY = 16  # reports that give the best
_SIZES = tuple(min(_SIZE_BEST, _SIZE * log2(max(1, reports))) for reports in range(_MANY + 1))
_LATER = 0.35  # news that it is over comes later: time weighs less

Reason = dict[str, Any]
_UNITS = {
    "place": lambda metres: f"{metres / 1000:.1f} km apart",
    "time": lambda ms: f"{ms / 60_000:.0f} min apart",
    "words": lambda likeness: f"{likeness:.0%} alike",
}


class Verdict(IntEnum):
    APART, SUGGEST, JOIN = 0, 1, 2


@dataclass(slots=True)
class Comparison:
    """Points (log2 odds that it is the same event), the verdict, and the evidence behind it."""

    points: float
    verdict: Verdict
    exact: bool  # the same TPS and the same kind
    evidence: tuple[
        tuple[str, float, str | float], ...
    ]  # what, points, detail: time in ms, distance in m, likeness 0 to 1
    limit: str = ""

    @property
    def score(self) -> float:
        """The points as a probability, 0 to 1."""
        return round(1 / (1 + 2 ** -max(-30.0, min(30.0, self.points))), 3)

    def reasons(self) -> list[Reason]:
        """For people: each piece of evidence with its points, and what limited the verdict."""
        found = [
            {
                "what": what,
                "score": round(points, 2),
                "detail": detail if isinstance(detail, str) else _UNITS[what](detail),
            }
            for what, points, detail in self.evidence
        ]
        if self.limit:
            found.append({"what": "limit", "score": 0.0, "detail": self.limit})
        return found


class Outline(NamedTuple):
    """The points of everything but the words: enough to say how good a comparison can be at most (`ceiling`)."""

    ceiling: float
    known: float
    where: float
    place: str | float
    fixes: float
    what: float
    when: float
    gap: int
    size: float


def compare(report: ReportFeatures, event: EventFeatures, rules: Rules, near: bool = False) -> Comparison | None:
    """The comparison, or None when it cannot be the same event: too far apart, contradicting, whatever the words say.

    `near`: their kinds are often mixed up (RuleBook.near).
    """
    found = outline(report, event, rules, near)
    return None if found is None else judge(report, event, rules, found, near)


def outline(report: ReportFeatures, event: EventFeatures, rules: Rules, near: bool = False) -> Outline | None:
    """All but the words, or None when these cannot make it the same event."""
    at = report.at
    gap = event.first_at - at if at < event.first_at else max(0, at - event.last_at)
    if gap > rules.window_ms:
        return None
    if rules.station_bound and report.tps and event.tps and report.tps != event.tps:
        return None  # the commonest contradiction, before anything else is computed
    where, place = _place(report, event, rules)
    if where <= _POINT_WORST:
        return None
    fixes = _fixes(report, event, rules)
    what = _kind(report, event, rules, near)
    later = report.later and at > event.last_at
    when = max(rules.time_floor, rules.time_same - gap * (_LATER if later else 1) / rules.time_half_ms)
    size = _SIZES[min(event.reports, _MANY)]
    known = rules.start + where + fixes + what + when + size
    ceiling = known + rules.words_ceiling
    if ceiling < rules.suggest:
        return None  # whatever the words say
    return Outline(ceiling, known, where, place, fixes, what, when, gap, size)


def judge(
    report: ReportFeatures, event: EventFeatures, rules: Rules, found: Outline, near: bool, beaten: float = -inf
) -> Comparison | None:
    """The words, the contradictions and the verdict; None as `compare`, and for what is APART and has less points than
    `beaten`."""
    likeness, words = _words(report, event, rules)
    points = found.known + words
    if points < rules.suggest and points < beaten:
        return None
    against = contradiction(report, event, rules)
    if against and against[0] == NEVER:
        return None
    exact = bool(report.tps) and report.tps == event.tps and bool(report.kind) and report.kind == event.kind
    verdict, limit = _verdict(report, points, exact, against[1] if against else "", rules)
    evidence: tuple[tuple[str, float, str | float], ...] = (
        ("place", found.where, found.place),
        ("kind", found.what, _kinds(report, event, near)),
        ("time", found.when, found.gap),
        ("words", words, likeness),
    )
    if found.size:
        evidence = (*evidence, ("size", found.size, f"{event.reports} reports"))
    if found.fixes:
        evidence = (*evidence[:1], ("gps", found.fixes, "two good fixes"), *evidence[1:])
    return Comparison(points, verdict, exact, evidence, limit)


def _verdict(report: ReportFeatures, points: float, exact: bool, against: str, rules: Rules) -> tuple[Verdict, str]:
    if points < rules.suggest:
        return Verdict.APART, ""
    if points < rules.join:
        return Verdict.SUGGEST, ""
    if against and not (exact and not against.startswith("different TPS")):
        return Verdict.SUGGEST, against
    if report.words.content < rules.content and not exact:
        return Verdict.SUGGEST, "the text says too little"
    return Verdict.JOIN, ""


def _words(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[float, float]:
    """(likeness 0 to 1, points). Likeness is the cosine between what the report says and what the event's reports
    said."""
    if not report.norm or not event.norm:
        return 0.0, 0.0
    said = event.words
    shared = sum([weight * said[token] for token, weight in report.words.weights.items() if token in said])
    likeness = shared / (report.norm * event.norm)
    points = (likeness - rules.words_zero) * rules.words_slope
    return likeness, max(rules.words_floor, min(rules.words_ceiling, points))


def _kind(report: ReportFeatures, event: EventFeatures, rules: Rules, near: bool) -> float:
    if report.kind and event.kind:
        return rules.kind_same if report.kind == event.kind else 0.0 if near else rules.kind_other
    if not report.guess or not event.guess:
        return 0.0
    if report.guess == event.guess:
        return rules.kind_same * _GUESSED
    return 0.0 if near else rules.kind_other * _MISGUESSED


def _kinds(report: ReportFeatures, event: EventFeatures, near: bool) -> str:
    """The kinds of both, for people."""
    if report.kind and event.kind:
        if report.kind == event.kind:
            return report.kind
        return f"{report.kind} and {event.kind}{', often mixed up' if near else ''}"
    if not report.guess or not event.guess:
        return "not given"
    both = report.guess if report.guess == event.guess else f"{report.guess} and {event.guess}"
    return f"{both}, by the words"


def _place(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[float, str | float]:
    """Points from place: codes where both sides are sure of them, distance against uncertainty where one is a point."""
    value = rules.place
    if rules.travels or not report.level or not event.level:
        return 0.0, "not compared" if rules.travels else "not given"
    if report.tps and report.tps == event.tps:
        return value["same"], "same TPS"
    one, other = report.level, event.level
    if (one == "point" and other != "regency") or (other == "point" and one != "regency"):
        return _distance(report, event)
    if report.village and event.village:
        if report.village == event.village:
            return value["village"], "same village"
        same_district = report.district == event.district
        return value["other_village" if same_district else "other_district"], "different villages"
    if report.district and event.district:
        if report.district == event.district:
            return value["district"], "same kecamatan"
        if _metres(report, event) <= report.place_m + event.place_m:
            return value["near_district"], "neighbouring kecamatan"
        return value["other_district"], "different kecamatan"
    return value["regency"], "same kabupaten/kota"


def _distance(report: ReportFeatures, event: EventFeatures) -> tuple[float, float]:
    """log2 of how much likelier this distance is for one place (normal errors of both) than for two places of a
    kabupaten."""
    metres = _metres(report, event)
    spread = (report.place_m**2 + event.place_m**2) / 2 + _FLOOR_M**2
    points = log2(_REGENCY_M**2 / spread) - 1.4427 * metres**2 / (2 * spread)
    return max(_POINT_WORST, min(_POINT_BEST, points)), metres


def _fixes(report: ReportFeatures, event: EventFeatures, rules: Rules) -> float:
    """More points when both sides have a good fix besides their codes: near each other for, apart against."""
    if rules.travels or not 0 < report.place_m <= _GOOD_FIX_M or not 0 < event.place_m <= _GOOD_FIX_M:
        return 0.0
    if "point" in (report.level, event.level):
        return 0.0  # the place is already told by the distance
    far = _metres(report, event) / _FLOOR_M
    return max(_FIX_WORST, min(_FIX_BEST, _FIX_BEST - 0.7213 * far * far))


def _metres(report: ReportFeatures, event: EventFeatures) -> float:
    """Distance on a plane, good to a percent within a province; far when a side has no coordinates."""
    if report.lat is None or report.lng is None or event.lat is None or event.lng is None:
        return 1e6
    north = (report.lat - event.lat) * _DEGREE_M
    east = (report.lng - event.lng) * _DEGREE_M * report.shrink
    return float((north * north + east * east) ** 0.5)
