"""Incidents against their reports: each counts what belongs to it, and every report belongs to one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.findings import Findings

BELONGS = "each report belongs to an incident that exists"
COUNTS = "each incident counts what its reports add up to"


@dataclass
class Sum:
    """What the reports of an incident add up to. Times in ms."""

    reports: int = 0
    reporters: set[str] = field(default_factory=set)
    institutions: set[str] = field(default_factory=set)
    first_at: int = 0
    last_at: int = 0
    updated_at: int = 0

    def add(self, report: Mapping[str, Any]) -> None:
        """Count a report: a matched message that is no repetition of an id."""
        at = event_time(report)
        self.first_at = min(self.first_at, at) if self.reports else at
        self.last_at = max(self.last_at, at) if self.reports else at
        self.updated_at = max(self.updated_at, report["received_at"])
        self.reports += 1
        self.reporters.add(report["reporter_id"])
        self.institutions.add(report["institution"])

    def fields(self) -> dict[str, int]:
        """As an incident says it."""
        counts = {"reports": self.reports, "reporters": len(self.reporters), "institutions": len(self.institutions)}
        return {**counts, "first_at": self.first_at, "last_at": self.last_at, "updated_at": self.updated_at}


def event_time(report: Mapping[str, Any]) -> int:
    """When it happened, as docs/messages.md has it: by the reporter, unless their clock is ahead."""
    if "clock_ahead" in report["marks"]:
        return int(report["received_at"])
    return int(report["reported_at"] if report["occurred_at"] is None else report["occurred_at"])


def compare(where: str, sums: Mapping[str, Sum], incidents: Iterable[Mapping[str, Any]], found: Findings) -> None:
    """`sums` by incident; `incidents` as `where` has them. An id out of two scopes counts in both (decision 6)."""
    belongs, counts = found.check(f"{where}: {BELONGS}"), found.check(f"{where}: {COUNTS}")
    seen: dict[str, int] = {}
    for incident in incidents:
        name = incident["incident_id"]
        seen[name] = seen.get(name, 0) + 1
        counts.looked += 1
        if name not in sums:
            counts.add("wrong", f"{name} counts {incident['reports']} reports and has none")
            continue
        wanted = sums[name].fields()
        wrong = [f"{field} is {incident[field]}, should be {wanted[field]}" for field in wanted
                 if incident[field] != wanted[field]]  # fmt: skip
        if wrong:
            counts.add("wrong", f"{name}: {', '.join(wrong)}")
    for name, sum_ in sums.items():
        belongs.looked += sum_.reports
        if name not in seen:
            belongs.add("lost", f"the {sum_.reports} report(s) of {name}: there is no such incident")
        elif seen[name] > 1:
            belongs.add("doubled", f"{name} is there {seen[name]} times")
