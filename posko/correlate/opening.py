"""The public state of an incident: opened by its first report, changed by those that join. Events go to its log."""

from __future__ import annotations

from typing import Any

from posko.incident import logged
from posko.life import deadlines, picture
from posko.life.rules import Rules
from posko.matching import EventFeatures, ReportFeatures

ACTOR = "posko"  # in the log, for what no person did
_QUOTE = 60  # characters of the text in the title of a claim
_PLACE = ("province", "regency", "district", "village", "tps", "place_name")


def opened(
    incident: str,
    report: dict[str, Any],
    seen: ReportFeatures,
    title: str,
    suggested: list[dict[str, Any]],
    rules: Rules,
    due_from: int,
) -> dict[str, Any]:
    """The state of a new incident. `suggested`: links to incidents that are perhaps the same event; `due_from` (ms):
    deadlines run from there."""
    received = report["received_at"]
    state: dict[str, Any] = {
        "incident_id": incident,
        "scope": report["scope"],
        "status": "new",
        "category": report["category"],
        "kind": report["kind"],
        "title": title,
        "severity": report["severity"],
        "phase": report["phase"],
        "vulnerability": report["vulnerability"],
        **{name: report[name] for name in _PLACE},
        "lat": report["lat"],
        "lng": report["lng"],
        "place_m": report["place_m"],
        "reports": 1,
        "reporters": 1,
        "institutions": 1,
        "first_at": seen.at,
        "last_at": seen.at,
        "opened_at": received,
        "updated_at": received,
        "lead_agency": report["lead_agency"],
        "support_agencies": list(report["support_agencies"]),
        "assigned_to": "",
        "escalation": 0,
        "suggested": suggested,
        "merged_into": "",
        "absorbed": [],
        "apart": [],
        "reports_since_closed": 0,
        "last_act": None,
        "version": 1,
        "log": [],
    }
    picture.begin(state)
    picture.learn(state, report, seen)
    state["severity"] = picture.severity(state, rules.usual(state))
    deadlines.begin(state, due_from, rules.minutes(state))
    logged(state, received, ACTOR, "opened", report["place_name"])
    return state


def joined(state: dict[str, Any], report: dict[str, Any], seen: ReportFeatures, new_voice: tuple[bool, bool]) -> None:
    """A report joins: counts, times, severity and corroboration of the state, in place. `new_voice`: person,
    institution."""
    received = report["received_at"]
    state["reports"] += 1
    state["reporters"] += new_voice[0]
    state["institutions"] += new_voice[1]
    state["first_at"] = min(state["first_at"], seen.at)
    state["last_at"] = max(state["last_at"], seen.at)
    state["updated_at"] = max(state["updated_at"], received)
    state["vulnerability"] = state["vulnerability"] or report["vulnerability"]
    state["version"] += 1
    if state["status"] in deadlines.CLOSED:
        state["reports_since_closed"] += 1
        if state["reports_since_closed"] == 1:
            logged(state, received, ACTOR, "reported_again", "Laporan baru masuk sesudah insiden ditutup.")
    if new_voice[1] and state["institutions"] == 2:
        logged(state, received, ACTOR, "corroborated", report["institution"])


def raised(state: dict[str, Any], report: dict[str, Any], rules: Rules) -> bool:
    """After what the reports say has changed: severity, and deadlines no later than the new one's; whether it rose."""
    severity = picture.severity(state, rules.usual(state))
    if severity <= state["severity"]:
        return False
    set_severity(state, severity, report["received_at"], rules)
    return True


def set_severity(state: dict[str, Any], severity: int, at: int, rules: Rules) -> None:
    """It is more severe than known so far: deadlines only get earlier."""
    before, state["severity"] = state["severity"], severity
    deadlines.tighten(state, rules.minutes(state))
    logged(state, at, ACTOR, "severity_raised", f"{before} -> {severity}", value=str(severity))


def refined(state: dict[str, Any], event: EventFeatures, report: dict[str, Any], seen: ReportFeatures) -> bool:
    """Take the report's place where it is more precise and agrees with what is known; whether it was taken."""
    if not event.refines(seen) or not _agree(state, report):
        return False
    event.place(seen, keep_point=event.level == "point" and event.place_m < seen.place_m)
    for name in _PLACE:
        state[name] = report[name]
    state["lat"], state["lng"], state["place_m"] = event.lat, event.lng, event.place_m
    logged(state, report["received_at"], ACTOR, "place_refined", report["place_name"])
    return True


def _agree(state: dict[str, Any], report: dict[str, Any]) -> bool:
    """No named level contradicts; a point's codes are only a guess, so a place that was named may correct them."""
    names = ("regency",) if state["lat"] is not None and not state["tps"] else ("regency", "district", "village", "tps")
    return all(not state[name] or not report[name] or state[name] == report[name] for name in names)


def title_of(name: str, report: dict[str, Any], travels: bool) -> str:
    """For people: what and where; a claim that travels, or a report without a place, is told by its own words."""
    if report["place_name"] and not travels:
        return f"{name} - {report['place_name']}"
    text = " ".join(report["text"].split())
    quote = text if len(text) <= _QUOTE else text[: _QUOTE - 1].rsplit(" ", 1)[0] + "…"
    return f'{name} - "{quote}"'
