"""The incident's life: `new` -> `acknowledged` -> `verified` or `rejected` -> `resolved`, and `reopened`.

Pure functions from a state (the message of the topic `incidents`) and a step to the next state and the event it
leaves in the log. Nothing is overwritten: the state given stays as it is, the log only grows, the version grows by
one with each step. What is refused says so in Indonesian, for the person who asked, with a code for programs.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from posko.life import deadlines

State = dict[str, Any]
Event = dict[str, Any]

STATUSES = ("new", "acknowledged", "verified", "rejected", "resolved", "reopened")
STATUS_NAMES = {
    "new": "baru", "acknowledged": "ditangani", "verified": "terverifikasi", "rejected": "ditolak",
    "resolved": "selesai", "reopened": "dibuka lagi",
}  # fmt: skip
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
    "silence": (OPEN, ""),
    "split": (_ANY, ""),
    "merge": (_ANY, ""),
    "confirm_link": (_ANY, ""),
    "refuse_link": (_ANY, ""),
    "note": (_ANY, ""),
}
ACTIONS = tuple(_TO)
ACTION_NAMES = {
    "acknowledge": "menangani", "verify": "memverifikasi", "reject": "menolak", "resolve": "menyelesaikan",
    "reopen": "membuka lagi", "assign": "menugaskan", "refer": "merujuk", "severity": "mengubah tingkat keparahan",
    "escalate": "menaikkan", "silence": "membisukan", "split": "memisah", "merge": "menggabung",
    "confirm_link": "membenarkan kaitan", "refuse_link": "menolak kaitan", "note": "mencatat",
}  # fmt: skip
_VALUES = {  # actions that need a value, and what it is called for people
    "assign": "petugas yang ditugaskan", "refer": "instansi tujuan", "severity": "tingkat keparahan 1 sampai 5",
    "escalate": "tingkat 1 (kabupaten) atau 2 (provinsi)", "split": "laporan yang dipisah", "merge": "insiden tujuan",
    "verify": "bukti", "resolve": "hasil penanganan", "confirm_link": "insiden terkait",
    "refuse_link": "insiden terkait", "silence": "lamanya dalam menit",
}  # fmt: skip
_NEEDS_REASON = frozenset({"reject", "reopen", "refer", "severity", "split", "merge", "note", "silence"})
MAX_ESCALATION = deadlines.LEVELS
MAX_TEXT = 2000
MAX_EVENTS = 500  # in one incident's log; a person's further steps are turned away, what the system notes still fits


class Refused(Exception):
    """A step that the incident does not allow now. `code` for programs; the text is Indonesian, for who asked."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(text)
        self.code = code


@dataclass(frozen=True, slots=True)
class Step:
    """What someone does. `at`: ms; `why`: their reason or note; `value`: assign: the person, refer: the agency's code,
    verify: the proof, resolve: the outcome, severity: 1 to 5, escalate: 1 or 2, silence: minutes, split, merge and
    links: the other incident's id. `role`, `institution`, `action_id`: as in the message of the topic `actions`."""

    action: str
    actor: str
    at: int
    why: str = ""
    value: str | int = ""
    role: str = ""
    institution: str = ""
    action_id: str = ""

    def towards(self, other: str) -> Step:
        """The same step as the log of another incident has it: `other` is the value."""
        return replace(self, value=other)

    @property
    def who(self) -> dict[str, str]:
        """What the log says about who did it, besides `actor`."""
        return {"action_id": self.action_id, "role": self.role, "institution": self.institution}


def allowed(status: str) -> tuple[str, ...]:
    """The actions that an incident of this status allows."""
    return tuple(action for action, (sources, _) in _TO.items() if status in sources)


def apply(state: State, step: Step, minutes: tuple[int, int] | None = None) -> tuple[State, Event]:
    """The state after the step and the log's new event.

    `minutes`: deadlines that hold after `severity` and `reopen`; None leaves the present ones. Raises Refused when the
    status does not allow the step, or when actor, reason or value are missing or wrong.
    """
    check(state, step)
    after = dict(state)
    after["status"] = _TO[step.action][1] or state["status"]
    after["verified"] = step.action == "verify" or (state["verified"] and step.action != "reject")
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
    if step.action in _VALUES and step.action not in ("severity", "escalate"):
        detail = f"{step.value}: {step.why}".removesuffix(": ")
    _redate(after, step, minutes)
    after["updated_at"] = max(state["updated_at"], step.at)
    after["version"] = state["version"] + 1
    event = logged(after, step.at, step.actor, step.action, detail, value=str(step.value), **step.who)
    after["last_act"] = {
        "version": after["version"], "actor": step.actor, "institution": step.institution, "action": step.action,
        "at": step.at,
    }  # fmt: skip
    return after, event


def _redate(after: State, step: Step, minutes: tuple[int, int] | None) -> None:
    """Deadlines after a step. A reopened incident has all its time again."""
    if step.action == "severity":
        after["severity_set"] = step.value
    if minutes and step.action == "severity":
        deadlines.set_minutes(after, minutes)
    elif minutes and step.action == "reopen":
        deadlines.begin(after, step.at, minutes)
    else:
        deadlines.plan(after)
    if step.action == "reopen":
        after["reports_since_closed"] = 0


