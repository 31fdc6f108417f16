"""The truth of a simulated day, and how well a system's assignment of reports to incidents agrees with it. All pure."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import orjson

# One report_id is said to belong to one incident_id.
Assignment = tuple[str, str]


class TruthError(Exception):
    """A truth file or a list of assignments cannot be read; the text says where and what to do."""


@dataclass(frozen=True, slots=True)
class Truth:
    """What a truth file says. `event_of` and `category_of` are by report_id, for reports that should be accepted.

    `refused` holds the report_ids of garbage that still shows one, by class of garbage; `garbage` counts all of it
    by the
    reason it should be rejected for. `messages` counts what was sent: first, resend, edited_resend, conflict,
    garbage, marked.
    """

    header: Mapping[str, Any]
    event_of: Mapping[str, str]
    category_of: Mapping[str, str]
    refused: Mapping[str, str]
    garbage: Mapping[str, int]
    messages: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Pairs:
    """Pairs of reports: put together rightly, put together at all, and belonging together."""

    right: int
    together: int
    belonging: int

    @property
    def precision(self) -> float:
        """Share of the pairs put together that belong together; 1 when none was put together."""
        return self.right / self.together if self.together else 1.0

    @property
    def recall(self) -> float:
        """Share of the pairs that belong together that were put together; 1 when there are none."""
        return self.right / self.belonging if self.belonging else 1.0


@dataclass(frozen=True, slots=True)
class Score:
    """How an assignment compares with the truth.

    `lost`: accepted reports without an incident; `doubled`: report_ids given more than once; `foreign`: ids that the
    truth
    does not know; `wrongly_accepted`: garbage that was given an incident, by class. `categories` compares the
    reports of one
    category among themselves. `rejected` is reason -> (expected, seen), empty when nobody counted rejected messages.
    """

    reports: int
    assigned: int
    events: int
    incidents: int
    lost: list[str]
    doubled: list[str]
    foreign: int
    pairs: Pairs
    categories: Mapping[str, Pairs]
    wrongly_accepted: Mapping[str, int]
    rejected: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def intact(self) -> bool:
        """Nothing lost, doubled or wrongly accepted, and, where it was counted, everything rejected as expected."""
        same = all(expected == seen for expected, seen in self.rejected.values())
        return same and not (self.lost or self.doubled or self.wrongly_accepted)

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON: ids only of the first ten lost and doubled, shares rounded to four digits."""
        plain = asdict(self)
        return {
            **plain,
            "lost": len(self.lost),
            "doubled": len(self.doubled),
            "lost_ids": self.lost[:10],
            "doubled_ids": self.doubled[:10],
            "intact": self.intact,
            "precision": round(self.pairs.precision, 4),
            "recall": round(self.pairs.recall, 4),
            "categories": {
                name: {**asdict(pairs), "precision": round(pairs.precision, 4), "recall": round(pairs.recall, 4)}
                for name, pairs in self.categories.items()
            },
        }


def load(path: Path) -> Truth:
    """Read a truth file as `posko simulate --truth` writes it. Raises TruthError with the line that is wrong."""
    event_of: dict[str, str] = {}
    category_of: dict[str, str] = {}
    refused: dict[str, str] = {}
    garbage: Counter[str] = Counter()
    messages: Counter[str] = Counter()
    header: dict[str, Any] | None = None
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, 1):
                entry = _entry(path, number, line)
                if header is None:
                    header = _header(path, entry)
                    continue
                messages[entry["message"]] += 1
                report_id = entry["report_id"]
                if entry["expected"] == "rejected":
                    garbage[entry["reason"]] += 1
                    if report_id:
                        refused[report_id] = entry["spoiled"]
                elif report_id not in event_of:
                    event_of[report_id], category_of[report_id] = entry["event_id"], entry["category"]
    except (OSError, KeyError) as error:
        raise TruthError(
            f"{path} cannot be read as a truth file ({error}); make one with posko simulate --truth"
        ) from error
    if header is None:
        raise TruthError(f"{path} is empty; make a truth file with posko simulate --truth")
    return Truth(header, event_of, category_of, refused, garbage, messages)


