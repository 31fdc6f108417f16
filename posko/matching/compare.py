"""The comparison of a report with one event: points for and against from place, kind, time and words."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import inf, log2
from typing import Any, NamedTuple

from posko.matching import told
from posko.matching.contradictions import differences
from posko.matching.features import EventFeatures, ReportFeatures, telling
from posko.matching.frames import shipped
from posko.matching.rules import Rules

_REGENCY_M = 25_000  # how far apart two unrelated events of a kabupaten usually are
_FLOOR_M = 400  # no place is better known than this
_DEGREE_M = 111_320
_POINT_BEST, _POINT_WORST = 6.0, -9.0
_FAR = -4.0  # points below which a point is not in the village that its code says
_GOOD_FIX_M = 300
_FIX_BEST, _FIX_WORST = 3.0, -2.5
_MISGUESSED = 0.5  # of the points, when a kind was not named but told by the words of one person
_FULL = 1.6  # kinds and frames that agree by so much less than wholly still count in full
STILL_OVER_MS = 4 * 3_600_000  # and news that it is over is news of another event
OVER_MS = 90 * 60_000  # new trouble so long after news that it is over is rather another event
_LONG = 150  # tenths: what is said beyond that is not held against a text
_HARDLY = 5  # tenths: less than this is not one telling word
_SIZE, _SIZE_BEST = 0.35, 1.4  # what many report, the next one probably reports too
_MANY = 16  # reports that give the best
_SIZES = tuple(min(_SIZE_BEST, _SIZE * log2(max(1, reports))) for reports in range(_MANY + 1))
_ANEW, _ANEW_MS = -5.0, 30 * 60_000  # "kali ini", "masalah baru": another event than those that began before
_LATER = 0.35  # news that it is over comes later: time weighs less

_frame_of = shipped().frames
Reason = dict[str, Any]
_SAME_TPS = "TPS"
_OF_REGENCY = frozenset({"jabatan:kadis", "jabatan:sekda"})
_UNITS = {"place": told.metres, "time": told.minutes, "words": told.share}


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
    limit: str
    report: ReportFeatures
    event: EventFeatures

    @property
    def score(self) -> float:
        """The points as a probability, 0 to 1."""
        return round(1 / (1 + 2 ** -max(-30.0, min(30.0, self.points))), 3)

    def reasons(self) -> list[Reason]:
        """For people, in Indonesian: one line, each piece of evidence with its points, what limited the verdict.

        To be asked before the event learns from the report.
        """
        details = {what: self._said(what, detail) for what, _, detail in self.evidence}
        words = told.shared_words(self.report, self.event)
        line = told.summary(details["place"], words, details["time"], details.get("differs", ""))
        found: list[Reason] = [{"what": "summary", "score": 0.0, "detail": line}]
        found += [
            {"what": what, "score": round(points, 2), "detail": details[what]} for what, points, _ in self.evidence
        ]
        if self.limit:
            found.append({"what": "limit", "score": 0.0, "detail": self.limit})
        return found

    def _said(self, what: str, detail: str | float) -> str:
        if what == "kind":
            return _kinds(self.report, self.event)
        if detail == _SAME_TPS:
            return f"sama: TPS {int(self.report.tps[-3:])}"
        return detail if isinstance(detail, str) else _UNITS[what](detail)


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
    later = report.later and at >= event.first_at
    what = _kind(report, event, rules, near)
    what = what + _frames(report, event, rules, near or what < 0) if what >= 0 or not later else what * _LATER
    again = bool(event.over_at) and at > event.over_at + (STILL_OVER_MS if later else OVER_MS)
    when = max(rules.time_floor, rules.time_same - gap * (_LATER if later and not again else 1) / rules.time_half_ms)
    if again:
        when -= rules.after_over * (_LATER if later else 1)
    if _is_another(report, event):
        when += _ANEW
    size = _SIZES[min(event.reports, _MANY)]
    known = rules.start + where + fixes + what + when + size
    ceiling = known + rules.words_ceiling + rules.most_agrees
    if report.digests and not report.digests.isdisjoint(event.digests):
        ceiling += rules.same_file
    if ceiling < rules.suggest:
        return None  # whatever the words say
    return Outline(ceiling, known, where, place, fixes, what, when, gap, size)


def judge(
    report: ReportFeatures, event: EventFeatures, rules: Rules, found: Outline, near: bool, beaten: float = -inf
) -> Comparison | None:
    """The words, the contradictions and the verdict; None as `compare`, and for what is APART and has less points than
    `beaten`."""
    likeness, words = _words(report, event, rules)
    most = found.ceiling - rules.words_ceiling + words
    if most < rules.suggest and most < beaten:
        return None  # whatever the details say
    against, unlike, alike = differences(report, event, rules)
    if against:
        return None
    points = found.known + words + unlike[0] + alike[0]
    if points < rules.suggest and points < beaten:
        return None
    exact = bool(report.tps) and report.tps == event.tps and not report.kinds.keys().isdisjoint(event.kinds)
    verdict, limit = _verdict(report, event, points, exact, rules)
    evidence: tuple[tuple[str, float, str | float], ...] = (
        ("place", found.where, found.place),
        ("kind", found.what, ""),
        ("time", found.when, found.gap),
        ("words", words, likeness),
    )
    if unlike[1] or alike[1]:
        evidence = (*evidence, *(("differs", *unlike),) * bool(unlike[1]), *(("agrees", *alike),) * bool(alike[1]))
    if found.size:
        evidence = (*evidence, ("size", found.size, f"{event.reports} laporan"))
    if found.fixes:
        evidence = (*evidence[:1], ("gps", found.fixes, "dua posisi GPS yang baik"), *evidence[1:])
    return Comparison(points, verdict, exact, evidence, limit, report, event)


def _verdict(
    report: ReportFeatures, event: EventFeatures, points: float, exact: bool, rules: Rules
) -> tuple[Verdict, str]:
    if points < rules.suggest:
        return Verdict.APART, ""
    if points < rules.join:
        return Verdict.SUGGEST, ""
    if _is_another(report, event):
        return Verdict.SUGGEST, "laporan ini menyebut kejadian lain"
    enough = exact or report.frames or report.level == "tps" or not report.digests.isdisjoint(event.digests)
    if report.words.content < rules.content and not enough:
        return Verdict.SUGGEST, "teksnya terlalu sedikit"
    return Verdict.JOIN, ""


def _is_another(report: ReportFeatures, event: EventFeatures) -> bool:
    """Whether the report says itself that it is another event than one that began some time ago, and of which nobody
    says so."""
    return report.anew and not event.anew and report.at > event.first_at + _ANEW_MS


def _words(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[float, float]:
    """(weight of the words that both say, points). Each telling word counts by how many of the event's reports say it;
    a long text shares some with anything, so it has to share more."""
    said, content = event.words, report.words.content
    if not said or not content:
        return 0.0, 0.0
    shared, usual = 0, 0.0
    for token, weight in report.words.weights.items():
        times = said.get(token)
        if times is not None:
            shared += weight
            usual += (weight * times) ** 0.5
    usual /= 10 * event.reports**0.5
    points = rules.words_zero + rules.words_each * usual - rules.words_length * min(content, _LONG) / 100
    if shared < _HARDLY:
        points += rules.words_none
    if report.later and points < 0:
        return shared / 10, 0.0  # that it is over is said in other words than that it began
    return shared / 10, max(rules.words_floor, min(rules.words_ceiling, points))


def _kind(report: ReportFeatures, event: EventFeatures, rules: Rules, near: bool) -> float:
    """Points from the kinds that both name or tell: the cosine of how much each kind counts."""
    kinds, known = report.kinds, event.kinds
    if not kinds or not known:
        return rules.kind_unknown
    shared = most = 0
    for kind, times in kinds.items():
        most += times * times
        if kind in known:
            shared += times * known[kind]
    if not shared:
        if near:
            return 0.0
        return rules.kind_other if report.kind and event.kind else rules.kind_other * _MISGUESSED
    return rules.kind_same * min(1.0, _FULL * shared / (most**0.5 * event.kinds_norm))


def _frames(report: ReportFeatures, event: EventFeatures, rules: Rules, near: bool) -> float:
    """Points from what both say happened: how large a part of the event's reports says one of the report's frames."""
    frames, known = report.frames, event.frames
    if not frames or not known:
        return 0.0
    best = total = 0
    rare = 0.0
    for name in frames:
        if name in known:
            times = known[name]
            total += times
            # Of equal ones the rarest: a set has no order that another process would have too.
            best, rare = max((best, rare), (times, _frame_of[name].rare))
    if not best:
        return (0.0 if near else rules.frame_other) + _against(frames, known, rules)
    share = best / event.reports
    against = 0.0 if best == total and len(frames) == 1 else _against(frames, known, rules)
    return (
        against
        + rare * min(1.0, share)
        + rules.frame_same * min(1.0, _FULL * (0.5 * share + 0.5 * total / (len(frames) * event.reports)))
    )


def _against(frames: frozenset[str], known: dict[str, int], rules: Rules) -> float:
    """Points against, when the event says another of the frames that exclude one of the report's, and not that one."""
    for name in frames:
        others = _frame_of[name].against
        if others and name not in known and not others.isdisjoint(known) and others.isdisjoint(frames):
            return rules.frame_against
    return 0.0


