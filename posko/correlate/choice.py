"""From the comparisons of one report with its candidates: which incident it joins, or which links are suggested."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from math import inf
from typing import Any, NamedTuple

from posko.correlate.record import Record
from posko.matching import Comparison, Outline, ReportFeatures, RuleBook, Rules, Verdict, exclude, judge, outline

MAX_SUGGESTED = 3
Links = Callable[[Record], frozenset[str]]  # the incidents that are perhaps, or for certain, the same event


@dataclass(slots=True)
class Choice:
    """`record` is the incident joined, or None for a new one. Score and reasons are those of the best candidate."""

    record: Record | None
    score: float = 0.0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    suggested: list[dict[str, Any]] = field(default_factory=list)


class _Near(NamedTuple):
    """A candidate that the words may make the same event."""

    outline: Outline
    record: Record
    rules: Rules
    near: bool


def choose(report: ReportFeatures, candidates: list[Record], book: RuleBook, links: Links) -> Choice:
    """Join the best candidate if it is above the upper threshold and no other one is nearly as good; else suggest.

    The most promising are compared first. Once one may join, those that cannot come near it whatever the words say are
    only looked at when they could be suggested.
    """
    own = book.rules(report.category, report.guess)
    found, rest = _compared(report, _promising(report, candidates, book, own), own.margin)
    if not found:
        return Choice(
            None, reasons=[{"what": "nothing_near", "score": 0.0, "detail": "tidak ada insiden terbuka yang cocok"}]
        )
    found.sort(key=_rank)
    best, comparison = found[0]
    if comparison.verdict is Verdict.JOIN:
        rivals = _rivals(found, own, links)
        if not rivals:
            return Choice(best, comparison.score, _told(comparison, best))
        comparison.limit = f"{rivals[0].id} hampir sama cocok"
        found += _compared(report, rest, inf)[0]
        found.sort(key=_rank)
    suggested = [
        {"incident_id": record.id, "score": other.score, "reasons": other.reasons()}
        for record, other in found[:MAX_SUGGESTED]
        if other.verdict is not Verdict.APART
    ]
    return Choice(None, comparison.score, _told(comparison, best), suggested)


def _promising(report: ReportFeatures, candidates: list[Record], book: RuleBook, own: Rules) -> list[_Near]:
    """The candidates that the words may make the same event, those that can have most points first."""
    found = []
    guess, rules = report.guess, own
    for record in candidates:
        event = record.features
        if not guess:
            rules = book.rules(report.category, event.guess)
        near = event.guess != guess and frozenset((guess, event.guess)) in book.near
        sketch = outline(report, event, rules, near)
        if sketch is not None:
            found.append(_Near(sketch, record, rules, near))
    if len(found) > 1:
        found.sort(key=_ceiling, reverse=True)
    return found


def _ceiling(one: _Near) -> float:
    return one.outline.ceiling


def _compared(
    report: ReportFeatures, promising: list[_Near], margin: float
) -> tuple[list[tuple[Record, Comparison]], list[_Near]]:
    """The comparisons that can matter, and those left out because none can come within `margin` of one that may
    join."""
    found: list[tuple[Record, Comparison]] = []
    most = joins = -inf
    for at, (sketch, record, rules, near) in enumerate(promising):
        if sketch.ceiling < joins - margin:
            return found, promising[at:]
        comparison = judge(report, record.features, rules, sketch, near, most)
        if comparison is not None:
            found.append((record, comparison))
            most = max(most, comparison.points)
            if comparison.verdict is Verdict.JOIN:
                joins = max(joins, comparison.points)
    return found, []


def _rank(item: tuple[Record, Comparison]) -> tuple[int, float, int, str]:
    """What may join before what may not; then points; among equals the incident with more reports, then by id."""
    record, comparison = item
    return (-comparison.verdict, -comparison.points, -record.features.reports, record.id)


def _rivals(found: list[tuple[Record, Comparison]], own: Rules, links: Links) -> list[Record]:
    """Incidents that fit nearly as well as the best and cannot be the same event as it: unless they are already linked
    to it. Two that may be one event are no choice that a person has to make for this report."""
    best, comparison = found[0]
    return [
        record
        for record, other in found[1:]
        if other.points > comparison.points - own.margin
        and other.verdict is not Verdict.APART
        and not (comparison.exact and not other.exact)
        and exclude(best.features, record.features, own.station_tells)
        and record.id not in links(best)
        and best.id not in links(record)
    ]


def _told(comparison: Comparison, record: Record) -> list[dict[str, Any]]:
    return [{"what": "compared_with", "score": comparison.score, "detail": record.id}, *comparison.reasons()]
