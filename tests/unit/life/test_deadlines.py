"""Missed deadlines go up level by level, whatever happens in between; groups are told as Alertmanager would."""

import pytest

from posko.life.agenda import Agenda
from tests.unit.correlate.conftest import MINUTE, START

NIGHT = 17 * 60  # minutes after 07.00: midnight


def ups(partition, name):
    return [
        (event["action"], event["cause"], event["value"], (event["at"] - START) // MINUTE)
        for event in partition.incidents[name]["log"]
        if event["action"] in ("escalate", "overdue")
    ]


def notices(partition):
    found = [event for state in partition.incidents.values() for event in state["log"] if event["action"] == "notified"]
    return [
        (event["value"], event["group"]["level"], event["group"]["count"], event["group"]["fresh"])
        for event in sorted(found, key=lambda event: (event["at"], event["group"]["level"]))
    ]


def test_nobody_acknowledges_so_it_goes_to_the_kabupaten_and_then_to_the_province(partition):
    name = partition.report(1, tps=4)  # severity 3 while people vote: 15 minutes, 120 minutes
    for minute in (14, 15, 29, 30, 200):
        partition.tick(minute)

    assert ups(partition, name) == [
        ("escalate", "ack", "1", 15), ("escalate", "ack", "2", 30), ("overdue", "resolve", "2", 200),
    ]  # fmt: skip
    assert "naik ke tingkat kabupaten/kota" in next(
        event["detail"] for event in partition.incidents[name]["log"] if event["action"] == "escalate"
    )


def test_who_acknowledges_in_time_is_only_late_for_the_solution(partition):
    name = partition.report(1, tps=4)
    partition.act(name, "acknowledge", 10)
    for minute in (15, 60, 119, 120, 240, 999):
        partition.tick(minute)

    assert ups(partition, name) == [("escalate", "resolve", "1", 120), ("escalate", "resolve", "2", 240)]
    assert partition.state.next_due() is None or partition.incidents[name]["escalate_at"] is None


def test_an_acknowledgement_that_comes_late_comes_after_its_escalation_though_no_tick_came_between(partition):
    name = partition.report(1, tps=4)
    partition.act(name, "acknowledge", 16)

    assert [a for a in partition.actions(name) if a != "notified"] == ["opened", "escalate", "acknowledge"]


def test_a_deadline_that_passed_while_nothing_ran_is_made_up_for(partition):
    name = partition.report(1, tps=4)
    partition.restart()
    partition.tick(300)

    assert [what[:3] for what in ups(partition, name)] == [
        ("escalate", "ack", "1"), ("escalate", "ack", "2"), ("overdue", "resolve", "2"), ("overdue", "resolve", "2"),
    ]  # fmt: skip
    log = partition.incidents[name]["log"]
    assert [(event["due"] - START) // MINUTE for event in log if "due" in event] == [15, 30, 120, 240]


def test_a_reopened_incident_has_all_its_time_again(partition):
    name = partition.report(1, tps=4)
    for action, value in (("acknowledge", ""), ("verify", "foto"), ("resolve", "tiba")):
        partition.act(name, action, 5, value)
    partition.tick(400)
    assert ups(partition, name) == []
    partition.act(name, "reopen", 400)
    partition.tick(414)
    assert ups(partition, name) == []
    partition.tick(415)
    assert [what[:3] for what in ups(partition, name)] == [("escalate", "ack", "1")]


def test_time_does_not_go_backwards(partition):
    name = partition.report(1, tps=4)
    partition.tick(16)
    partition.restart()
    partition.tick(3)

    assert len(ups(partition, name)) == 1


def test_forty_incidents_of_one_kind_in_one_kecamatan_are_one_notification(partition):
    for n in range(1, 41):
        partition.report(n, tps=n)
    partition.report(50, village="16.02.06.2001", tps=1)
    partition.tick(0.4)
    assert notices(partition) == []
    partition.tick(0.5)

    assert sorted(notices(partition)) == [("new", 0, 1, 1), ("new", 0, 40, 40)]
    said = [event["detail"] for state in partition.incidents.values() for event in state["log"][1:]]
    assert any(text.startswith("40 insiden Logistik terlambat") for text in said)


def test_what_is_added_is_told_after_the_interval_and_what_waits_is_repeated(partition):
    partition.report(1, tps=1)
    partition.tick(0.5)
    partition.report(2, minute=1, tps=2)
    partition.tick(5)
    assert notices(partition) == [("new", 0, 1, 1)]
    partition.tick(5.5)
    assert notices(partition)[1:] == [("more", 0, 2, 1)]
    partition.tick(14)
    partition.tick(40)  # both went up, to the province by now, and are new there
    assert [notice for notice in notices(partition) if notice[1] == 2] == []
    partition.tick(41)
    assert [notice for notice in notices(partition) if notice[1] == 2] == [("new", 2, 2, 2)]
    partition.tick(101)
    assert notices(partition)[-1] == ("repeat", 2, 2, 0)


def test_repeating_ends_and_acknowledging_ends_it_at_once(partition):
    name = partition.report(1, tps=1)
    partition.act(name, "severity", 0, value=4)
    for minute in range(0, 30 * 60, 10):
        partition.tick(minute)
    told = [notice for notice in notices(partition) if notice[:2] == ("repeat", 2)]
    assert len(told) == 12
    partition.act(name, "acknowledge", 30 * 60)
    other = partition.report(2, minute=30 * 60, tps=9)
    partition.tick(30 * 60 + 1)
    partition.act(other, "acknowledge", 30 * 60 + 2)
    before = len(notices(partition))
    partition.tick(30 * 60 + 100)
    assert len(notices(partition)) == before


@pytest.mark.parametrize("group", [False, True], ids=["incident", "group"])
def test_a_silenced_incident_goes_up_but_nobody_is_told_until_the_silence_ends(partition, group):
    name = partition.report(1, tps=1)
    partition.act(name, "silence", 0.1, 60, group=group)
    other = partition.report(2, tps=2)
    partition.restart()
    partition.tick(50)
    heard = {event["group"]["count"] for s in partition.incidents.values() for event in s["log"] if "group" in event}
    assert heard == (set() if group else {1})
    assert [what[2] for what in ups(partition, name)] == ["1", "2"]
    partition.tick(61)
    partition.tick(62)
    assert notices(partition)[-1][2] == 2
    assert partition.incidents[other]["escalation"] == 2


def test_a_silence_can_be_ended_early(partition):
    name = partition.report(1, tps=1)
    partition.act(name, "silence", 0.1, 600)
    partition.tick(2)
    assert notices(partition) == []
    partition.act(name, "silence", 3, 0)
    partition.tick(3)
    assert notices(partition) == [("new", 0, 1, 1)]


def test_in_quiet_hours_only_what_is_severe_is_told(partition):
    partition.report(1, minute=NIGHT, tps=1, phase="")
    partition.report(2, minute=NIGHT, tps=2, phase="", kind="missing_ballots", severity=4)
    partition.tick(NIGHT + 1)
    assert notices(partition) == [("new", 0, 1, 1)]
    assert partition.state.next_due() < START + (NIGHT + 30) * MINUTE
    partition.tick(NIGHT + 4 * 60 + 29)
    waiting = [notice for notice in notices(partition) if notice[3]]
    partition.tick(NIGHT + 4 * 60 + 30)
    told = [notice for notice in notices(partition) if notice[3]][len(waiting) :]
    assert told == [("new", 2, 1, 1)] * 2, "the severe one went up at 04.29, the other one waited for the morning"


def test_one_tick_does_a_bounded_part_and_the_next_one_the_rest(partition, monkeypatch):
    monkeypatch.setattr("posko.correlate.correlator.A_TICK", 3)
    names = [partition.report(n, tps=n) for n in range(1, 6)]
    for _ in range(6):
        partition.tick(16)
    assert [len(ups(partition, name)) for name in names] == [1] * 5
    assert partition.state.next_due() > START + 16 * MINUTE


def test_the_agenda_forgets_what_was_moved():
    agenda = Agenda()
    for at in range(10_000):
        agenda.set("d", "x", 10_000 - at)
    assert len(agenda) == 1
    assert len(agenda._heap) < 100
    assert agenda.pop(0) is None
    assert agenda.pop(1) == (1, "d", "x")
    assert agenda.first() is None
