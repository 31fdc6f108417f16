"""An incident's life: only allowed steps, each one logged, nothing overwritten."""

import copy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.incident import ACTIONS, OPEN, STATUSES, Refused, Step, allowed, apply, merge


def incident(**changes):
    return {
        "incident_id": "16.71-ABCDEFGHJK",
        "status": "new",
        "severity": 3,
        "lead_agency": "kpu",
        "support_agencies": ["polri"],
        "assigned_to": "",
        "escalation": 0,
        "suggested": [],
        "first_at": 10,
        "last_at": 20,
        "updated_at": 20,
        "version": 1,
        "merged_into": "",
        "verified": False,
        "severity_set": 0,
        "last_act": None,
        "reports": 2,
        "reporters": 2,
        "institutions": 1,
        "due_from": 10,
        "ack_due": 20,
        "resolve_due": 40,
        "missed": [0, 0],
        "escalate_at": 20,
        "reports_since_closed": 0,
        "log": [{"seq": 1, "at": 10, "actor": "posko", "action": "opened", "detail": ""}],
    } | changes


VALUES = {"verify": "foto segel", "resolve": "logistik tiba"}


def step(action, at=30, why="dicek di lapangan", value=""):
    value = value or VALUES.get(action, "")
    return Step(action, "operator-1", at, why, value)


def walk(*actions, state=None):
    state = state or incident()
    for action in actions:
        state, _ = apply(state, step(action))
    return state


def test_the_way_from_new_to_resolved():
    state = walk("acknowledge", "verify", "resolve")

    assert state["status"] == "resolved"
    assert [event["action"] for event in state["log"]] == ["opened", "acknowledge", "verify", "resolve"]
    assert state["version"] == 4


def test_a_rejected_or_resolved_incident_can_be_reopened_and_acknowledged_again():
    assert walk("acknowledge", "reject", "reopen")["status"] == "reopened"
    assert walk("acknowledge", "verify", "resolve", "reopen", "acknowledge")["status"] == "acknowledged"


@pytest.mark.parametrize(
    ("status", "action"), [("new", "verify"), ("new", "resolve"), ("verified", "acknowledge"), ("resolved", "assign")]
)
def test_a_step_out_of_order_is_refused_with_status_and_allowed_steps(status, action):
    with pytest.raises(Refused) as refused:
        apply(incident(status=status), step(action, value="x"))

    assert refused.value.code == "status"
    assert f"({status})" in str(refused.value)
    assert all(name in str(refused.value) for name in allowed(status))


def test_who_and_why_are_required():
    with pytest.raises(Refused, match="actor"):
        apply(incident(), Step("acknowledge", "", 30))
    with pytest.raises(Refused, match="alasan"):
        apply(incident(status="acknowledged"), Step("reject", "operator-1", 30, " "))


def test_an_unknown_action_names_the_known_ones():
    with pytest.raises(Refused, match="acknowledge, verify"):
        apply(incident(), step("explode"))


def test_assign_and_refer_say_whom():
    state, event = apply(incident(), step("assign", value="Posko Ogan Ilir"))
    assert (state["assigned_to"], event["detail"]) == ("Posko Ogan Ilir", "Posko Ogan Ilir: dicek di lapangan")
    state, _ = apply(state, step("refer", value="bawaslu"))
    assert (state["lead_agency"], state["support_agencies"]) == ("bawaslu", ["kpu", "polri"])
    with pytest.raises(Refused, match="instansi"):
        apply(state, step("refer"))


def test_escalation_only_rises_and_ends_at_the_province():
    state, _ = apply(incident(), step("escalate", value=1))
    with pytest.raises(Refused, match="tidak di atas"):
        apply(state, step("escalate", value=1))
    state, _ = apply(state, step("escalate", value=2))
    with pytest.raises(Refused):
        apply(state, step("escalate", value=3))


def test_severity_is_changed_with_old_and_new_in_the_log():
    state, event = apply(incident(), step("severity", value=5))

    assert state["severity"] == 5
    assert event["detail"] == "3 -> 5: dicek di lapangan"


def test_merging_closes_the_absorbed_incident_and_both_logs_name_the_other():
    other = incident(incident_id="16.71-ZZZZZZZZZZ", severity=5, first_at=5, last_at=15)
    kept, absorbed = merge(incident(), other, step("merge"))

    assert (kept["severity"], kept["first_at"], kept["last_at"], kept["reports"]) == (5, 5, 20, 4)
    assert (absorbed["status"], absorbed["merged_into"], absorbed["reports"]) == ("resolved", "16.71-ABCDEFGHJK", 0)
    with pytest.raises(Refused, match="sudah digabung ke"):
        apply(absorbed, step("note"))
    assert absorbed["status"] == "resolved"
    assert kept["log"][-1]["detail"].startswith("16.71-ZZZZZZZZZZ")
    assert absorbed["log"][-1]["detail"].startswith("16.71-ABCDEFGHJK")


def test_an_incident_is_not_merged_with_itself_or_into_from_a_closed_one():
    with pytest.raises(Refused, match="dirinya sendiri"):
        merge(incident(), incident(), step("merge"))
    with pytest.raises(Refused, match="selesai"):
        merge(incident(), incident(incident_id="16.71-ZZZZZZZZZZ", status="resolved"), step("merge"))


def test_a_verification_needs_its_proof_and_a_solution_its_outcome():
    with pytest.raises(Refused, match="bukti") as refused:
        apply(incident(status="acknowledged"), Step("verify", "operator-1", 30))
    assert refused.value.code == "no_value"
    with pytest.raises(Refused, match="hasil"):
        apply(incident(status="verified"), Step("resolve", "operator-1", 30))


def test_every_step_logs_when_the_next_escalation_is_due():
    state = walk("acknowledge")
    assert (state["log"][-1]["next_due"], state["escalate_at"]) == (40, 40)
    state = walk("verify", "resolve", state=state)
    assert (state["log"][-1]["next_due"], state["escalate_at"]) == (None, None)


steps = st.builds(
    Step,
    st.sampled_from(ACTIONS),
    st.sampled_from(["operator-1", "operator-2", ""]),
    st.integers(0, 10**6),
    st.sampled_from(["", "karena perlu"]),
    st.sampled_from(["", "bawaslu", 1, 2, 5]),
)


@given(st.lists(steps, max_size=30))
def test_whatever_is_tried_the_history_only_grows(tried):
    state = incident()
    for one in tried:
        before = copy.deepcopy(state)
        try:
            after, event = apply(state, one)
        except Refused:
            after, event = state, None
        assert state == before, "the given state must not change"
        assert after["status"] in STATUSES
        if event:
            assert one.action in allowed(before["status"])
            assert after["version"] == before["version"] + 1
            assert after["log"] == [*before["log"], event]
            assert event["seq"] == len(after["log"])
            assert after["updated_at"] >= before["updated_at"]
            assert after["escalation"] >= before["escalation"]
        state = after


def test_every_status_allows_something_and_open_ones_can_move_on():
    assert all(allowed(status) for status in STATUSES)
    assert all({"assign", "note"} <= set(allowed(status)) for status in OPEN)
