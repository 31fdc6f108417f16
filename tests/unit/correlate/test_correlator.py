"""One partition's reports become incidents: joined, resent or new, in any batching, across restarts."""

import itertools
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from posko.correlate import Correlator
from posko.correlate.kept import HOT

HOUR = 60


def run(catalog, reports, cuts=(), restart=False, hot=HOT):
    """Apply the reports in batches that end at `cuts`; with `restart`, each batch meets a Correlator made from the
    changelog. `hot`: incidents that are not packed between batches."""
    correlator, stored, matched, incidents = Correlator(catalog, hot=hot), {}, [], {}
    edges = [0, *sorted(set(cuts)), len(reports)]
    for start, end in itertools.pairwise(edges):
        if restart:
            correlator = restored(catalog, stored)
        outcome = correlator.apply(reports[start:end])
        stored.update(outcome.changelog)
        matched += outcome.matched
        incidents |= {incident["incident_id"]: incident for incident in outcome.incidents}
    return matched, incidents, stored


def restored(catalog, stored):
    correlator = Correlator(catalog)
    for key, value in stored.items():
        correlator.restore(key, value)
    correlator.restored()
    return correlator


def matches(catalog, *reports):
    matched, incidents, _ = run(catalog, list(reports))
    return [message["match"] for message in matched], matched, incidents


def test_a_report_opens_an_incident_with_every_field_of_the_contract(catalog, enriched):
    _, (message,), incidents = matches(catalog, enriched(1, tps=4))

    state = incidents[message["incident_id"]]
    assert set(state) == {
        "incident_id", "scope", "status", "category", "kind", "title", "severity", "phase", "vulnerability", "province",
        "regency", "district", "village", "tps", "lat", "lng", "place_m", "place_name", "reports", "reporters",
        "institutions", "first_at", "last_at", "opened_at", "updated_at", "lead_agency", "support_agencies",
        "assigned_to", "ack_due", "resolve_due", "escalation", "suggested", "version", "log", "summary", "sources",
        "claim", "known",
        "claims", "said", "quotes", "severity_claimed", "severity_corroborated", "severity_set", "confidence",
        "contradictions", "over_at", "verified", "due_from", "missed", "escalate_at", "merged_into", "absorbed",
        "apart", "reports_since_closed", "last_act",
    }  # fmt: skip
    assert state["title"] == "Logistik terlambat - TPS 4, Tanjung Baru"
    assert state["ack_due"] - state["opened_at"] == 15 * 60_000  # half of 30: voting
    assert state["incident_id"].startswith("16.02-")
    assert len(state["incident_id"]) == len("16.02-") + 10
    assert message.keys() - enriched(1).keys() == {
        "incident_id", "match", "score", "reasons", "duplicate", "conflict",
    }  # fmt: skip


def test_witnesses_with_other_words_join_and_count_as_people_and_institutions(catalog, enriched):
    how, matched, incidents = matches(
        catalog,
        enriched(1, "lgstk blm tiba tps 4, prahu kandas", tps=4),
        enriched(2, "kotak suara belum sampai sudah 2 jam warga menunggu", 20, tps=4, institution="tni"),
        enriched(3, "perahu pembawa logistik kandas di sungai, TPS 4 menunggu", 45, kind="", institution="public"),
    )

    assert how == ["new", "joined", "joined"]
    state = incidents[matched[0]["incident_id"]]
    assert (state["reports"], state["reporters"], state["institutions"], state["version"]) == (3, 3, 3, 3)
    assert [event["action"] for event in state["log"]] == ["opened", "corroborated"]
    assert {reason["what"] for reason in matched[1]["reasons"]} >= {"place", "kind", "time", "words"}


def test_the_same_words_about_another_tps_are_another_event(catalog, enriched):
    how, matched, _ = matches(catalog, enriched(1, tps=4), enriched(2, tps=5))

    assert how == ["new", "new"]
    assert len({message["incident_id"] for message in matched}) == 2


