"""An evaluation as people read it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from posko.evaluate.counts import Score
from posko.evaluate.measure import Evaluation, Figures
from posko.evaluate.mistakes import Mistake
from posko.evaluate.run import Run
from posko.evaluate.traps import by_why

HEAD = f"{'':<34}{'pairwise':^22}{'B-cubed':^22}{'wrong':>10}"
NAMES = f"{'':<34}{'P':>6} {'R':>6} {'F1':>6}  {'P':>6} {'R':>6} {'F1':>6}  {'merges':>10}"
WIDTH = 160  # of a quoted text


def figures(evaluation: Evaluation, run: Run) -> Iterator[str]:
    """The figures, line by line."""
    yield (
        f"{evaluation.judged} reports of {evaluation.events} events in {evaluation.ours.groups} incidents; "
        f"{len(run.refused)} rejected, {run.resent} sent again, {evaluation.unjudged} without an event in the truth"
    )
    if evaluation.absent:
        yield f"{len(evaluation.absent)} reports of the truth are not in the file, first {evaluation.absent[0]}"
    yield ""
    yield HEAD
    yield NAMES
    for one in (evaluation.ours, *evaluation.others):
        yield f"{one.name:<34}{_score(one.pairs)} {_score(one.bcubed)}  {_traps(one)}"
    yield ""
    for name, part in evaluation.parts.items():
        label = f"{name} ({part.reports} of {part.events})"
        yield f"{label:<34}{_score(part.pairs)} {_score(part.bcubed)}"
    yield ""
    sprung = evaluation.ours.traps
    yield f"traps: {len(sprung.wrong)} of {sprung.traps} wrongly merged ({sprung.share:.1%}); "
    yield f"in pairs of reports {sprung.wrong_pairs} of {sprung.pairs}"
    for why, number in by_why(sprung.wrong).most_common():
        yield f"  {number:>4}  {why}"
    if run.refused:
        yield ""
        yield "rejected:"
    for refused in run.refused:
        name = refused.report_id or "without id"
        yield f"  line {refused.line}, {name}: {refused.reason} {refused.field}: {refused.detail}"


def _score(score: Score) -> str:
    return f"{score.precision:>6.3f} {score.recall:>6.3f} {score.f1:>6.3f} "


def _traps(one: Figures) -> str:
    return f"{len(one.traps.wrong):>4}/{one.traps.traps}"


def mistake(one: Mistake, timezone: ZoneInfo) -> Iterator[str]:
    """One mistake: both reports, and the reasons of the decision."""
    yield ""
    if one.what == "merge":
        yield f"WRONG MERGE of {one.event} with {one.other}, {one.pairs} pairs, in {one.report['incident_id']}"
    else:
        yield f"SPLIT of {one.event}, {one.pairs} pairs: {one.report['incident_id']} beside {one.other}"
    yield f"   first {_report(one.met, timezone)}"
    yield f"    then {_report(one.report, timezone)}"
    yield f"         {one.report['match']}, score {one.report['score']:.2f}"
    for reason in one.report["reasons"]:
        yield f"           {reason['what']}: {reason['detail']} ({reason['score']:+.2f})"


def _report(message: Mapping[str, Any], timezone: ZoneInfo) -> str:
    at = message["reported_at"] if message["occurred_at"] is None else message["occurred_at"]
    time = datetime.fromtimestamp(at / 1000, UTC).astimezone(timezone)
    text = " ".join(message["text"].split())
    if len(text) > WIDTH:
        text = text[:WIDTH] + "…"
    place = message["place_name"] or "no place"
    kind = f"/{message['kind']}" if message["kind"] else ""
    return f"{time:%H:%M} {message['category']}{kind} {message['role']}, {place} ({message['place_by'] or '-'}): {text}"
