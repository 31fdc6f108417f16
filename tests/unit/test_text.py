"""Field Indonesian is read into meanings, typed numbers and negation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.text import MAX_TOKENS, normalise
from posko.text.vocabulary import load


def meanings(text: str) -> set[str]:
    return set(normalise(text).weights)


def test_sms_and_written_indonesian_mean_the_same():
    short, written = (
        normalise("lgstk blm tiba tps 4, prahu kandas"),
        normalise("Logistik belum tiba di TPS 004 karena perahu kandas"),
    )

    assert short.weights == written.weights
    assert short.stations == written.stations == (4,)


def test_palembang_dialect_is_understood():
    assert meanings("wong galo ribuuut, dak biso nyoblos") == meanings("semua orang ribut, tidak bisa coblos")
    assert "tiba" in meanings("kotak lah tibo")
    assert "senjata" in meanings("ado yg bawak parang")


def test_stuck_letters_and_capitals_do_not_matter():
    assert meanings("TOLOOONG PERAHUUU KANDASSS") == meanings("tolong perahu kandas")


def test_plurals_written_with_2_are_words_but_tps2_is_a_number():
    assert meanings("kotak2 rusak") == meanings("kotak-kotak rusak")
    assert normalise("ribut di tps2").stations == (2,)
    assert meanings("saksi tinju2an") == meanings("saksi tinju-tinjuan")
    assert meanings("anak2nyo ribut") == meanings("anak-anaknya ribut")


def test_amounts_of_time_are_minutes():
    assert normalise("menunggu 2 jam").amounts["menit"] == [120]
    assert normalise("menunggu dua jam").amounts["menit"] == [120]
    assert normalise("tunggu 45 mnt").amounts["menit"] == [45]


def test_a_clock_time_is_not_an_amount_of_time():
    words = normalise("tps tutup jam 10.30")

    assert words.amounts == {"pukul": [630]}


def test_money_is_read_in_all_spellings():
    for text in ("bagi uang Rp 50.000", "bagi uang 50rb", "bagi uang 50 ribu rupiah", "bagi uang lima puluh ribu"):
        assert normalise(text).amounts == {"rp": [50_000]}, text


def test_counts_keep_what_was_counted():
    assert normalise("srt suara kurang 120 lbr").amounts == {"lembar": [120]}
    assert normalise("ada dua puluh lima orang").amounts == {"orang": [25]}


def test_candidates_are_told_by_number():
    for text in ("pilih paslon 01", "pilih calon nomor urut 1", "coblos no 1", "pilih 01", "pilih psln satu"):
        assert normalise(text).candidates == {1}, text


def test_a_number_that_is_denied_is_not_the_one_that_is_meant():
    assert normalise("yg tercoblos nomor dua, bkn nomor satu").candidates == {2}
    assert normalise("diundur 4 desember bukan 27 november").dates == {412}
    assert normalise("bukan paslon 1 yg menang").candidates == {1}


def test_a_candidate_is_told_by_what_is_voted_on():
    assert normalise("cabup 2 mundur").candidates == normalise("calon Wali Kota 2 mundur").candidates == {2}


def test_a_word_is_written_indonesian_when_only_so_it_has_a_root():
    assert normalise("masuk penjare").weights.keys() == normalise("masuk penjara").weights.keys()
    assert normalise("gudange kobong").weights.keys() == normalise("gudang kobong").weights.keys()


def test_numbers_of_addresses_are_no_candidates():
    words = normalise("depan SDN 2, rt 02 rw 03, lorong 4")

    assert words.candidates == frozenset()
    assert words.stations == ()


def test_the_number_of_a_file_is_no_candidate():
    assert normalise("diregister sebagai Temuan Nomor 03").candidates == frozenset()


@pytest.mark.parametrize(
    ("text", "candidates"),
    [
        ("disuruh coblos dua kato pak rt", {2}),
        ("milih satu galo", {1}),
        ("nyoblos dua kali", set()),
        ("milih 2 orang", set()),
    ],
)
def test_a_number_behind_a_vote_is_a_candidate_unless_it_counts_something(text, candidates):
    assert normalise(text).candidates == candidates


def test_several_polling_stations_are_all_kept():
    assert normalise("tps 4 dan 5 banjir").stations == (4, 5)
    assert normalise("tps 4 dan lima banjir").stations == (4, 5)


@pytest.mark.parametrize(
    ("text", "stations"),
    [
        ("Ketua KPPS 003 dirujuk ke RS", (3,)),
        ("PTPS 44. lampu mati", (44,)),
        ("pengawas tps 5 lapor", (5,)),
        ("KPPS 7 orang hadir", ()),
        ("KPPS 12 orang hadir", ()),
        ("kpps 2 pingsan", ()),
    ],
)
def test_the_crew_of_a_polling_station_has_its_number(text, stations):
    assert normalise(text).stations == stations


def test_the_number_of_a_kelurahan_is_no_polling_station():
    assert normalise("tps 12 16 ulu kurang surat suara").stations == (12,)
    assert normalise("TPS 11 tigo belas ulu kurang surat suara").stations == (11,)


def test_a_stop_word_beside_one_other_word_makes_a_phrase():
    assert "lambat" in meanings("kotak blm sampe")
    assert "selesai" in meanings("tps 7 buka lagi")
    assert "hoaks" in meanings("kabar itu dak bener")
    assert "lambat" not in meanings("kotak sampai")


def test_a_denial_is_said_with_what_stands_near_it():
    assert "belum buka" in normalise("tps 4 belum juga dibuka").said
    assert "tidak ada" in normalise("saksi katek di tps").said
    assert "tidak ada" not in normalise("plano tdk ditemukan dalam sampul, adanya cuma satu").said


def test_a_root_of_the_language_is_not_cut_as_if_it_had_a_particle():
    assert "masa" not in meanings("masalah baru")


def test_numbers_in_words_add_up_behind_thousands():
    assert normalise("dua juta lima ratus ribu rupiah").amounts["rp"] == [2_500_000]
    assert normalise("seribu dua ratus orang").counts == {1200}


def test_negation_is_kept_with_its_word():
    assert "bukan:coblos" in meanings("dak biso nyoblos")
    assert "bukan:coblos" not in meanings("biso nyoblos")


def test_not_arrived_is_late_and_arrived_is_not():
    assert "lambat" in meanings("logistik belum datang")
    assert "lambat" not in meanings("logistik sudah datang")


def test_people_are_found_after_a_title_and_places_after_an_office_are_not_people():
    assert normalise("Pak Budi Santoso bagi uang").people == {"budi santoso"}
    words = normalise("Pak Camat Ilir Timur ajak ASN")
    assert words.people == frozenset()
    assert words.offices == {"jabatan:camat"}


def test_a_text_without_content_gives_no_words():
    for text in ("", "!!!", "pak tolong segera", "\x00\u200b🙏🙏"):
        assert not normalise(text).weights, text


def test_the_key_tells_other_numbers_and_negation_apart():
    assert normalise("paslon 01").key != normalise("paslon 02").key
    assert normalise("logistik tiba").key != normalise("logistik tidak tiba").key
    assert normalise("LGSTK tiba!!").key == normalise("logistik tiba").key


@given(st.text(max_size=3000))
def test_any_text_is_read_the_same_each_time_and_stays_bounded(text):
    words = normalise(text)

    assert words == normalise(text)
    assert len(words.weights) <= 2 * MAX_TOKENS
    assert words.content == sum(words.weights.values())


def test_every_vocabulary_entry_leads_to_written_words():
    known = load()

    assert len(known.full) > 600
    assert all(full and all(word.replace("_", "").isalnum() for word in full) for full in known.full.values())
    assert all(0 <= weight <= 10 for weight in known.weights.values())
