"""Reports, actions and ticks in whatever order: the state is a function of the log, and nothing is lost."""

from __future__ import annotations

from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from posko.incident import ACTIONS, STATUSES
from posko.life.acts import Unanswered
from posko.life.audit import audit
from tests.unit.correlate.conftest import MINUTE, START
from tests.unit.life.conftest import Partition

TEXTS = [
    "lgstk blm tiba, prahu kandas",
    "kotak suara belum sampai 2 jam",
    "logistik sudah tiba, aman",
    "lgstk blm tiba",
]
VALUES = {"assign": "anna", "refer": "bawaslu", "verify": "foto", "resolve": "tiba", "escalate": 1, "silence": 30}


@st.composite
def days(draw: st.DrawFn) -> tuple[list[tuple[str, Any]], set[int]]:
    steps: list[tuple[str, Any]] = []
    minute = 0
    for number in range(draw(st.integers(1, 25))):
        minute += draw(st.sampled_from([0, 0, 1, 7, 20, 200]))
        what = draw(st.sampled_from(["report", "report", "report", "act", "act", "act", "tick"]))
        if what == "report":
            given = {
                "number": draw(st.sampled_from([number + 1] * 4 + [1])), "minute": minute,
                "text": draw(st.sampled_from(TEXTS)), "tps": draw(st.sampled_from([0, 4, 4, 5])),
                "reporter_id": draw(st.sampled_from("abcd")), "institution": draw(st.sampled_from(["kpu", "tni"])),
                "severity": draw(st.integers(1, 5)),
            }  # fmt: skip
            steps.append(("report", given))
        elif what == "tick":
            steps.append(("tick", minute))
        else:
            action = draw(st.sampled_from([*ACTIONS, "split", "merge", "split", "merge", "acknowledge", "reopen"]))
            chosen = draw(st.integers(0, 9)), draw(st.integers(0, 9)), draw(st.integers(1, 3))
            steps.append(("act", (action, minute, *chosen, draw(st.booleans()))))
    return steps, draw(st.sets(st.integers(0, len(steps) - 1), max_size=6))


def play(partition: Partition, steps: list[tuple[str, Any]], restarts: set[int]) -> Partition:
    for number, (what, step) in enumerate(steps):
        if number in restarts:
            partition.restart()
        if what == "report":
            partition.report(**step)
        elif what == "tick":
            partition.tick(step)
        elif partition.incidents:
            act(partition, *step)
    return partition


def act(partition: Partition, action: str, minute: int, one: int, other: int, count: int, group: bool) -> None:
    names = list(partition.incidents)
    name, far = names[one % len(names)], names[other % len(names)]
    if action == "split":
        mine = [report for report in partition.rows if partition.shown(report) == name][:count]
        partition.act(name, action, minute, reports=[partition.bodies[report] for report in mine or partition.rows])
        return
    value = {**VALUES, "severity": count}.get(action, far if "link" in action or action == "merge" else "")
    try:
        partition.act(name, action, minute, value, group=group)
    except Unanswered:
        raise AssertionError("every incident here is known") from None


@settings(deadline=None, max_examples=60)
@given(days())
def test_restarts_change_nothing_that_follows(catalog, enriched, day):
    steps, restarts = day
    whole = play(Partition(catalog, enriched), steps, set())
    pieces = play(Partition(catalog, enriched), steps, restarts)

    assert pieces.incidents == whole.incidents
    assert pieces.rows == whole.rows
    assert pieces.state.next_due() == whole.state.next_due()
    whole.restart(), pieces.restart()
    alive = [{k: v for k, v in one.stored.items() if v is not None} for one in (whole, pieces)]
    assert alive[0] == alive[1]


@settings(deadline=None, max_examples=60)
@given(days())
def test_every_report_counts_once_and_every_escalation_ran(catalog, enriched, day):
    steps, restarts = day
    partition = play(Partition(catalog, enriched), steps, restarts)
    end = max(step["minute"] if what == "report" else step[1] if what == "act" else step for what, step in steps)
    partition.tick(end)

    shown = [partition.shown(report) for report in partition.rows]
    for name, state in partition.incidents.items():
        assert state["reports"] == shown.count(name)
        people = {
            partition.bodies[report]["reporter_id"] for report in partition.rows if partition.shown(report) == name
        }
        assert state["reporters"] == len(people)
        assert state["status"] in STATUSES
        assert bool(state["merged_into"]) == (state["reports"] == 0)
        assert not state["merged_into"] or not partition.incidents[state["merged_into"]]["merged_into"]
        assert [event["seq"] for event in state["log"]] == list(range(1, len(state["log"]) + 1))
        assert [event["version"] for event in state["log"]] == sorted(event["version"] for event in state["log"])
        assert not {link["incident_id"] for link in state["suggested"]} & set(state["apart"])
    logs = [(name, state["log"]) for name, state in partition.incidents.items()]
    found = audit(logs, now=START + end * MINUTE, grace_ms=0)
    assert [finding for finding in found.findings if finding.what != "late"] == []
