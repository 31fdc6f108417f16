"""The incident's life: `new` -> `acknowledged` -> `verified` or `rejected` -> `resolved`, and `reopened`.

Pure functions from a state (the message of the topic `incidents`) and a step to the next state and the event it
leaves in the log. Nothing is overwritten: the state given stays as it is, the log only grows, the version grows by
one with each step.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

State = dict[str, Any]
Event = dict[str, Any]

STATUSES = ("new", "acknowledged", "verified", "rejected", "resolved", "reopened")
OPEN = frozenset({"new", "acknowledged", "verified", "reopened"})
_ANY = frozenset(STATUSES)
_TO: dict[str, tuple[frozenset[str], str]] = {  # action -> (from which status, to which; "" stays)
    "acknowledge": (frozenset({"new", "reopened"}), "acknowledged"),
    "verify": (frozenset({"acknowledged"}), "verified"),
    "reject": (frozenset({"acknowledged"}), "rejected"),
    "resolve": (frozenset({"verified"}), "resolved"),
    "reopen": (frozenset({"rejected", "resolved"}), "reopened"),
    "assign": (OPEN, ""),
    "refer": (OPEN, ""),
    "severity": (OPEN, ""),
    "escalate": (OPEN, ""),
    "split": (_ANY, ""),
    "merge": (_ANY, ""),
    "note": (_ANY, ""),
}
ACTIONS = tuple(_TO)
_NEEDS_VALUE = frozenset({"assign", "refer", "severity", "escalate", "split", "merge"})
_NEEDS_REASON = frozenset({"reject", "reopen", "refer", "severity", "split", "merge", "note"})
MAX_ESCALATION = 2  # the province
MAX_TEXT = 4000


class Refused(Exception):
    """A step that the incident does not allow now; the text names the status and what is allowed."""


@dataclass(frozen=True, slots=True)
class Step:
    """What someone does. `at`: ms; `why`: their reason or note; `value`: assign: the person, refer: the agency's code,
    severity: 1 to 5, escalate: 1 or 2, split and merge: the other incident's id."""

    action: str
    actor: str
    at: int
    why: str = ""
    value: str | int = ""


def allowed(status: str) -> tuple[str, ...]:
    """The actions that an incident of this status allows."""
    return tuple(action for action, (sources, _) in _TO.items() if status in sources)


def apply(state: State, step: Step) -> tuple[State, Event]:
    """The state after the step and the log's new event.

    Raises Refused when the status does not allow the step, or when actor, reason or value are missing or wrong.
    """
    _check(state, step)
    after = dict(state)
    after["status"] = _TO[step.action][1] or state["status"]
    detail = step.why
    if step.action == "assign":
        after["assigned_to"] = str(step.value)
    elif step.action == "refer":
        after["lead_agency"] = str(step.value)
        after["support_agencies"] = _referred(state, str(step.value))
    elif step.action in ("severity", "escalate"):
        field = "severity" if step.action == "severity" else "escalation"
        detail = f"{state[field]} -> {step.value}: {step.why}".removesuffix(": ")
        after[field] = step.value
    if step.action in ("assign", "refer", "split", "merge"):
        detail = f"{step.value}: {step.why}".removesuffix(": ")
    after["updated_at"] = max(state["updated_at"], step.at)
    after["version"] = state["version"] + 1
    event = logged(after, step.at, step.actor, step.action, detail)
    return after, event


def merge(kept: State, absorbed: State, step: Step) -> tuple[State, State]:
    """Two incidents that are one: the kept one takes the higher severity, the absorbed one is closed and points to it.

    `step.value` is ignored: the ids are those of the states. Reports stay where they are counted. Raises Refused.
    """
    if kept["incident_id"] == absorbed["incident_id"]:
        raise Refused(f"Incident {kept['incident_id']} cannot be merged with itself; name two incidents.")
    if absorbed["status"] not in OPEN:
        raise Refused(_not_now(absorbed, "merge"))
    ours, _ = apply(kept, Step("merge", step.actor, step.at, step.why, absorbed["incident_id"]))
    theirs, _ = apply(absorbed, Step("merge", step.actor, step.at, step.why, kept["incident_id"]))
    ours["severity"] = max(kept["severity"], absorbed["severity"])
    ours["first_at"] = min(kept["first_at"], absorbed["first_at"])
    ours["last_at"] = max(kept["last_at"], absorbed["last_at"])
    ours["suggested"] = [link for link in kept["suggested"] if link["incident_id"] != absorbed["incident_id"]]
    theirs["status"] = "resolved"
    return ours, theirs


def logged(state: State, at: int, actor: str, action: str, detail: str = "") -> Event:
    """Append an event to the log of a state that the caller owns; the old log is left as it was."""
    event = {
        "seq": len(state["log"]) + 1,
        "at": at,
        "actor": actor,
        "action": action,
        "detail": detail,
        "version": state["version"],
    }
    state["log"] = [*state["log"], event]
    return event


def _check(state: State, step: Step) -> None:
    if step.action not in _TO:
        raise Refused(f"There is no action {step.action!r}; known are {', '.join(ACTIONS)}.")
    if state["status"] not in _TO[step.action][0]:
        raise Refused(_not_now(state, step.action))
    if not step.actor:
        raise Refused(f"{step.action}: who does it is missing; give the actor.")
    if len(step.why) > MAX_TEXT:
        raise Refused(
            f"{step.action}: the text has {len(step.why)} characters; at most {MAX_TEXT} are kept, shorten it."
        )
    if step.action in _NEEDS_REASON and not step.why.strip():
        raise Refused(f"{step.action}: the reason is missing; say why.")
    if step.action in _NEEDS_VALUE and step.value in ("", None):
        raise Refused(f"{step.action}: {_wanted(step.action)} is missing.")
    if step.action == "severity" and step.value not in (1, 2, 3, 4, 5):
        raise Refused(f"severity: {step.value!r} is not a number from 1 to 5.")
    if step.action == "escalate" and step.value not in range(state["escalation"] + 1, MAX_ESCALATION + 1):
        above = state["escalation"]
        raise Refused(
            f"escalate: level {step.value!r} is not above the present level {above} and at most {MAX_ESCALATION}."
        )


def _wanted(action: str) -> str:
    wanted = {"assign": "the person", "refer": "the agency's code", "severity": "the severity", "escalate": "the level"}
    return wanted.get(action, "the other incident's id")


def _not_now(state: State, action: str) -> str:
    return (
        f"Incident {state['incident_id']} is {state['status']}: {action} is not possible now; "
        f"allowed are {', '.join(allowed(state['status']))}."
    )


def _referred(state: State, agency: str) -> list[str]:
    """The former lead agency goes on supporting."""
    others = [state["lead_agency"], *state["support_agencies"]]
    return [code for code in dict.fromkeys(others) if code and code != agency]
