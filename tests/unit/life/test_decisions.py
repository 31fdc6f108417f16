"""What a person decides holds: against matching, against repetition, against somebody else who had not seen it."""

import pytest

from posko.life.acts import Unanswered
from tests.unit.correlate.conftest import START


def test_an_incident_goes_from_new_to_resolved_with_every_step_named(partition):
    name = partition.report(1, tps=4)
    for action, value in (("acknowledge", ""), ("verify", "foto di lokasi"), ("resolve", "logistik tiba")):
        event = partition.act(name, action, value=value)
        assert (event["actor"], event["role"], event["institution"]) == ("operator-1", "operator", "posko")

    state = partition.incidents[name]
    assert (state["status"], state["confidence"], state["escalate_at"]) == ("resolved", "verified", None)
    assert event["detail"] == "logistik tiba: sudah dicek"


def test_an_impossible_step_is_answered_in_the_log_and_changes_nothing_else(partition):
    name = partition.report(1, tps=4)
    before = partition.incidents[name]
    event = partition.act(name, "resolve", value="selesai")

    assert (event["action"], event["code"], event["value"]) == ("refused", "status", "resolve")
    assert "tidak dapat dilakukan" in event["detail"]
    after = partition.incidents[name]
    assert {key for key in after if after[key] != before[key]} == {"log", "version"}


def test_the_same_action_sent_twice_acts_once(partition):
    name = partition.report(1, tps=4)
    partition.act(name, "note", action_id="one")
    version = partition.incidents[name]["version"]
    partition.restart()
    partition.act(name, "note", action_id="one")

    assert partition.incidents[name]["version"] == version
    assert partition.actions(name).count("note") == 1


def test_the_later_of_two_people_is_told_who_was_first(partition):
    name = partition.report(1, tps=4)
    seen = partition.incidents[name]["version"]
    partition.report(2, minute=2, tps=4, reporter_id="b")  # reports that come in meanwhile do not matter
    first = partition.act(name, "acknowledge", expected_version=seen, actor="anna", minute=3)
    later = partition.act(name, "acknowledge", expected_version=seen, actor="budi", minute=3.5)

    assert (first["action"], later["action"], later["code"]) == ("acknowledge", "refused", "stale")
    assert "anna (posko) menangani pukul 07.03 WIB" in later["detail"]
    assert "ditangani" in later["detail"]


def test_an_action_on_an_unknown_incident_has_an_answer(partition):
    with pytest.raises(Unanswered, match="tidak dikenal") as refusal:
        partition.act("16.02-ABCDEFGHJK", "note")
    assert refusal.value.code == "unknown_incident"


def test_a_split_report_has_its_own_incident_and_its_resends_and_echoes_follow_it(partition):
    name = partition.report(1, tps=4)
    partition.report(2, "kotak suara belum sampai sudah 2 jam, warga menunggu", 5, tps=4, institution="tni")
    new = partition.split(name, 2, minute=10)

    assert new != name
    assert partition.report(2, "kotak suara belum sampai sudah 2 jam, warga menunggu", 5, tps=4) == new
    again = partition.report(
        3, "kotak suara belum sampai sudah 2 jam, warga menunggu", 12, tps=4, reporter_id="person-2"
    )
    assert again == new
    old, fresh = partition.incidents[name], partition.incidents[new]
    assert (old["reports"], old["reporters"], old["institutions"]) == (1, 1, 1)
    assert (fresh["reports"], fresh["reporters"], fresh["institutions"]) == (2, 1, 1)
    assert old["apart"] == [new]
    assert fresh["apart"] == [name]
    assert fresh["due_from"] == START + 10 * 60_000


def test_all_reports_of_an_incident_cannot_be_split_off(partition):
    name = partition.report(1, tps=4)
    assert partition.act(name, "split", reports=list(partition.bodies.values()))["code"] == "nothing_left"
    other = partition.report(2, tps=5)
    partition.report(3, "perahu masih kandas", 3, tps=4)
    mine = [body for body in partition.bodies.values() if body["tps"].endswith("5")]
    assert partition.act(name, "split", reports=mine)["code"] == "unknown_report"
    assert partition.incidents[other]["reports"] == 1


