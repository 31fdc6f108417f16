"""Trap pairs: reports or events that look alike and are not the same; how many were put together all the same."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations, product
from pathlib import Path
from typing import Any

from rapidfuzz import fuzz

from posko.evaluate.baselines import plain
from posko.evaluate.errors import EvaluationError
from posko.evaluate.reading import first, rows
from posko.evaluate.truth import Truth

REPORTS = (("report_a", "report_1", "report_id_a", "id_a"), ("report_b", "report_2", "report_id_b", "id_b"))
EVENTS = (("event_a", "event_1", "event_id_a", "incident_a"), ("event_b", "event_2", "event_id_b", "incident_b"))
EITHER = (("a", "left"), ("b", "right"))
WHY = ("why", "reason", "trap", "kind", "type")
YES, NO_MARK = {"1", "yes", "true", "x", "trap"}, {"0", "no", "false", "none", "-"}
HOURS = 6
LIKE = 70.0  # token_set_ratio of two texts that are taken for a trap when nobody listed any


@dataclass(frozen=True, slots=True)
class Trap:
    """Two groups of reports that must not meet: mostly one report each, or all reports of two events."""

    left: tuple[str, ...]
    right: tuple[str, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Sprung:
    """`wrong`: the traps in which any report of one side is in an incident with any of the other.

    `pairs`, `wrong_pairs`: the same counted in pairs of reports.
    """

    traps: int
    wrong: list[Trap]
    pairs: int
    wrong_pairs: int

    @property
    def share(self) -> float:
        return len(self.wrong) / self.traps if self.traps else 0.0


def load(path: Path, truth: Truth) -> list[Trap]:
    """Read trap pairs, CSV or JSON lines: two reports (or two events) and why. Raises EvaluationError."""
    members = _members(truth)
    found = []
    for where, row in rows(path):
        why = first(row, WHY)
        sides = []
        for reports, events, either in zip(REPORTS, EVENTS, EITHER, strict=True):
            name = first(row, (*reports, *events, *either))
            known = (name.lower(),) if name.lower() in truth.event_of else members.get(name)
            if not known:
                raise EvaluationError(
                    f"{where}: {name!r} is neither a report nor an event of the truth; expected columns "
                    f"{reports[0]} and {events[0]}, and the other side's"
                )
            sides.append(known)
        left, right = sides
        if truth.event_of[left[0]] == truth.event_of[right[0]]:
            raise EvaluationError(
                f"{where}: both sides are about {truth.event_of[left[0]]}; a trap is about two events"
            )
        found.append(Trap(left, right, why))
    return found


def unlisted(truth: Truth, messages: Mapping[str, Mapping[str, Any]]) -> list[Trap]:
    """Trap pairs when no file lists them: by the truth's own marks if it has any, else `derived`.

    Reports with the same mark look alike. A mark that only says yes is no group: then those of `derived` count that
    have at least one report so marked.
    """
    marked = {
        report: mark for report, mark in truth.trap.items() if report in truth.event_of and mark.lower() not in NO_MARK
    }
    if not marked:
        return derived(truth, messages)
    if all(mark.lower() in YES for mark in marked.values()):
        return [trap for trap in derived(truth, messages) if trap.left[0] in marked or trap.right[0] in marked]
    groups: dict[str, list[str]] = defaultdict(list)
    for report, mark in marked.items():
        groups[mark].append(report)
    return [
        Trap((one,), (other,), mark)
        for mark, reports in sorted(groups.items())
        for one, other in combinations(reports, 2)
        if truth.event_of[one] != truth.event_of[other]
    ]


def derived(truth: Truth, messages: Mapping[str, Mapping[str, Any]]) -> list[Trap]:
    """Trap pairs that nobody marked: different events, one category, at most 6 hours apart, texts much alike.

    "Much alike" is a token_set_ratio of 70 or more; and both in one kabupaten/kota, unless what they tell travels.
    """
    rooms: dict[tuple[str, str], list[Mapping[str, Any]]] = defaultdict(list)
    for report in truth.event_of:
        if report in messages:
            rooms[messages[report]["category"], messages[report]["scope"]].append(messages[report])
    found = []
    for (category, scope), inside in sorted(rooms.items()):
        texts = [plain(message["text"]) for message in inside]
        for (i, one), (j, other) in combinations(enumerate(inside), 2):
            apart = abs(one["reported_at"] - other["reported_at"]) > HOURS * 3_600_000
            if apart or truth.event_of[one["report_id"]] == truth.event_of[other["report_id"]]:
                continue
            if fuzz.token_set_ratio(texts[i], texts[j], score_cutoff=LIKE):
                why = f"{category} in {scope}, alike"
                found.append(Trap((one["report_id"],), (other["report_id"],), why))
    return found


def sprung(traps: Sequence[Trap], found: Mapping[str, str]) -> Sprung:
    """Which traps were stepped into, given report -> incident. A report without an incident meets nobody."""
    wrong = [trap for trap in traps if _incidents(trap.left, found) & _incidents(trap.right, found)]
    pairs = {pair: trap for trap in traps for pair in map(frozenset, product(trap.left, trap.right))}
    met = sum(len(_incidents(pair, found)) == 1 and all(report in found for report in pair) for pair in pairs)
    return Sprung(len(traps), wrong, len(pairs), met)


def by_why(traps: Iterable[Trap]) -> Counter[str]:
    """How many traps of each kind."""
    return Counter(trap.why for trap in traps)


def _incidents(reports: Iterable[str], found: Mapping[str, str]) -> set[str]:
    return {found[report] for report in reports if report in found}


def _members(truth: Truth) -> dict[str, tuple[str, ...]]:
    members: dict[str, list[str]] = defaultdict(list)
    for report, event in truth.event_of.items():
        members[event].append(report)
    return {event: tuple(reports) for event, reports in members.items()}