def _kinds(report: ReportFeatures, event: EventFeatures) -> str:
    """The kinds of both, for people."""
    ours, theirs = sorted(report.kinds), telling(event.kinds, 2)
    if not ours or not theirs:
        return "jenis tidak jelas"
    both = [kind for kind in ours if kind in event.kinds]
    return f"jenis sama: {', '.join(both)}" if both else f"jenis {', '.join(ours)} dan {', '.join(theirs)}"


def _place(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[float, str | float]:
    """Points from place: codes where both sides are sure of them, distance against uncertainty where one is a point."""
    value = rules.place
    if rules.travels:
        return _told_there(report, event, value)
    if not report.level or not event.level:
        return value["nowhere"], "tempat tidak disebut"
    if report.tps and report.tps == event.tps:
        return value["same"], _SAME_TPS
    if report.home or event.home:
        return _near_home(report, event, value)
    one, other = report.level, event.level
    if (one == "point" and other != "regency") or (other == "point" and one != "regency"):
        points, metres = _distance(report, event)
        if report.village and report.village == event.village and points > _FAR:
            return max(points, value["village"]), "sama: kelurahan/desa"
        return points, metres
    if report.village and event.village:
        if report.village == event.village:
            if report.tps and event.tps:
                return value["other_tps"], "TPS lain di kelurahan/desa itu"
            return value["village"], "sama: kelurahan/desa"
        if _named(report, event):
            return value["named_village"], "kelurahan/desa yang disebut"
        same_district = report.district == event.district
        return value["other_village" if same_district else "other_district"], "kelurahan/desa lain"
    if report.district and event.district:
        if report.district == event.district:
            if _named(report, event):
                return value["named_village"], "kelurahan/desa yang disebut"
            return value["district"], "sama: kecamatan"
        if _metres(report, event) <= report.place_m + event.place_m:
            return value["near_district"], "kecamatan tetangga"
        return value["other_district"], "kecamatan lain"
    if rules.people and _same_head(report, event):
        return value["regency_head"], "sama: kabupaten/kota, dan jabatannya"
    return value["regency"], "sama: kabupaten/kota"


def _named(report: ReportFeatures, event: EventFeatures) -> bool:
    """Whether one side's text names the kelurahan or desa of the other: what is stranded was on its way to several."""
    ours, theirs = report.names, event.names
    return (bool(ours) and event.words.keys() >= ours) or (
        bool(theirs) and all(map(report.words.weights.__contains__, theirs))
    )


def _same_head(report: ReportFeatures, event: EventFeatures) -> bool:
    """Whether both tell of one whose office is the kabupaten's: that is as good as a place."""
    offices = report.words.offices
    return not offices.isdisjoint(_OF_REGENCY) and not offices.isdisjoint(event.offices)


def _told_there(report: ReportFeatures, event: EventFeatures, value: dict[str, float]) -> tuple[float, str]:
    """A claim is told anywhere; that both heard it at one place says a little."""
    if report.tps and report.tps == event.tps:
        return value["told_tps"], _SAME_TPS
    if report.village and report.village == event.village:
        return value["told_village"], "sama: kelurahan/desa"
    if report.district and report.district == event.district:
        return value["told_district"], "sama: kecamatan"
    return 0.0, "tempat tidak dibandingkan"


def _near_home(report: ReportFeatures, event: EventFeatures, value: dict[str, float]) -> tuple[float, str]:
    """A place that is only somebody's home says less, for and against."""
    if report.village and report.village == event.village:
        return value["home_village"], "sama: kelurahan/desa pelapor"
    if report.district and report.district == event.district:
        return value["home_district"], "sama: kecamatan pelapor"
    return (
        (value["home_other"], "jauh dari tempat pelapor")
        if report.district and event.district
        else (0.0, "tempat tidak disebut")
    )


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