@pytest.mark.parametrize("restarts", [False, True], ids=["running", "restarted"])
def test_reports_like_a_merged_incidents_join_what_it_was_merged_into(partition, restarts):
    kept = partition.report(1, tps=4)
    gone = partition.report(2, tps=5)
    partition.act(gone, "merge", value=kept)
    if restarts:
        partition.restart()

    assert partition.report(3, "perahu logistik masih kandas", 8, tps=5, institution="tni") == kept
    assert partition.report(2, tps=5) == kept, "a resend"
    state, absorbed = partition.incidents[kept], partition.incidents[gone]
    assert (state["reports"], state["reporters"], state["institutions"]) == (3, 3, 2)
    assert (absorbed["reports"], absorbed["status"], absorbed["merged_into"]) == (0, "resolved", kept)
    assert partition.act(gone, "note")["code"] == "merged"


def test_what_was_merged_follows_when_its_incident_is_merged_again(partition):
    a, b, c = (partition.report(n, tps=n) for n in (4, 5, 6))
    partition.act(a, "merge", value=b)
    partition.act(b, "merge", value=c)

    assert partition.incidents[a]["merged_into"] == c
    assert partition.incidents[c]["reports"] == 3
    assert sorted(partition.incidents[c]["absorbed"]) == sorted([a, b])
    partition.restart()
    assert partition.report(7, "perahu logistik masih kandas", 8, tps=4) == c


def test_an_incident_is_only_merged_within_its_scope(partition):
    name = partition.report(1, tps=4)
    far = partition.report(2, "beredar video surat suara sudah tercoblos", category="hoax")

    assert partition.act(name, "merge", value=far)["code"] == "other_scope"
    assert partition.act(name, "merge", value=name)["code"] == "same_incident"
    assert partition.act(name, "merge", value="16.02-ZZZZZZZZZZ")["code"] == "unknown_incident"


def test_a_suggested_link_is_confirmed_or_refused_and_a_refused_one_is_gone(partition):
    old = partition.report(1)
    new = partition.report(2, "mohon petunjuk logistik", 5)
    assert [link["incident_id"] for link in partition.incidents[new]["suggested"]] == [old]

    event = partition.act(old, "refuse_link", value=new)
    assert event["action"] == "refuse_link"
    assert partition.incidents[new]["suggested"] == []
    assert partition.incidents[new]["apart"] == [old]
    assert partition.act(new, "confirm_link", value=old)["code"] == "no_link"

    third = partition.report(3, minute=6, village="16.02.09.2001")
    like_it = partition.report(4, "mohon petunjuk logistik", 7, village="16.02.09.2001")
    assert [link["incident_id"] for link in partition.incidents[like_it]["suggested"]] == [third]
    partition.act(like_it, "confirm_link", value=third)
    assert partition.incidents[like_it]["merged_into"] == third


def test_a_rejected_incident_takes_reports_without_reopening_and_says_so_once(partition):
    name = partition.report(1, tps=4)
    partition.act(name, "acknowledge")
    partition.act(name, "reject", why="tidak benar")
    for number in (2, 3):
        assert partition.report(number, "perahu logistik masih kandas", 5, tps=4, institution="tni") == name

    state = partition.incidents[name]
    assert (state["status"], state["confidence"], state["reports_since_closed"]) == ("rejected", "refuted", 2)
    assert partition.actions(name).count("reported_again") == 1
    partition.act(name, "reopen", 6)
    assert partition.incidents[name]["reports_since_closed"] == 0


def test_a_persons_severity_is_not_changed_by_reports(partition):
    name = partition.report(1, tps=4)
    partition.act(name, "severity", value=2)
    for number in (2, 3):
        partition.report(number, "perahu logistik masih kandas", 5, tps=4, institution=f"i{number}", severity=5)

    state = partition.incidents[name]
    assert (state["severity"], state["severity_claimed"], state["severity_corroborated"]) == (2, 5, 5)
    assert state["ack_due"] == state["due_from"] + 30 * 60_000, "60 minutes, half of it while people vote"


def test_referral_goes_to_an_agency_that_exists(partition):
    name = partition.report(1, tps=4)
    assert partition.act(name, "refer", value="nasa")["code"] == "unknown_agency"
    partition.act(name, "refer", value="bawaslu")
    assert partition.incidents[name]["lead_agency"] == "bawaslu"
    assert "kpu" in partition.incidents[name]["support_agencies"]


def test_a_log_that_is_full_turns_people_away_but_not_what_the_system_has_to_say(partition):
    name = partition.report(1, tps=4)
    for _ in range(499):
        partition.act(name, "note", 0)
    with pytest.raises(Unanswered) as refusal:
        partition.act(name, "note", 0)
    assert refusal.value.code == "log_full"
    partition.tick(60)
    assert "escalate" in partition.actions(name)
