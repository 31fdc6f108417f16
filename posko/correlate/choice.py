"""From the comparisons of one report with its candidates: which incident it joins, or which links are suggested."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from posko.correlate.record import Record
from posko.matching import Comparison, ReportFeatures, RuleBook, Verdict, compare

MAX_SUGGESTED = 3


@dataclass(slots=True)
class Choice:
    """`record` is the incident joined, or None for a new one. Score and reasons are those of the best candidate."""

    record: Record | None
    score: float = 0.0
    reasons: list[dict[str, Any]] = field(default_factory=list)
    suggested: list[dict[str, Any]] = field(default_factory=list)


def choose(report: ReportFeatures, candidates: list[Record], book: RuleBook) -> Choice:
    """Join the best candidate if it is above the upper threshold and no other one is nearly as good; else suggest."""
    found: list[tuple[Record, Comparison]] = []
    own = book.rules(report.category, report.guess)
    for record in candidates:
        event = record.features
        near = report.guess != event.guess and frozenset((report.guess, event.guess)) in book.near
        rules = own if report.guess else book.rules(report.category, event.guess)
        comparison = compare(report, event, rules, near)
        if comparison is not None:
            found.append((record, comparison))
    if not found:
        return Choice(
            None, reasons=[{"what": "nothing_near", "score": 0.0, "detail": "no open incident could be the same"}]
        )
    found.sort(key=_rank)
    best, comparison = found[0]
    if comparison.verdict is Verdict.JOIN:
        rivals = _rivals(found, own.margin)
        if not rivals:
            return Choice(best, comparison.score, _told(comparison, best))
        comparison.limit = f"{rivals[0].id} fits nearly as well"
    links = [
        {"incident_id": record.id, "score": other.score, "reasons": other.reasons()}
        for record, other in found[:MAX_SUGGESTED]
        if other.verdict is not Verdict.APART
    ]
    return Choice(None, comparison.score, _told(comparison, best), links)


def _rank(item: tuple[Record, Comparison]) -> tuple[int, float, int, str]:
    """What may join before what may not; then points; among equals the incident with more reports, then by id."""
    record, comparison = item
    return (-comparison.verdict, -comparison.points, -record.features.reports, record.id)


def _rivals(found: list[tuple[Record, Comparison]], margin: float) -> list[Record]:
    """Incidents that fit nearly as well as the best: unless they are already linked to it, as perhaps the same
    event."""
    best, comparison = found[0]
    return [
        record
        for record, other in found[1:]
        if other.points > comparison.points - margin
        and other.verdict is not Verdict.APART
        and record.id not in best.links
        and best.id not in record.links
        and not (comparison.exact and not other.exact)
    ]


def _told(comparison: Comparison, record: Record) -> list[dict[str, Any]]:
    return [{"what": "compared_with", "score": comparison.score, "detail": record.id}, *comparison.reasons()]
