"""What a report is compared with is bounded, and does not depend on how the index came to be."""

from posko.correlate.candidates import MAX_CANDIDATES, Candidates
from posko.correlate.marks import Marks
from posko.correlate.record import Record
from posko.matching import EventFeatures, ReportFeatures


def record(report, turn):
    seen = ReportFeatures.of(report)
    event = EventFeatures()
    event.place(seen)
    event.learn(seen)
    public = {
        "incident_id": f"16.02-{turn:010d}",
        "scope": report["scope"],
        "category": report["category"],
        "suggested": [],
        "merged_into": "",
    }
    made = Record(public, event, turn)
    made.turn = turn
    return made


def empty():
    records = {}
    return Candidates(records, Marks()), records


def file(index, records, one, travels):
    records[one.number] = one
    index.post(one, travels)


def test_the_number_compared_does_not_grow_with_the_incidents(enriched):
    index, records = empty()
    for n in range(1, 400):
        file(index, records, record(enriched(n, village="16.02.05.2001", tps=n), n), travels=False)

    found = index.find(ReportFeatures.of(enriched(1000)), travels=False)
    assert 0 < len(found) <= MAX_CANDIDATES
    assert max(one.turn for one in found) == 399, "those touched last are looked at"


def test_the_same_tps_is_found_among_hundreds(enriched):
    index, records = empty()
    for n in range(1, 400):
        file(index, records, record(enriched(n, tps=n), n), travels=False)

    found = index.find(ReportFeatures.of(enriched(1000, tps=7)), travels=False)
    assert "16.02.05.2001/007" in [one.features.tps for one in found]


def test_every_precision_of_place_finds_every_other(enriched):
    places = {
        "tps": {"tps": 4},
        "village": {},
        "district": {"village": "", "place_m": 9000.0},
        "point": {"place_by": "point", "place_m": 300.0},
        "regency": {"village": "", "district": "", "place_m": 40000.0},
    }
    for known, there in places.items():
        index, records = empty()
        file(index, records, record(enriched(1, **there), 1), travels=False)
        for asked, here in places.items():
            assert index.find(ReportFeatures.of(enriched(2, **here)), travels=False), f"{asked} does not find {known}"


def test_what_is_not_bound_to_a_tps_is_found_at_others_and_in_other_villages(enriched):
    index, records = empty()
    dark = {"text": "listrik padam", "kind": "power_outage"}
    file(index, records, record(enriched(1, tps=31, **dark), 1), travels=False)
    here = ReportFeatures.of(enriched(2, tps=12, **dark))
    there = ReportFeatures.of(enriched(3, tps=4, village="16.02.05.2009", **dark))
    assert not index.find(here, travels=False)
    assert index.find(here, travels=False, bound=False)
    assert index.find(there, travels=False, bound=False)


def test_an_incident_is_found_from_elsewhere_by_the_name_of_its_village(enriched):
    index, records = empty()
    brawl = {"category": "security", "kind": "brawl"}
    there = {"village": "16.02.05.2009", "place_name": "Lawang Agung, Kec. Rupit, Kab. Musi Rawas Utara"}
    file(index, records, record(enriched(1, "ribut besar, saksi berkelahi", **brawl, **there), 1), travels=False)
    for number in range(2, 40):
        elsewhere = {"village": "16.02.05.2010", "place_name": "Batu Gajah, Kec. Rupit, Kab. Musi Rawas Utara"}
        file(index, records, record(enriched(number, "tenda roboh", **elsewhere), number), travels=False)
    told = enriched(50, "puskesmas menerima 3 korban keributan di Lawang Agung", **brawl)
    assert 1 in {one.number for one in index.find(ReportFeatures.of(told), travels=False)}


def test_a_claim_is_found_by_its_words_without_its_kind(enriched):
    index, records = empty()
    claim = enriched(1, "surat suara tercoblos paslon 02 di gudang", category="hoax")
    file(index, records, record(claim, 1), travels=True)

    other = enriched(2, "heboh! gudang kpu penuh ssu lah tecoblos", category="hoax")
    assert index.find(ReportFeatures.of({**other, "kind": ""}), travels=True)


def test_withdrawn_incidents_leave_nothing_behind(enriched):
    index, records = empty()
    made = [record(enriched(n, tps=n), n) for n in range(1, 20)]
    for one in made:
        file(index, records, one, travels=False)
    for one in made:
        index.withdraw(one)

    assert index._groups == {}


def test_what_looks_far_less_likely_than_the_likeliest_is_not_compared(enriched):
    index, records = empty()
    elsewhere = enriched(1, village="", kind="missing", place_m=9000.0)
    file(index, records, record(elsewhere, 1), travels=False)
    asked = ReportFeatures.of(enriched(1000, tps=7, minute=600))
    assert [one.turn for one in index.find(asked, travels=False)] == [1]
    file(index, records, record(enriched(2, tps=7, minute=590), 2), travels=False)
    assert [one.turn for one in index.find(asked, travels=False)] == [2]
