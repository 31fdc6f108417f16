"""Evidence for and against one event, and the two thresholds."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.catalog import Catalog
from posko.matching import EventFeatures, ReportFeatures, RuleBook, Verdict, compare
from posko.settings import SettingsError

MINUTE = 60_000
BOOK = RuleBook(Catalog.load())
WORDY = "logistik belum tiba, perahu kandas di sungai dekat dermaga"


def report(text=WORDY, minute=0, **changes):
    values = {
        "text": text, "category": "logistics", "kind": "late", "scope": "16.02", "regency": "16.02",
        "district": "16.02.05", "village": "16.02.05.2001", "tps": "", "lat": -3.4, "lng": 104.8, "place_m": 2000.0,
        "place_by": "area", "occurred_at": None,
        "reported_at": minute * MINUTE, "received_at": minute * MINUTE, "marks": [],
        "attachments": [], "place_name": "",
    } | changes  # fmt: skip
    return ReportFeatures.of(values)


def event(*reports):
    features = EventFeatures()
    features.place(reports[0])
    for one in reports:
        features.learn(one)
    return features


def verdict(new, *known):
    rules = BOOK.rules(new.category, new.kind or known[0].kind)
    found = compare(new, event(*known), rules)
    return Verdict.APART if found is None else found.verdict


TPS4, TPS5 = {"tps": "16.02.05.2001/004"}, {"tps": "16.02.05.2001/005"}


def test_same_tps_and_kind_joins_whatever_the_words():
    assert verdict(report("blm ada", 60, **TPS4), report(**TPS4)) is Verdict.JOIN


def test_another_tps_never_joins_and_is_not_even_suggested():
    assert verdict(report(**TPS5), report(**TPS4)) is Verdict.APART


def test_a_brawl_at_another_tps_is_only_suggested():
    words = "keributan besar antar pendukung, kursi dilempar, polisi datang melerai"
    brawl = {"category": "security", "kind": "brawl"}

    assert verdict(report(words, **brawl, **TPS5), report(words, **brawl, **TPS4)) < Verdict.JOIN


def test_same_village_kind_and_time_joins_when_the_words_do_not_disagree():
    assert verdict(report(minute=40), report(**TPS4)) is Verdict.JOIN


def test_same_kecamatan_needs_words_that_agree():
    there = {"village": "", "place_m": 9000.0}

    assert verdict(report(WORDY, 20, **there), report()) is Verdict.JOIN
    assert (
        verdict(report("mobil box mogok di jalan rusak, kotak suara terlambat dua jam", 20, **there), report())
        < Verdict.JOIN
    )


def test_other_villages_and_kecamatan_do_not_join_even_with_equal_words():
    assert verdict(report(village="16.02.05.2002"), report()) < Verdict.JOIN
    assert verdict(report(village="16.02.09.2002", district="16.02.09", lat=-3.9), report()) is Verdict.APART


@pytest.mark.parametrize(("metres", "expected"), [(300, Verdict.JOIN), (30_000, Verdict.APART)])
def test_a_point_is_compared_by_distance_against_uncertainty(metres, expected):
    point = {"place_by": "point", "place_m": 300.0, "lat": -3.4 + metres / 111_320}

    assert verdict(report(**point), report(place_by="point", place_m=300.0)) is expected


def test_the_wrong_village_of_a_point_does_not_keep_it_apart():
    point = {"place_by": "point", "place_m": 500.0, "village": "16.02.06.2009", "district": "16.02.06"}

    assert verdict(report(**point), report()) is Verdict.JOIN


def test_a_day_apart_is_another_event():
    assert verdict(report(minute=2 * 24 * 60), report()) is Verdict.APART


def test_news_that_it_is_over_may_come_hours_later():
    over, still = "logistik akhirnya tiba, sudah aman", "perahu kandas lagi di sungai dermaga"
    late = 9 * 60

    found_over = compare(report(over, late, **TPS4), event(report(**TPS4)), BOOK.rules("logistics", "late"))
    found_still = compare(report(still, late, **TPS4), event(report(**TPS4)), BOOK.rules("logistics", "late"))
    assert {what: points for what, points, _ in found_over.evidence}["time"] > 0
    assert {what: points for what, points, _ in found_still.evidence}["time"] < 0


def test_different_amounts_of_time_count_against_but_a_wait_may_grow():
    rules = BOOK.rules("logistics", "late")

    def told(hours, minute):
        new = report(f"{WORDY} tunggu {hours} jam", minute)
        return {
            what: points for what, points, _ in compare(new, event(report(WORDY + " tunggu 2 jam")), rules).evidence
        }

    assert told(6, 10)["differs"] < 0
    assert "differs" not in told(3, 70)


def test_different_candidates_keep_claims_apart():
    hoax = {"category": "hoax", "kind": "marked_ballots"}
    claim = "surat suara sudah tercoblos paslon 0{} di gudang kpu"

    assert verdict(report(claim.format(1), **hoax), report(claim.format(2), **hoax)) is Verdict.APART
    assert verdict(report(claim.format(2), 600, **hoax), report(claim.format(2), **hoax)) is Verdict.JOIN


def test_different_people_keep_neutrality_cases_apart():
    asn = {"category": "asn_neutrality", "kind": "campaigning"}
    text = "Pak {} ikut kampanye bagi kaos di lapangan"

    assert verdict(report(text.format("Budiman"), **asn), report(text.format("Hartono"), **asn)) is Verdict.APART
    assert verdict(report(text.format("Budimann"), **asn), report(text.format("Budiman"), **asn)) is Verdict.JOIN


def test_two_claims_of_one_kind_are_apart_by_their_words():
    hoax = {"category": "hoax", "kind": "candidate_smear"}

    assert verdict(
        report("calon punya ijazah palsu dari kampus bodong", **hoax),
        report("calon nikah siri lagi di jakarta", **hoax),
    ) < (Verdict.JOIN)


def test_a_report_without_a_place_needs_nearly_the_same_words():
    nowhere = {"village": "", "district": "", "regency": "", "lat": None, "lng": None, "place_m": None, "place_by": ""}

    assert verdict(report("logistik blm datang, warga tunggu", **nowhere), report(**nowhere)) < Verdict.JOIN
    assert verdict(report(WORDY, **nowhere), report(**nowhere)) is Verdict.JOIN


def test_reasons_add_up_to_the_points_behind_the_score():
    new, known = report(minute=40), event(report(**TPS4))
    rules = BOOK.rules("logistics", "late")
    found = compare(new, known, rules)

    assert sum(reason["score"] for reason in found.reasons()) + rules.start == pytest.approx(found.points, abs=0.05)
    assert found.score == pytest.approx(1 / (1 + 2**-found.points), abs=0.001)


def test_the_reason_is_one_line_that_a_person_reads():
    found = compare(
        report("prahu kandas di muara, kotak blm ado", 12, **TPS4),
        event(report(**TPS4)),
        BOOK.rules("logistics", "late"),
    )

    assert found.reasons()[0]["detail"] == "sama: TPS 4, kandas, perahu; beda waktu 12 menit"


def test_a_broken_clock_is_not_believed():
    ahead = report(minute=600, marks=["clock_ahead"], received_at=5 * MINUTE)

    assert ahead.at == 5 * MINUTE


@given(
    st.text(max_size=200), st.text(max_size=200), st.integers(-5000, 5000), st.sampled_from(["", "late", "stranded"])
)
def test_any_two_reports_compare_without_surprise(one, other, minute, kind):
    new, known = report(one, minute, kind=kind), event(report(other))
    found = compare(new, known, BOOK.rules("logistics", kind or "late"))

    assert found == compare(new, known, BOOK.rules("logistics", kind or "late"))
    if found:
        assert 0 <= found.score <= 1
        if found.verdict is Verdict.JOIN:
            assert found.points >= BOOK.rules("logistics", kind).join


@given(st.lists(st.text(alphabet="abcdefgh ", min_size=5, max_size=300), min_size=1, max_size=30))
def test_what_an_event_remembers_stays_bounded(texts):
    known = event(*[report(text) for text in texts])

    assert len(known.words) <= 48
    assert EventFeatures.unpacked(known.packed()) == known


def test_a_wrong_setting_is_refused_by_name():
    shipped = RuleBook(Catalog.load())._data
    with pytest.raises(SettingsError, match="joyn"):
        RuleBook(Catalog.load(), {**shipped, "categories": {"hoax": {"joyn": 3}}}).rules("hoax", "")


def test_a_report_that_says_it_is_another_event_joins_none_that_began_before():
    dark = {"kind": "power_outage"}
    known = report("listrik padam di balai desa", **dark)
    again = "padam, kali ini gardu dekat balai desa"
    assert verdict(report("padam, gardu dekat balai desa", 60, **dark), known) is Verdict.JOIN
    assert verdict(report(again, 60, **dark), known) is not Verdict.JOIN
    assert verdict(report(again, 10, **dark), known) is Verdict.JOIN


def test_another_election_said_by_the_way_does_not_count():
    short = {**TPS4, "kind": "missing_ballots"}
    known = [
        report("surat suara gubernur kurang 52", **short),
        report("surat suara gubernur kurang 52, punya bupati belum dihitung", **short),
    ]
    assert verdict(report("surat suara gubernur kurang", 60, **short), *known) is Verdict.JOIN
    assert verdict(report("surat suara bupati kurang 18", 60, **short), *known) is Verdict.APART


def test_what_is_on_its_way_to_two_villages_is_one_event_in_both():
    there = {"village": "", "place_name": "Kec. Air Sugihan, Kab. Ogan Komering Ilir"}
    one = {"place_name": "Nusakerta, Kec. Air Sugihan, Kab. Ogan Komering Ilir"}
    other = {"village": "16.02.05.2002", "place_name": "Banyu Biru, Kec. Air Sugihan, Kab. Ogan Komering Ilir"}
    first = report("perahu pengangkut kotak suara untuk Nusakerta dan Banyu Biru mati mesin", kind="stranded", **there)
    second = report("perahu kotak suara mati mesin", 10, kind="stranded", **one)
    told = report("kotak suara belum sampai, perahu macet", 60, kind="stranded", **other)

    assert event(first, second).village == "", "only the incident's place is refined"
    assert verdict(told, second) is Verdict.APART
    known = event(first, second)
    known.place(second)
    assert compare(told, known, BOOK.rules("logistics", "stranded")).verdict is Verdict.JOIN
    assert verdict(report("perahu untuk Banyu Biru macet", 60, kind="stranded", **one), told) is Verdict.JOIN


def test_a_village_whose_name_is_a_word_of_any_text_is_not_named_by_it():
    river = report(place_name="Sungai Batang, Kec. Air Sugihan, Kab. Ogan Komering Ilir")
    assert river.names == frozenset()
    assert report(place_name="TPS 4, Banyu Biru, Kec. Air Sugihan, Kab. Ogan Komering Ilir", **TPS4).names == {"biru"}


def test_trouble_that_has_begun_again_is_its_own_event_for_all_who_say_so():
    dark = {"category": "logistics", "kind": "power_outage"}
    known = report("listrik padam di balai desa", **dark)
    again = report("padam lagi pak, tadi sore sudah nyala", 180, **dark)
    assert not again.later
    assert verdict(again, known) is not Verdict.JOIN
    assert verdict(report("listrik balai desa mati lagi", 240, **dark), again) is Verdict.JOIN
    assert report("tadi padam, sekarang sudah nyala lagi", 200, **dark).later


def test_who_heads_a_village_is_called_lurah_or_kades():
    case = {"category": "asn_neutrality", "kind": "village_head"}
    words = "mengarahkan warga pilih paslon nomor 1 waktu tahlilan"
    assert verdict(report(f"pak lurah {words}", 30, **case), report(f"kades {words}", **case)) is Verdict.JOIN
    assert verdict(report(f"pak camat {words}", 30, **case), report(f"kades {words}", **case)) is Verdict.APART


def test_a_claim_about_another_tps_of_the_village_is_another_claim():
    claim = {"category": "hoax", "kind": "tps_moved"}
    known = report("beredar kabar TPS 5 pindah ke halaman SD", **claim)
    assert verdict(report("katanya TPS 5 pindah ke halaman SD", 30, **claim), known) is Verdict.JOIN
    assert verdict(report("katanya TPS 6 pindah ke halaman SD", 30, **claim), known) is Verdict.APART
    assert verdict(report("katanya pindah ke halaman SD", 30, **TPS4, **claim), known) is Verdict.JOIN


def test_a_kind_has_its_rules_in_whatever_category_it_is_reported():
    dark = {"kind": ""}
    known = report("listrik padam di TPS, gelap", category="logistics", **dark, **TPS4)
    new = report("listrik padam, TPS gelap", 20, category="security", **dark, **TPS5)
    assert new.guess == "power_outage"
    assert compare(new, event(known), BOOK.rules(new.category, new.guess)).verdict is Verdict.JOIN
    assert BOOK.rules("security", "power_outage") == BOOK.rules("logistics", "power_outage")
    assert BOOK.rules("asn_neutrality", "power_outage") == BOOK.rules("asn_neutrality", "")
    assert BOOK.rules("hoax", "power_outage") == BOOK.rules("hoax", "")


def test_trouble_that_goes_on_was_not_over():
    dark = {"kind": "power_outage"}
    known = [report("listrik padam", **dark), report("listrik sudah nyala", 10, **dark)]
    assert event(*known).over_at
    assert event(*known, report("listrik padam", 40, **dark)).over_at, "told a little late"
    assert not event(*known, report("listrik masih padam", 80, **dark)).over_at


def test_the_head_of_an_office_of_the_kabupaten_is_as_good_as_a_place():
    wide = {"category": "asn_neutrality", "kind": "mobilises", "village": "", "district": ""}
    rules = BOOK.rules("asn_neutrality", "mobilises")
    kadis = report("kepala dinas pendidikan menyuruh guru memilih paslon 1", **wide)
    again = compare(report("kadis pendidikan arahkan guru ke paslon 1", 30, **wide), event(kadis), rules)
    assert again.evidence[0][1] == rules.place["regency_head"]
    other = compare(report("guru disuruh memilih paslon 1", 30, **wide), event(kadis), rules)
    assert other is None or other.evidence[0][1] == rules.place["regency"]


def test_putting_off_one_of_two_elections_is_another_claim_than_putting_off_all():
    claim = {"category": "hoax", "kind": "voting_cancelled"}
    rules = BOOK.rules("hoax", "voting_cancelled")
    known = report("PILKADA DIUNDUR ke 4 Desember karena banjir, sebarkan", **claim)
    words = "pilihan bupati ditunda ke 4 Desember"
    all_of_it = compare(report(words, 60, **claim), event(known), rules)
    one = compare(report(f"{words}, gubernur tetap", 60, **claim), event(known), rules)
    assert "hanya satu menyebut dua pemilihan" in one.reasons()[0]["detail"]
    assert one.points < all_of_it.points - 2
