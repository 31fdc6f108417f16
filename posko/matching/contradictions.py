"""What says "not the same event" even when the words agree, and details that agree."""

from __future__ import annotations

from collections.abc import Iterable

from rapidfuzz.fuzz import token_set_ratio

from posko.matching.features import NAMED, EventFeatures, ReportFeatures
from posko.matching.frames import shipped
from posko.matching.rules import Rules
from posko.text import spoken

_SAME_NAME = 80  # of 100; spelling mistakes in names
_TOLERANCE = 0.25  # of an amount: people estimate
_CROWD_TOLERANCE = 0.6  # of people in a crowd
_MINUTE_MS = 60_000
_SLACK_MIN = 45
_CLOCK_MIN = 40  # minutes between clock times of a claim that are one
_OPENING_HOURS = frozenset({7 * 60, 60})  # 07.00 and 13.00, in minutes since midnight or noon
_SELDOM, _MOSTLY = 0.15, 0.4  # shares of an event's reports
_PLACE = NAMED[2]
_HEADS = frozenset({"jabatan:kades", "jabatan:lurah"})
_EXACT = 0.1  # of a count that two people both counted
Points = tuple[float, str]
_NONE: Points = (0.0, "")


def differences(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[str, Points, Points]:
    """What makes them two events whatever else agrees ("" for nothing), points against, points for, each with what it
    is. Only what both sides name counts."""
    said = report.words
    against, points = [], 0.0
    if report.station and event.station and report.station != event.station:
        other = f"TPS berbeda: {report.station} dan {event.station}"
        if rules.station_bound or (rules.travels and report.village and report.village == event.village):
            return other, _NONE, _NONE
        if not rules.travels:
            against.append(other)
            points += rules.station_other
    keys = _keys(report, event)
    if said.candidates and event.candidates and said.candidates.isdisjoint(event.candidates):
        other = f"paslon berbeda: {_listed(said.candidates)} dan {_listed(event.candidates)}"
        if "candidate" in keys or rules.travels or rules.people:
            return other, _NONE, _NONE
        against.append(other)
        points += rules.candidate_other
    if report.races and event.races and report.races.isdisjoint(event.races):
        other = f"pemilihan lain: {_shown(report.races)} dan {_shown(event.races)}"
        if not rules.travels:
            return other, _NONE, _NONE
        against.append(other)
        points += rules.race_other
    if rules.people:
        if said.people and event.people and not _same_person(said.people, event.people):
            return "orang berbeda", _NONE, _NONE
        if said.offices and event.offices and not _same_office(said.offices, event.offices):
            return f"jabatan berbeda: {_shown(said.offices)} dan {_shown(event.offices)}", _NONE, _NONE
    if rules.travels:
        if other := _other_claim(report, event, keys):
            return other, _NONE, _NONE
        points += _half_said(report, event, rules, against)
    agrees = _NONE
    for unit, values in said.amounts.items():
        known = event.amounts.get(unit)
        if known and unit in _UNITS and not _same_amount(unit, values, known, report, event):
            against.append(f"jumlah berbeda ({spoken(unit)}): {_listed(values)} dan {_listed(known)}")
            points += rules.amount_other
            break
    if (said.counts and event.counts and _same_count(said.counts, event.counts)) or (
        rules.travels and _same_hour(said.amounts.get("pukul"), event.amounts.get("pukul"))
    ):
        agrees = (rules.amount_same, f"angka sama: {_listed(said.counts or said.amounts['pukul'])}")
    if rules.travels or rules.people:
        agrees = _same_subject(report, event, rules, agrees)
    if report.digests and not report.digests.isdisjoint(event.digests):
        agrees = (agrees[0] + rules.same_file, ", ".join(filter(None, ("foto atau tautan sama", agrees[1]))))
    return "", (points, ", ".join(against)), agrees


def _same_subject(report: ReportFeatures, event: EventFeatures, rules: Rules, agrees: Points) -> Points:
    """Points for the same candidate, the same office, the same kabupaten/kota that a claim is about."""
    said, points, both = report.words, *agrees
    if said.candidates and not said.candidates.isdisjoint(event.candidates):
        points, both = points + rules.candidate_same, _and(both, "paslon sama")
    if rules.people and said.offices and not said.offices.isdisjoint(event.offices):
        points, both = points + rules.office_same, _and(both, "jabatan sama")
    if rules.travels and said.dates and event.dates:
        points, both = points + rules.date_same, _and(both, "tanggal sama")
    if report.about and report.about in event.about:
        points, both = points + rules.about_same, _and(both, "tentang kabupaten/kota yang sama")
    return points, both


def _half_said(report: ReportFeatures, event: EventFeatures, rules: Rules, against: list[str]) -> float:
    """Points against two claims of which only one names a candidate, a day or a kabupaten/kota; what is against is
    added."""
    points, reports = 0.0, event.reports
    for what, less in zip(NAMED, rules.half_said, strict=True):
        if not less:
            continue
        known = event.named.get(what, 0)
        if known < _SELDOM * reports if what in report.named else known > _MOSTLY * reports:
            if what == _PLACE and report.regency in event.about:
                continue  # told where it is about
            points += less
            against.append(f"hanya satu menyebut {what}")
    return points


def _and(one: str, other: str) -> str:
    return f"{one}, {other}" if one else other


def exclude(one: EventFeatures, other: EventFeatures, station: bool = True) -> bool:
    """Whether two events can hardly be one: other TPS (`station`: where these tell), candidates, dates, or another of
    exclusive frames."""
    if station and one.tps and other.tps and one.tps != other.tps:
        return True
    for ours, theirs in ((one.candidates, other.candidates), (one.dates, other.dates)):
        if ours and theirs and not set(ours) & set(theirs):
            return True
    frames = shipped().frames
    return any(not frames[name].against.isdisjoint(other.frames) and name not in other.frames for name in one.frames)


def _same_count(counts: frozenset[int], known: list[int]) -> bool:
    return any(abs(a - b) <= _EXACT * max(a, b) for a in counts for b in known)


def _same_hour(said: list[float] | None, known: list[float] | None) -> bool:
    """Whether both name one clock time, another than those at which every TPS opens and closes."""
    return bool(said and known) and not set(_unusual(said)).isdisjoint(_unusual(known))


_UNITS = frozenset({"menit", "rp", "lembar", "surat_suara"})


def _keys(report: ReportFeatures, event: EventFeatures) -> set[str]:
    """What tells events of their common frames apart."""
    frames = shipped().frames
    return {key for name in report.frames if name in event.frames for key in frames[name].keys}


def _other_claim(report: ReportFeatures, event: EventFeatures, keys: set[str]) -> str:
    """Another date, kabupaten or sum of money than the claim has, or another hour, where that tells claims apart."""
    said = report.words
    if said.dates and event.dates and not any(_same_date(a, b) for a in said.dates for b in event.dates):
        return f"tanggal berbeda: {_days(said.dates)} dan {_days(event.dates)}"
    if report.about and report.about not in event.about and event.named.get(_PLACE, 0) > _SELDOM * event.reports:
        return f"tentang kabupaten/kota lain: {report.about} dan {_listed(event.about)}"
    hours = _unusual(said.amounts.get("pukul")), _unusual(event.amounts.get("pukul"))
    if "clock" in keys and _apart(*hours, _CLOCK_MIN):
        return f"pukul berbeda: {_listed(hours[0])} dan {_listed(hours[1])}"
    sums = said.amounts.get("rp", []), event.amounts.get("rp", [])
    if _apart(*sums, 1.0):
        return f"uang berbeda: {_listed(sums[0])} dan {_listed(sums[1])}"
    return ""


def _apart(values: list[float], known: list[float], slack: float) -> bool:
    """Whether both name something, and nothing that is the same within `slack`."""
    return bool(values and known) and not any(abs(a - b) <= slack for a in values for b in known)


def _unusual(clocks: list[float] | None) -> list[float]:
    """Without the hours at which every TPS opens and closes: those are said of any claim."""
    return [minute for minute in clocks or () if minute not in _OPENING_HOURS]


def _same_date(one: int, other: int) -> bool:
    """The same day; a month that one leaves out agrees with any."""
    return one // 100 == other // 100 and (one == other or not one % 100 or not other % 100)


def _same_person(one: frozenset[str], other: list[str]) -> bool:
    return any(token_set_ratio(a, b) >= _SAME_NAME for a in one for b in other)


def _same_office(one: frozenset[str], other: list[str]) -> bool:
    """Who heads a desa is called lurah as well, and who heads a kelurahan kades."""
    return not one.isdisjoint(other) or not (_HEADS.isdisjoint(one) or _HEADS.isdisjoint(other))


def _same_amount(
    unit: str, values: list[float], known: list[float], report: ReportFeatures, event: EventFeatures
) -> bool:
    """Within a quarter of each other. A duration also agrees when it grew by the time that passed between the
    reports."""
    passed = max(abs(report.at - event.first_at), abs(report.at - event.last_at)) / _MINUTE_MS if unit == "menit" else 0
    tolerance = _CROWD_TOLERANCE if unit == "orang" else _TOLERANCE
    for a in values:
        for b in known:
            gap = abs(a - b)
            if gap <= tolerance * max(a, b) or (unit == "menit" and passed and gap <= passed + min(_SLACK_MIN, a, b)):
                return True
    return False


def _listed(values: object) -> str:
    return ", ".join(f"{value:g}" if isinstance(value, float) else str(value) for value in sorted(values))  # type: ignore[call-overload]


def _shown(offices: Iterable[str]) -> str:
    return ", ".join(sorted(spoken(office) for office in offices))


def _days(dates: Iterable[int]) -> str:
    """`4/12`; `4` for a day whose month is not said."""
    return ", ".join(f"{when // 100}/{when % 100}".removesuffix("/0") for when in sorted(dates))
