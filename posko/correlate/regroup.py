"""What people do to the grouping: reports split off into an incident of their own, incidents merged."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from posko import incident
from posko.correlate import memory, opening
from posko.correlate.record import Record, voice
from posko.incident import Refused, Step
from posko.life import deadlines, picture
from posko.life.acts import join_pictures, keep_apart
from posko.life.rules import Rules
from posko.matching import ReportFeatures

Report = dict[str, Any]


@dataclass
class Leaving:
    """A report that is to move, read again."""

    report: Report
    seen: ReportFeatures
    who: int
    number: int

    @property
    def echo(self) -> int:
        return memory.echo_of(self.report, self.who, self.seen.words, self.seen.at)


def leaving(reports: Sequence[Report]) -> list[Leaving]:
    """The reports in the order in which they were received."""
    ordered = sorted(
        reports, key=lambda report: (report["received_at"], report["source_partition"], report["source_offset"])
    )
    return [
        Leaving(
            report, ReportFeatures.of(report), voice(report["reporter_id"]), memory.report_number(report["report_id"])
        )
        for report in ordered
    ]


def part(record: Record, new: Record, gone: list[Leaving], step: Step, rules: Rules) -> None:
    """`new` has the reports already; here the old one forgets them, and both know that a person told them apart."""
    state, event = dict(record.public), record.features
    for field in ("sources", "claims"):
        state[field] = dict(state[field])
    state["said"] = {what: dict(values) for what, values in state["said"].items()}
    for one in gone:
        record.unhear(one.who)
        picture.unlearn(state, one.report, one.seen)
        event.unlearn(one.seen)
    state["reports"] -= len(gone)
    state["reporters"], state["institutions"] = len(record.voices), len(state["sources"])
    severity = picture.severity(state, rules.usual(state))
    if severity != state["severity"] and state["claims"]:
        state["severity"] = severity
        deadlines.set_minutes(state, rules.minutes(state))
    record.public, _ = incident.apply(state, step.towards(new.id))
    new.public, _ = incident.apply(new.public, step.towards(record.id))
    keep_apart(record.public, new.public)


def absorb(kept: Record, other: Record, step: Step, rules: Rules) -> None:
    """`other`'s reports count for `kept` from now on. Raises Refused before anything has changed."""
    minutes = rules.minutes(kept.public, other.public["severity"])
    ours, theirs = incident.merge(kept.public, other.public, step, minutes)
    join_pictures(ours, theirs)
    kept.join_voices(other)
    ours["reporters"], ours["institutions"] = len(kept.voices), len(ours["sources"])
    rose = picture.severity(ours, rules.usual(ours))
    if rose > ours["severity"]:  # two institutions together say what none said alone
        opening.set_severity(ours, rose, step.at, rules)
    kept.public, other.public = ours, theirs
    other.root = kept.id
    other.voices, other.tail, other.repeats = set(), [], {}


def moved(one: Leaving, record: Record, new: Record, step: Step, move: int) -> Report:
    """The message of `reports.matched` that says where a report is now. `move`: grows with every move."""
    return {
        "type": "moved",
        "report_id": one.report["report_id"],
        "source_partition": one.report["source_partition"],
        "source_offset": one.report["source_offset"],
        "incident_id": new.id,
        "from_incident": record.id,
        "moved_at": step.at,
        "move": move,
        "action_id": step.action_id,
    }


def nothing_left() -> Refused:
    """A split that would leave an incident without reports."""
    return Refused("nothing_left", "Semua laporan akan keluar; pisahkan sebagian saja, atau gabungkan insidennya.")


def not_here(report: str, record: Record) -> Refused:
    """A report that the incident does not have, or has had for too long to be remembered."""
    return Refused(
        "unknown_report",
        f"Laporan {report} bukan bagian dari {record.id}, atau diterima lebih dari {memory.SEEN_HOURS} jam lalu.",
    )