def merge(kept: State, absorbed: State, step: Step, minutes: tuple[int, int] | None = None) -> tuple[State, State]:
    """Two incidents that are one: the kept one takes the higher severity, the absorbed one is closed and points to it.

    `step.value` is ignored: the ids are those of the states. `minutes`: deadlines of the absorbed one's severity, for
    when it is the higher. The absorbed one's reports move to the kept one; people and institutions are for the caller
    to count. Raises Refused.
    """
    if kept["incident_id"] == absorbed["incident_id"]:
        raise Refused("same_incident", f"Insiden {kept['incident_id']} tidak dapat digabung dengan dirinya sendiri.")
    if absorbed["status"] not in OPEN:
        raise Refused("status", _not_now(absorbed, "merge"))
    ours, event = apply(kept, step.towards(absorbed["incident_id"]))
    if absorbed["severity"] > kept["severity"] and not kept["severity_set"]:
        ours["severity"] = absorbed["severity"]
        if minutes:
            deadlines.tighten(ours, minutes)
    ours["first_at"] = min(kept["first_at"], absorbed["first_at"])
    ours["last_at"] = max(kept["last_at"], absorbed["last_at"])
    ours["reports"] = kept["reports"] + absorbed["reports"]
    event["next_due"] = ours["escalate_at"]
    theirs, event = apply(absorbed, step.towards(kept["incident_id"]))
    theirs["status"], theirs["merged_into"] = "resolved", kept["incident_id"]
    theirs["reports"] = theirs["reporters"] = theirs["institutions"] = 0
    deadlines.plan(theirs)
    event["next_due"] = None
    return ours, theirs


def refused(state: State, step: Step, refusal: Refused) -> tuple[State, Event]:
    """The state with the answer to an impossible step in its log; nothing else changes but the version."""
    after = {**state, "version": state["version"] + 1}
    event = logged(
        after, step.at, step.actor, "refused", str(refusal), value=step.action, code=refusal.code, **step.who
    )
    return after, event


def logged(state: State, at: int, actor: str, action: str, detail: str = "", **about: Any) -> Event:
    """Append an event to the log of a state that the caller owns; the old log is left as it was.

    `next_due` in it is when the incident would escalate from then on. `about`: further fields of docs/messages.md.
    """
    event = {
        "seq": len(state["log"]) + 1,
        "at": at,
        "actor": actor,
        "action": action,
        "detail": detail,
        "version": state["version"],
        "next_due": state["escalate_at"],
        **about,
    }
    state["log"] = [*state["log"], event]
    return event


def check(state: State, step: Step) -> None:
    """Raises Refused when the incident does not allow the step as it is."""
    if step.action not in _TO:
        raise Refused("unknown_action", f"Tindakan {step.action!r} tidak dikenal; yang dikenal: {', '.join(ACTIONS)}.")
    if state["merged_into"]:
        raise Refused(
            "merged",
            f"Insiden {state['incident_id']} sudah digabung ke {state['merged_into']}; lakukan tindakan di sana.",
        )
    if state["status"] not in _TO[step.action][0]:
        raise Refused("status", _not_now(state, step.action))
    _check_content(step)
    if step.action == "severity" and step.value not in (1, 2, 3, 4, 5):
        raise Refused("bad_value", f"Tingkat keparahan {step.value!r} bukan angka 1 sampai 5.")
    if step.action == "escalate" and step.value not in range(state["escalation"] + 1, MAX_ESCALATION + 1):
        raise Refused(
            "bad_value",
            f"Tingkat {step.value!r} tidak di atas tingkat sekarang ({state['escalation']}); paling tinggi "
            f"{MAX_ESCALATION} (provinsi).",
        )


def _check_content(step: Step) -> None:
    if not step.actor:
        raise Refused("no_actor", f"{step.action}: pelaku tidak disebut; isi actor.")
    if len(step.why) > MAX_TEXT or len(str(step.value)) > MAX_TEXT:
        raise Refused("too_long", f"{step.action}: teks terlalu panjang; paling banyak {MAX_TEXT} huruf, persingkat.")
    if step.action in _NEEDS_REASON and not step.why.strip():
        raise Refused("no_reason", f"{step.action}: alasan belum diisi; tulis mengapa.")
    if step.action in _VALUES and (step.value is None or not str(step.value).strip()):
        raise Refused("no_value", f"{step.action}: {_VALUES[step.action]} belum diisi.")


def _not_now(state: State, action: str) -> str:
    return (
        f"Insiden {state['incident_id']} sekarang {STATUS_NAMES[state['status']]} ({state['status']}): {action} tidak "
        f"dapat dilakukan; yang dapat: {', '.join(allowed(state['status']))}."
    )


def _referred(state: State, agency: str) -> list[str]:
    """The former lead agency goes on supporting."""
    others = [state["lead_agency"], *state["support_agencies"]]
    return [code for code in dict.fromkeys(others) if code and code != agency]