def test_the_same_id_again_is_resent_and_changes_nothing(catalog, enriched):
    how, matched, incidents = matches(catalog, enriched(1, tps=4), enriched(1, tps=4))

    assert how == ["new", "resent"]
    assert (matched[1]["duplicate"], matched[1]["conflict"]) == (True, False)
    assert incidents[matched[0]["incident_id"]]["version"] == 1


def test_the_same_id_with_other_content_is_a_conflict(catalog, enriched):
    _, matched, incidents = matches(catalog, enriched(1, tps=4), enriched(1, "lain sama sekali", tps=9))

    assert (matched[1]["match"], matched[1]["duplicate"], matched[1]["conflict"]) == ("resent", True, True)
    assert matched[1]["incident_id"] == matched[0]["incident_id"]
    assert len(incidents) == 1


def test_a_persons_own_words_under_a_new_id_are_a_row_but_no_new_voice(catalog, enriched):
    how, matched, incidents = matches(
        catalog,
        enriched(1, tps=4, reporter_id="a"),
        enriched(2, "Logistik blm tiba, perahu kandas di sungai!!", 9, tps=4, reporter_id="a"),
    )

    assert how == ["new", "resent"]
    assert not matched[1]["duplicate"]
    state = incidents[matched[0]["incident_id"]]
    assert (state["reports"], state["reporters"]) == (2, 1)


def test_a_short_text_in_a_village_is_only_suggested(catalog, enriched):
    how, matched, incidents = matches(catalog, enriched(1), enriched(2, "mohon petunjuk logistik", 5))

    assert how == ["new", "new"]
    links = incidents[matched[1]["incident_id"]]["suggested"]
    assert [link["incident_id"] for link in links] == [matched[0]["incident_id"]]


def test_two_equally_good_incidents_are_left_to_a_person(catalog, enriched):
    how, matched, incidents = matches(
        catalog,
        enriched(1, tps=4),
        enriched(2, tps=5),
        enriched(3, "logistik belum tiba karena perahu kandas sungai", 10),
    )

    assert how == ["new", "new", "new"]
    links = {link["incident_id"] for link in incidents[matched[2]["incident_id"]]["suggested"]}
    assert links == {matched[0]["incident_id"], matched[1]["incident_id"]}


def test_later_news_joins_its_event(catalog, enriched):
    how, _, _ = matches(catalog, enriched(1, tps=4), enriched(2, "logistik sudah tiba di tps, aman", 5 * HOUR, tps=4))

    assert how == ["new", "joined"]


def test_a_more_precise_place_and_a_higher_severity_are_taken_over_and_logged(catalog, enriched):
    _, matched, incidents = matches(catalog, enriched(1), enriched(2, minute=3, tps=4, severity=5))

    state = incidents[matched[0]["incident_id"]]
    assert (state["tps"], state["severity"], state["title"]) == (
        "16.02.05.2001/004",
        4,  # one institution alone raises it by one above what is usual
        "Logistik terlambat - TPS 4, Tanjung Baru",
    )
    assert state["ack_due"] == state["opened_at"] + 8 * 60_000
    assert [event["action"] for event in state["log"]] == ["opened", "severity_raised", "place_refined"]


def test_wordings_of_one_claim_meet_and_another_candidate_is_another_claim(catalog, enriched):
    how, _matched, _ = matches(
        catalog,
        enriched(1, "beredar video surat suara sudah tercoblos paslon 02 di gudang", category="hoax"),
        enriched(2, "ado wa nyebar ssu lah tecoblos no 2 di gudang, bohong dak?", 300, category="hoax"),
        enriched(3, "beredar video surat suara sudah tercoblos paslon 01 di gudang", 400, category="hoax"),
    )

    assert how == ["new", "joined", "new"]
    assert (
        '"beredar video' in run(catalog, [enriched(1, "beredar video lama", category="hoax")])[1].popitem()[1]["title"]
    )


def test_phones_that_were_offline_are_placed_by_event_time(catalog, enriched):
    how, _, _ = matches(
        catalog,
        enriched(1, tps=4),
        enriched(2, "kotak suara terlambat, warga menunggu", tps=4, received_at=enriched(1, minute=600)["received_at"]),
    )

    assert how == ["new", "joined"]


