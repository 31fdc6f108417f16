"""The auditor finds what did not run, and what ran late; and nothing else."""

from posko.life.audit import audit

MINUTE = 60_000


def event(seq, at, action, next_due, actor="posko"):
    return {"seq": seq, "at": at * MINUTE, "action": action, "actor": actor, "next_due": next_due and next_due * MINUTE}


OPENED = event(1, 0, "opened", 15)
UP = event(2, 15, "escalate", 30)


def findings(*events, now=1000):
    return [(one.what, one.late_ms // MINUTE) for one in audit([("i", events)], now * MINUTE).findings]


def test_escalations_that_ran_and_steps_in_time_leave_nothing_to_say():
    assert findings(OPENED, UP, event(3, 20, "acknowledge", None, "anna")) == []
    found = audit([("i", [OPENED, UP])], 16 * MINUTE)
    assert (found.incidents, found.due, found.ran, found.proven) == (1, 1, 1, True)


def test_one_that_never_ran_is_missing():
    assert findings(OPENED) == [("missing", 985)]
    assert findings(OPENED, UP, now=40) == [("missing", 10)]
    assert not audit([("i", [OPENED])], 1000 * MINUTE).proven


def test_a_persons_step_after_the_deadline_does_not_hide_it():
    assert findings(OPENED, event(2, 20, "acknowledge", None, "anna")) == [("skipped", 5)]


def test_one_that_ran_after_an_outage_is_late_but_proven():
    found = audit([("i", [OPENED, event(2, 45, "escalate", None)])], 1000 * MINUTE)
    assert [one.what for one in found.findings] == ["late"]
    assert found.proven
