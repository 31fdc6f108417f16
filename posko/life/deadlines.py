"""Deadlines of an incident, and what a missed one does: kecamatan, then kabupaten, then province.

Pure functions on the incident's state. `due_from` is when the time began to run; `ack_due` and `resolve_due` are fixed
from there. Each missed deadline raises the incident by one level and gives the next level the same time again, at most
`LEVELS` times for each of the two deadlines; `missed` counts them. `escalate_at` is always the next moment at which
something happens unless somebody acts, null when nothing will.
"""

from __future__ import annotations

from typing import Any, NamedTuple

State = dict[str, Any]

MINUTE_MS = 60_000
LEVELS = 2  # 1 kabupaten, 2 province
AWAITING = frozenset({"new", "reopened"})  # nobody has taken it on yet
CLOSED = frozenset({"resolved", "rejected"})
ACK, RESOLVE = "ack", "resolve"


class Step(NamedTuple):
    """The next escalation: when it is due (ms), and which deadline will have been missed."""

    due: int
    cause: str


def begin(state: State, at: int, minutes: tuple[int, int]) -> None:
    """The time runs from `at` (ms), anew. `minutes`: to acknowledge, to resolve."""
    state["due_from"] = at
    state["missed"] = [0, 0]
    set_minutes(state, minutes)


def set_minutes(state: State, minutes: tuple[int, int]) -> None:
    """Other deadlines from the same beginning: a person decided how severe it is."""
    state["ack_due"] = state["due_from"] + minutes[0] * MINUTE_MS
    state["resolve_due"] = state["due_from"] + minutes[1] * MINUTE_MS
    plan(state)


def tighten(state: State, minutes: tuple[int, int]) -> None:
    """Deadlines no later than `minutes` from the beginning: reports found it worse than known so far."""
    state["ack_due"] = min(state["ack_due"], state["due_from"] + minutes[0] * MINUTE_MS)
    state["resolve_due"] = min(state["resolve_due"], state["due_from"] + minutes[1] * MINUTE_MS)
    plan(state)


def plan(state: State) -> None:
    """Bring `escalate_at` up to date; to be called after every change of status or deadlines."""
    step = next_step(state)
    state["escalate_at"] = step.due if step else None


def next_step(state: State) -> Step | None:
    """What happens next unless somebody acts."""
    if state["status"] in CLOSED:
        return None
    missed_ack, missed_resolve = state["missed"]
    steps = []
    if state["status"] in AWAITING and missed_ack < LEVELS:
        steps.append(Step(state["ack_due"] + missed_ack * (state["ack_due"] - state["due_from"]), ACK))
    if missed_resolve < LEVELS:
        steps.append(Step(state["resolve_due"] + missed_resolve * (state["resolve_due"] - state["due_from"]), RESOLVE))
    return min(steps, default=None)


def missed(state: State) -> tuple[Step, bool]:
    """Count the deadline that was missed; the step, and whether the incident rose a level. Changes the state."""
    step = next_step(state)
    assert step is not None
    state["missed"] = [state["missed"][0] + (step.cause == ACK), state["missed"][1] + (step.cause == RESOLVE)]
    rose = state["escalation"] < LEVELS
    state["escalation"] += rose
    plan(state)
    return step, bool(rose)
