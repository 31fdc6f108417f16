"""The worst wrong merges and splits, each with what the decision was made of, to learn from."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from posko.evaluate.run import Run

Message = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Mistake:
    """`pairs`: how many pairs of reports it put together or apart wrongly.

    `report` is the first that went wrong, `met` the one that its incident (of a split: the rest of its event) began
    with.
    """

    what: str  # "merge" or "split"
    pairs: int
    event: str
    other: str  # the event it was merged with; the incident that the rest of its event is in
    report: Message
    met: Message


def mistakes(event_of: Mapping[str, str], run: Run, number: int) -> list[Mistake]:
    """The `number` worst mistakes of each kind, those that cost most pairs first."""
    merges, splits = _merges(event_of, run), _splits(event_of, run)
    return [*_worst(merges, number), *_worst(splits, number)]


def _worst(found: list[Mistake], number: int) -> list[Mistake]:
    return sorted(found, key=lambda mistake: (-mistake.pairs, mistake.report["report_id"]))[:number]


def _merges(event_of: Mapping[str, str], run: Run) -> list[Mistake]:
    """For each event in an incident that mostly is another event's: its first report there."""
    inside: dict[str, list[Message]] = defaultdict(list)
    for report, message in run.matched.items():
        if report in event_of:
            inside[message["incident_id"]].append(message)
    found = []
    for messages in inside.values():
        sizes = Counter(event_of[message["report_id"]] for message in messages)
        owner = sizes.most_common(1)[0][0]
        for event, size in sizes.items():
            if event == owner:
                continue
            joined = next(message for message in messages if event_of[message["report_id"]] == event)
            met = next(message for message in messages if event_of[message["report_id"]] != event)
            if messages.index(joined) < messages.index(met):  # the other event's report is the one that joined
                joined, met = met, joined
            found.append(Mistake("merge", size * sizes[owner], event, owner, joined, met))
    return found


def _splits(event_of: Mapping[str, str], run: Run) -> list[Mistake]:
    """For each event in several incidents: the first report in each but the largest."""
    inside: dict[str, dict[str, list[Message]]] = defaultdict(lambda: defaultdict(list))
    for report, message in run.matched.items():
        if report in event_of:
            inside[event_of[report]][message["incident_id"]].append(message)
    found = []
    for event, parts in inside.items():
        home = max(parts, key=lambda incident: len(parts[incident]))
        opened = parts[home][0]
        for incident, messages in parts.items():
            if incident != home:
                pairs = len(messages) * len(parts[home])
                found.append(Mistake("split", pairs, event, home, messages[0], opened))
    return found
