"""What both measures are made of: for each report, with how many others it was put, and with how many it belongs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from typing import NamedTuple


class Count(NamedTuple):
    """Of one report: how many others are in its incident, in its event, and in both."""

    together: int
    belonging: int
    right: int


class Score(NamedTuple):
    """Precision, recall and their harmonic mean, each 0 to 1."""

    precision: float
    recall: float
    f1: float

    @classmethod
    def of(cls, precision: float, recall: float) -> Score:
        total = precision + recall
        return cls(precision, recall, 2 * precision * recall / total if total else 0.0)


def counts(truth: Mapping[str, Hashable], found: Mapping[str, Hashable]) -> dict[str, Count]:
    """The counts of every report of `truth` (report -> event), given `found` (report -> incident).

    A report of the truth that is in no incident stands alone: it was lost, which costs recall. Reports that the truth
    does not know are left out. Counted from the table of events against incidents, so never a list of pairs.
    """
    placed = {report: (False, report) if report not in found else (True, found[report]) for report in truth}
    events = Counter(truth.values())
    incidents = Counter(placed.values())
    cells = Counter((truth[report], placed[report]) for report in truth)
    return {
        report: Count(incidents[placed[report]] - 1, events[event] - 1, cells[event, placed[report]] - 1)
        for report, event in truth.items()
    }
