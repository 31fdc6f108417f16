"""What says "not the same event" even when the words agree."""

from __future__ import annotations

from rapidfuzz.fuzz import token_set_ratio

from posko.matching.features import EventFeatures, ReportFeatures
from posko.matching.rules import Rules

NEVER, SUGGEST_ONLY = "never", "suggest"
_SAME_NAME = 80  # of 100; spelling mistakes in names
_TOLERANCE = 0.25  # of an amount: people estimate
_CROWD_TOLERANCE = 0.6  # of people in a crowd
_MINUTE_MS = 60_000
_SLACK_MIN = 45


def contradiction(report: ReportFeatures, event: EventFeatures, rules: Rules) -> tuple[str, str] | None:
    """(NEVER or SUGGEST_ONLY, what differs), or None. Only what both sides name can contradict."""
    said = report.words
    if report.tps and event.tps and report.tps != event.tps and not rules.travels:
        how = NEVER if rules.station_bound else SUGGEST_ONLY
        return how, f"different TPS: {report.tps} and {event.tps}"
    if report.station and event.station and report.station != event.station and not rules.travels:
        how = NEVER if rules.station_bound else SUGGEST_ONLY
        return how, f"different TPS: {report.station} and {event.station}"
    if said.candidates and event.candidates and said.candidates.isdisjoint(event.candidates):
        return NEVER, f"different candidates: {_listed(said.candidates)} and {_listed(event.candidates)}"
    if rules.people and said.people and event.people and not _same_person(said.people, event.people):
        return NEVER, "different persons"
    if rules.people and said.offices and event.offices and said.offices.isdisjoint(event.offices):
        return NEVER, f"different offices: {_listed(said.offices)} and {_listed(event.offices)}"
    for unit, values in said.amounts.items():
        known = event.amounts.get(unit)
        if known and not _same_amount(unit, values, known, report, event):
            return SUGGEST_ONLY, f"different amounts ({unit}): {_listed(values)} and {_listed(known)}"
    return None


def _same_person(one: frozenset[str], other: list[str]) -> bool:
    return any(token_set_ratio(a, b) >= _SAME_NAME for a in one for b in other)


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