def _entry(path: Path, number: int, line: bytes) -> dict[str, Any]:
    try:
        entry = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise TruthError(
            f"{path}, line {number}: not JSON ({error}); was the simulation cut off while writing?"
        ) from None
    if not isinstance(entry, dict):
        raise TruthError(f"{path}, line {number}: not a JSON object; a truth file comes from posko simulate --truth")
    return entry


def _header(path: Path, entry: dict[str, Any]) -> dict[str, Any]:
    if entry.get("truth") != 1:
        raise TruthError(f"{path}, line 1: no truth file of version 1; make one with posko simulate --truth")
    return entry


def score(truth: Truth, assignments: Iterable[Assignment], rejected: Mapping[str, int] | None = None) -> Score:
    """Compare an assignment with the truth.

    `assignments` are (report_id, incident_id); an id that comes again counts as doubled and its first incident holds.
    `rejected` is how many messages were rejected, by reason. Pairs are counted from the contingency table of events and
    incidents (Rand 1971; Hubert and Arabie 1985): with n reports of event i in incident j, sum of n(n-1)/2 are right.
    """
    incident_of: dict[str, str] = {}
    doubled: set[str] = set()
    foreign: set[str] = set()
    accepted: Counter[str] = Counter()
    for report_id, incident_id in assignments:
        if report_id in truth.event_of:
            if report_id in incident_of:
                doubled.add(report_id)
            else:
                incident_of[report_id] = incident_id
        elif report_id in truth.refused:
            accepted[truth.refused[report_id]] += 1
        else:
            foreign.add(report_id)
    by_category: dict[str, list[Assignment]] = defaultdict(list)
    for report_id, incident_id in incident_of.items():
        by_category[truth.category_of[report_id]].append((truth.event_of[report_id], incident_id))
    reasons = sorted(truth.garbage.keys() | rejected.keys()) if rejected is not None else []
    return Score(
        reports=len(truth.event_of),
        assigned=len(incident_of),
        events=len(set(truth.event_of.values())),
        incidents=len(set(incident_of.values())),
        lost=sorted(truth.event_of.keys() - incident_of.keys()),
        doubled=sorted(doubled),
        foreign=len(foreign),
        pairs=_pairs((truth.event_of[report_id], incident_id) for report_id, incident_id in incident_of.items()),
        categories={name: _pairs(found) for name, found in sorted(by_category.items())},
        wrongly_accepted=dict(sorted(accepted.items())),
        rejected={reason: (truth.garbage.get(reason, 0), (rejected or {}).get(reason, 0)) for reason in reasons},
    )


def _pairs(found: Iterable[tuple[str, str]]) -> Pairs:
    """Pairs from (event, incident) of each report, by counting, never by listing pairs."""
    cells = Counter(found)
    events: Counter[str] = Counter()
    incidents: Counter[str] = Counter()
    for (event, incident), number in cells.items():
        events[event] += number
        incidents[incident] += number
    return Pairs(_choose_two(cells.values()), _choose_two(incidents.values()), _choose_two(events.values()))


def _choose_two(numbers: Iterable[int]) -> int:
    return sum(number * (number - 1) // 2 for number in numbers)


def read_assignments(lines: Iterable[str]) -> Iterable[Assignment]:
    """Lines of `report_id<TAB>incident_id`, as `posko sql ... --format TSV` prints them. Raises TruthError for
    another line."""
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        parts = line.rstrip("\r\n").split("\t")
        if len(parts) != 2:
            raise TruthError(
                f"Line {number} of the assignments has {len(parts)} columns; expected report_id<TAB>incident_id, as "
                "`posko sql` prints them with --format TSV"
            )
        yield parts[0], parts[1]


def read_rejected(lines: Iterable[str]) -> dict[str, int]:
    """Lines of `reason<TAB>count`. Raises TruthError for another line."""
    found: dict[str, int] = {}
    for number, line in enumerate(lines, 1):
        reason, tab, count = line.strip().partition("\t")
        if not reason and not tab:
            continue
        if not count.isdecimal():
            raise TruthError(
                f"Line {number} of the rejected messages is not reason<TAB>count, as `posko sql` prints them with "
                "--format TSV"
            )
        found[reason] = found.get(reason, 0) + int(count)
    return found
