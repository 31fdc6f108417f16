"""The figures of one evaluation: measures overall and by category, traps, baselines."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from posko.evaluate import baselines
from posko.evaluate.bcubed import bcubed
from posko.evaluate.counts import Score, counts
from posko.evaluate.pairs import pairwise
from posko.evaluate.run import Run
from posko.evaluate.traps import Sprung, Trap, sprung
from posko.evaluate.truth import Truth

UNKNOWN = "(rejected)"  # the category of an event of which no report was accepted


@dataclass(frozen=True, slots=True)
class Figures:
    """How well one way of putting together agrees with the truth. `groups`: how many it made of the judged reports."""

    name: str
    groups: int
    pairs: Score
    bcubed: Score
    traps: Sprung


@dataclass(frozen=True, slots=True)
class Part:
    """One category: the reports of events that are mostly of it, wherever they were put."""

    reports: int
    events: int
    pairs: Score
    bcubed: Score


@dataclass(frozen=True, slots=True)
class Evaluation:
    """`judged`: reports with an event in the truth; `absent`: those of them that the file does not have."""

    judged: int
    events: int
    unjudged: int
    absent: list[str]
    ours: Figures
    others: list[Figures]
    parts: dict[str, Part]


def evaluate(truth: Truth, run: Run, traps: Sequence[Trap], compare: bool = True) -> Evaluation:
    """Measure a run against the truth; `compare`: the baselines as well, on the reports that intake accepted.

    A judged report that was rejected stands alone. One that is not in the file is left out and named in `absent`.
    """
    arrived = run.matched.keys() | {refused.report_id for refused in run.refused}
    event_of = {report: event for report, event in truth.event_of.items() if report in arrived}
    messages = [message for report, message in run.matched.items() if report in event_of]
    others = baselines.ALL if compare else {}
    return Evaluation(
        judged=len(event_of),
        events=len(set(event_of.values())),
        unjudged=len(run.matched.keys() - event_of.keys()),
        absent=sorted(truth.event_of.keys() - arrived),
        ours=_figures("posko", event_of, run.incidents(), traps),
        others=[_figures(name, event_of, group(messages), traps) for name, group in others.items()],
        parts=_parts(event_of, run),
    )


def _figures(name: str, event_of: Mapping[str, str], found: Mapping[str, str], traps: Sequence[Trap]) -> Figures:
    counted = counts(event_of, found)
    groups = len({found.get(report, report) for report in event_of})
    return Figures(name, groups, pairwise(counted.values()), bcubed(counted.values()), sprung(traps, found))


def _parts(event_of: Mapping[str, str], run: Run) -> dict[str, Part]:
    """The measures by category. An event has the category that most of its reports say (of equals the first)."""
    said: dict[str, Counter[str]] = defaultdict(Counter)
    for report, message in run.matched.items():
        if report in event_of:
            said[event_of[report]][message["category"]] += 1
    category_of = {event: votes.most_common(1)[0][0] for event, votes in said.items()}
    counted = counts(event_of, run.incidents())
    inside: dict[str, list[str]] = defaultdict(list)
    for report, event in event_of.items():
        inside[category_of.get(event, UNKNOWN)].append(report)
    return {
        category: Part(
            len(reports),
            len({event_of[report] for report in reports}),
            pairwise(counted[report] for report in reports),
            bcubed(counted[report] for report in reports),
        )
        for category, reports in sorted(inside.items())
    }


def plain(evaluation: Evaluation, run: Run) -> dict[str, Any]:
    """The figures as plain data for JSON; shares with four digits."""
    return {
        "reports": evaluation.judged,
        "events": evaluation.events,
        "unjudged": evaluation.unjudged,
        "absent": evaluation.absent,
        "resent": run.resent,
        "rejected": [refused._asdict() for refused in run.refused],
        "posko": _plain(evaluation.ours),
        "baselines": {figures.name: _plain(figures) for figures in evaluation.others},
        "categories": {
            name: {"reports": part.reports, "events": part.events, **_scores(part.pairs, part.bcubed)}
            for name, part in evaluation.parts.items()
        },
    }


def _plain(figures: Figures) -> dict[str, Any]:
    traps = figures.traps
    return {
        "incidents": figures.groups,
        **_scores(figures.pairs, figures.bcubed),
        "traps": {
            "pairs": traps.traps,
            "wrong_merges": len(traps.wrong),
            "share": round(traps.share, 4),
            "report_pairs": traps.pairs,
            "wrong_report_pairs": traps.wrong_pairs,
        },
    }


def _scores(pairs: Score, bcubed: Score) -> dict[str, Any]:
    return {
        "pairwise": {name: round(value, 4) for name, value in pairs._asdict().items()},
        "bcubed": {name: round(value, 4) for name, value in bcubed._asdict().items()},
    }
