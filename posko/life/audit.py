"""Did every escalation that was due run? Judged from the log alone, not by what the stream believes.

Each event of an incident's log says when the incident escalates next unless somebody acts (`next_due`). So between two
events there must not be a moment that was due: the event that follows has to be that escalation, or come before it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

ESCALATIONS = frozenset({"escalate", "overdue"})
SYSTEM = "posko"


@dataclass(frozen=True)
class Finding:
    """An escalation that did not run as it was due. `what`: `missing` (it never ran), `skipped` (something else
    happened instead), `late` (by `late_ms`)."""

    incident_id: str
    what: str
    due: int
    seq: int
    late_ms: int


@dataclass(frozen=True)
class Report:
    """What the auditor found. `due`: escalations that had to run; `ran`: those that did."""

    incidents: int
    due: int
    ran: int
    findings: Sequence[Finding]

    @property
    def proven(self) -> bool:
        """Every escalation that was due has run; some perhaps late."""
        return not [finding for finding in self.findings if finding.what != "late"]


def audit(logs: Iterable[tuple[str, Sequence[dict[str, Any]]]], now: int, grace_ms: int = 60_000) -> Report:
    """Examine whole logs, `(incident_id, events by seq)`, as of `now` (ms). Later than `grace_ms` is late.

    What the program notes about reports may come between a deadline and its escalation for as long as the next tick
    takes; what people decide may not, because what is due runs before an action is taken.
    """
    incidents = due = ran = 0
    findings: list[Finding] = []
    for incident, events in logs:
        incidents += 1
        pending: int | None = None
        for event in events:
            if pending is not None and event["at"] >= pending and event["action"] in ESCALATIONS:
                due, ran = due + 1, ran + 1
                late = event["at"] - pending
                if late > grace_ms:
                    findings.append(Finding(incident, "late", pending, event["seq"], late))
            elif pending is not None and event["at"] > pending and event["actor"] != SYSTEM:
                due += 1
                findings.append(Finding(incident, "skipped", pending, event["seq"], event["at"] - pending))
            pending = event["next_due"]
        if pending is not None and now > pending + grace_ms:
            due += 1
            findings.append(Finding(incident, "missing", pending, 0, now - pending))
    return Report(incidents, due, ran, findings)
