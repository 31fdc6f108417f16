"""What the reports of an incident add up to, for the people who have to decide."""

from __future__ import annotations


def values(state, what):
    return next((one["values"] for one in state["contradictions"] if one["what"] == what), None)


def test_the_summary_is_the_best_report_and_goes_when_its_report_goes(partition):
    name = partition.report(1, "blm tiba", tps=4, institution="public", role="citizen")
    assert partition.incidents[name]["summary"] == "blm tiba"
    best = "kotak suara belum sampai di TPS 4, perahu kandas di muara sejak subuh"
    partition.report(2, best, 3, tps=4)
    assert partition.incidents[name]["summary"] == best
    partition.split(name, 2)
    assert partition.incidents[name]["summary"] == "blm tiba"


def test_one_institution_raises_the_severity_by_one_above_the_usual_a_second_one_by_what_it_confirms(partition):
    name = partition.report(1, tps=4, severity=5)
    state = partition.incidents[name]
    assert (state["severity"], state["severity_claimed"], state["severity_corroborated"]) == (4, 5, 0)
    assert state["confidence"] == "unconfirmed"

    partition.report(2, "perahu logistik masih kandas", 3, tps=4, severity=5, institution="tni")
    state = partition.incidents[name]
    assert (state["severity"], state["severity_corroborated"], state["confidence"]) == (5, 5, "corroborated")
    assert state["ack_due"] == state["opened_at"] + 2 * 60_000, "5 minutes, half of it while people vote"


def test_contradictions_are_shown_with_how_many_say_what(partition):
    name = partition.report(1, "logistik belum tiba, 200 surat suara kurang", tps=4, severity=2)
    partition.report(2, "logistik sudah tiba, aman", 60, tps=4, institution="tni", severity=4)
    partition.report(3, "logistik masih belum tiba, perahu kandas", 90, tps=4, institution="polri", severity=2)

    state = partition.incidents[name]
    assert state["reports"] == 3
    assert values(state, "over") == {"selesai": 1, "belum": 1}
    assert values(state, "severity") == {"kpu": 2, "tni": 4, "polri": 2}
    assert values(state, "tps") is None


def test_news_that_it_is_over_is_no_contradiction_by_itself(partition):
    name = partition.report(1, tps=4)
    partition.report(2, "logistik sudah tiba, aman", 60, tps=4, institution="tni")
    assert partition.incidents[name]["reports"] == 2
    assert values(partition.incidents[name], "over") is None


def test_merged_incidents_have_one_picture(partition):
    kept = partition.report(1, tps=4, severity=2)
    gone = partition.report(2, tps=5, severity=2, institution="tni")
    partition.act(gone, "merge", value=kept)
    state = partition.incidents[kept]
    assert (state["sources"], state["institutions"], state["confidence"]) == ({"kpu": 1, "tni": 1}, 2, "corroborated")
    assert len(values(state, "tps")) == 2


def test_a_known_claim_shows_its_verdict_at_once_and_leaves_with_its_reports(partition):
    known = {"id": "k1", "verdict": "hoaks", "link": "https://kpu.example/k1", "date": "2024-11-25"}
    name = partition.report(1, "kotak suara dibuka orang", tps=4)
    assert partition.incidents[name]["claim"] == {}
    partition.report(2, "kotak suara dibuka orang kata grup wa", 3, tps=4, claim=known)
    assert partition.incidents[name]["claim"] == {**known, "reports": 1}
    moved = partition.split(name, 2)
    assert partition.incidents[name]["claim"] == {}
    assert partition.incidents[moved]["claim"] == {**known, "reports": 1}
    partition.act(moved, "merge", value=name)
    assert partition.incidents[name]["claim"] == {**known, "reports": 1}