def test_ids_are_forgotten_after_three_days_and_their_entries_deleted(catalog, enriched):
    late = [enriched(n, f"kendala lain nomor {n}", 80 * HOUR, village=f"16.02.06.{n:04d}") for n in range(3, 6)]
    _, _, stored = run(catalog, [enriched(1, tps=4), *late], cuts=[1])

    entries = [value for key, value in stored.items() if key[:1] == b"r"]
    first, third = (1).to_bytes(16), (3).to_bytes(16)
    assert not any(value and first in value for value in entries)
    assert any(value and third in value for value in entries)


def test_the_same_input_gives_the_same_ids(catalog, enriched):
    reports = [enriched(n, tps=n % 3 + 1, minute=n) for n in range(1, 9)]

    assert run(catalog, reports)[0] == run(catalog, reports)[0]


def test_an_incident_with_many_voices_counts_them_across_restarts(catalog, enriched):
    texts = ["logistik belum tiba, perahu kandas", "kotak suara masih belum sampai, warga menunggu"]
    reports = [enriched(n, texts[n // 151], tps=4, reporter_id=f"p{n % 150}", minute=n // 10) for n in range(1, 300)]
    whole = run(catalog, reports)[1]
    pieces = run(catalog, reports, cuts=range(0, 300, 7), restart=True)[1]
    packed = run(catalog, reports, cuts=range(0, 300, 7), hot=0)[1]

    assert whole == pieces == packed
    assert next(iter(whole.values()))["reporters"] == 150


def test_what_is_compared_among_many_is_the_same_after_a_restart(catalog, enriched):
    opened = [enriched(n, tps=n, minute=n) for n in range(1, 60)]
    touched = [enriched(100 + n, "perahu logistik masih kandas", tps=n, minute=70) for n in (3, 9, 27)]
    asked = [enriched(200 + n, "logistik belum tiba karena perahu kandas di sungai", minute=75) for n in range(3)]
    reports = [*opened, *touched, *asked]

    whole = run(catalog, reports)[:2]
    assert run(catalog, reports, cuts=[59, 62, 63], restart=True)[:2] == whole
    assert run(catalog, reports, cuts=range(0, 65, 3), hot=1)[:2] == whole


TEXTS = [
    "lgstk blm tiba tps 4, prahu kandas",
    "logistik sudah tiba, aman",
    "kotak suara belum sampai 2 jam",
    "kotak suara belum sampai 6 jam",
    "ssu tercoblos paslon 01 di gudang",
    "surat suara sudah tercoblos no 2 di gudang kpu",
    "!!!",
]


@st.composite
def streams(draw):
    """Random reports: few places, people and ids, so that everything meets; hours to days apart."""
    minute, plans = 0, []
    for _ in range(draw(st.integers(1, 25))):
        minute += draw(st.sampled_from([0, 1, 30, 200, 24 * HOUR, 75 * HOUR, 32 * 24 * HOUR]))
        plans.append(
            {
                "number": draw(st.integers(1, 12)),
                "text": draw(st.sampled_from(TEXTS)),
                "minute": minute - draw(st.sampled_from([0, 0, 0, 5, 74 * HOUR])),
                "tps": draw(st.sampled_from([0, 0, 4, 5])),
                "village": draw(st.sampled_from(["16.02.05.2001", "16.02.05.2002", ""])),
                "category": draw(st.sampled_from(["logistics", "logistics", "hoax"])),
                "reporter_id": draw(st.sampled_from(["a", "b", "c"])),
                "institution": draw(st.sampled_from(["kpu", "tni"])),
                "severity": draw(st.integers(1, 5)),
            }
        )
    return plans, draw(st.lists(st.integers(1, len(plans)), max_size=6))


@settings(deadline=None, max_examples=150)
@given(streams())
def test_batching_and_restarts_change_nothing(catalog, enriched, stream):
    plans, cuts = stream
    reports = [enriched(**({**plan, "tps": plan["tps"] if plan["village"] else 0})) for plan in plans]
    matched, incidents, _ = run(catalog, reports)

    assert run(catalog, reports, cuts)[:2] == (matched, incidents)
    assert run(catalog, reports, cuts, restart=True)[:2] == (matched, incidents)
    assert run(catalog, reports, cuts, hot=0)[:2] == (matched, incidents)


@settings(deadline=None, max_examples=100)
@given(streams())
def test_counts_agree_with_the_messages_whatever_arrives(catalog, enriched, stream):
    plans, cuts = stream
    reports = [
        enriched(**({**plan, "minute": n, "tps": plan["tps"] if plan["village"] else 0}))
        for n, plan in enumerate(plans)
    ]
    matched, incidents, _ = run(catalog, reports, cuts)
    rows = [message for message in matched if not message["duplicate"]]

    assert len(rows) == len({message["report_id"] for message in matched})
    for state in incidents.values():
        mine = [message for message in rows if message["incident_id"] == state["incident_id"]]
        assert state["reports"] == state["version"] == len(mine)
        assert state["reporters"] == len({message["reporter_id"] for message in mine})
        assert state["institutions"] == len(
            {message["institution"] for message in mine if message["match"] != "resent"}
        )
        heard = [message for message in mine if message["match"] != "resent"]
        assert state["severity_claimed"] == max(message["severity"] for message in heard)
        assert state["severity_corroborated"] <= state["severity"] <= state["severity_claimed"]
        assert [event["seq"] for event in state["log"]] == list(range(1, len(state["log"]) + 1))


@pytest.mark.parametrize("missing", ["", "unknown"])
def test_a_kind_that_the_catalogue_lacks_still_gets_an_incident(catalog, enriched, missing):
    _, matched, incidents = matches(catalog, enriched(1, kind=missing, tps=4))

    assert incidents[matched[0]["incident_id"]]["title"].startswith("Logistik - ")
    json.dumps(matched)


def test_incidents_that_are_already_linked_do_not_keep_a_third_report_out(catalog, enriched):
    reports = [
        enriched(1),
        enriched(2, "mohon petunjuk logistik", 5),
        enriched(3, "lgstk blm tiba, perahu kandas di sungai", 9),
    ]
    matched, _, _ = run(catalog, reports)

    assert [message["match"] for message in matched] == ["new", "new", "joined"]
    assert run(catalog, reports, cuts=[1, 2], restart=True)[0] == matched


@pytest.mark.parametrize(("kind", "hours", "how"), [("late", 40, "joined"), ("late", 60, "new"), ("forms", 40, "new")])
def test_an_incident_takes_new_reports_as_long_as_its_kind_says(catalog, enriched, kind, hours, how):
    first = enriched(1, tps=4, kind=kind)
    other = enriched(2, "lain sama sekali", hours * HOUR, village="16.02.06.2002")
    offline = enriched(3, "kotak suara belum sampai, perahu kandas", 20, tps=4, kind=kind)
    again = {**offline, "received_at": other["received_at"]}

    assert catalog.categories["logistics"].kinds[kind].open_hours == {"late": 48, "forms": 36}[kind]
    assert matches(catalog, first, other, again)[0] == ["new", "new", how]


def test_a_person_who_sends_very_many_reports_is_marked_and_one_voice_also_after_restarts(catalog, enriched):
    def sent(number, minute, who="busy"):
        return enriched(number, f"logistik belum tiba, perahu kandas, sudah {number} karung", minute, reporter_id=who)

    reports = [sent(number, number // 10, "busy" if number % 2 else f"p{number}") for number in range(1, 301)]
    reports += [sent(301, 29), sent(301, 29), sent(302, 61)]  # once more, the same again, and in the next hour
    matched, incidents, _ = run(catalog, reports)
    marked = [message["reporter_id"] for message in matched if "many_reports" in message["marks"]]

    assert marked == ["busy"] * 51
    assert matched[-1]["marks"] == []
    assert max(incident["reporters"] for incident in incidents.values()) == 151
    assert run(catalog, reports, cuts=range(0, 303, 9), restart=True)[:2] == (matched, incidents)
