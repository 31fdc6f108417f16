"""Reports that look alike and are not the same event, and reports of one event that look different."""

import pytest

from posko.catalog import Catalog
from posko.matching import EventFeatures, ReportFeatures, RuleBook, Verdict, compare

MINUTE = 60_000
BOOK = RuleBook(Catalog.load())
VILLAGE, OTHER = "16.02.12.2003", "16.02.12.2004"


def report(category, text, minute=0, **changes):
    values = {
        "text": text, "category": category, "kind": "", "scope": "16.02", "regency": "16.02", "district": "16.02.12",
        "village": VILLAGE, "tps": "", "lat": None, "lng": None, "place_m": None, "place_by": "area", "place_name": "",
        "occurred_at": None, "reported_at": minute * MINUTE, "received_at": minute * MINUTE, "marks": [],
        "attachments": [],
    }  # fmt: skip
    return ReportFeatures.of(values | changes)


def claim(text, minute=0, **changes):
    nowhere = {"scope": "16", "regency": "", "district": "", "village": "", "place_by": ""}
    return report("hoax", text, minute, **nowhere | changes)


def together(known, new):
    event = EventFeatures()
    event.place(known)
    event.learn(known)
    near = new.guess != event.guess and frozenset((new.guess, event.guess)) in BOOK.near
    found = compare(new, event, BOOK.rules(new.category, new.guess), near)
    return found is not None and found.verdict is Verdict.JOIN


TPS1, TPS2 = {"tps": f"{VILLAGE}/001"}, {"tps": f"{VILLAGE}/002"}
APART = {
    "same words, other village": (
        report("logistics", "lgstk blm tiba prahu kandas di muara", **TPS1),
        report("logistics", "lgstk blm tiba prahu kandas di muara", 5, village=OTHER, tps=f"{OTHER}/001"),
    ),
    "same problem at the next TPS": (
        report("logistics", "ss kurang 54 lembar", **TPS1), report("logistics", "ss kurang 12 lembar", 5, **TPS2),
    ),
    "another problem in the village": (
        report("logistics", "bilik suara cuma dua"), report("logistics", "mati lampu, minta genset", 5),
    ),
    "five hours apart at one place": (
        report("security", "wong ribut jotos2an depan tps"),
        report("security", "keributan waktu penghitungan, kursi dilempar", 5 * 60),
    ),
    "two officials of one village": (
        report("asn_neutrality", "kades kumpulkan warga di balai desa, suruh pilih no 1"),
        report("asn_neutrality", "sekdes bagi kaos gambar no 1 dekat warung", 30),
    ),
    "names missing and invitations missing": (
        report("logistics", "20 warga tidak terdaftar di DPT padahal punya KTP"),
        report("logistics", "undangan C pemberitahuan belum dibagi satu rt", 20),
    ),
    "claims about other candidates": (
        claim("surat suara la tecoblos no 1 di gudang kpu"), claim("surat suara la tecoblos no 2 di gudang kpu", 9),
    ),
    "claims with other dates": (
        claim("pencoblosan diundur ke 4 Desember"), claim("pencoblosan ditunda sampai sabtu 30 November", 9),
    ),
    "claims about other kabupaten": (
        claim("ss tecoblos no 1 di gudang kpu ogan ilir", about="16.10"),
        claim("ss tecoblos no 1 di gudang kpu sekayu", 9, about="16.06"),
    ),
    "one claim made of another kabupaten, of a sort that no frame knows": (
        claim("kotak kosong menang, penjara menanti warga muba", about="16.06"),
        claim("kotak kosong menang, penjara menanti warga lahat", 9, about="16.04"),
    ),
    "a claim that corrects the candidate of another": (
        claim("ss tecoblos no 1 di gudang kpu"), claim("yg tecoblos di gudang kpu nomor dua, bkn nomor satu", 9),
    ),
    "ballots of two elections": (
        report("logistics", "surat suara gubernur kurang 80 lembar"),
        report("logistics", "surat suara walikota kurang, dak cukup", 9),
    ),
    "claims of one sort that share no content": (
        claim("yg coblos kotak kosong dipidana 6 tahun"), claim("penerima pkh yg golput dicoret dari bansos", 60),
    ),
    "claims with other hours": (
        claim("TPS tutup jam 10 pagi, cepat nyoblos"), claim("TPS sudah tutup jam 9, cepat ke TPS", 9),
    ),
}  # fmt: skip
SAME = {
    "dialect and office": (
        report("logistics", "kotak suaro kami lum sampe, ketek nyangkut di lebak banyu surut nian"),
        report("logistics", "Perlengkapan belum diterima KPPS. Perahu pembawa logistik kandas.", 9, **TPS1),
    ),
    "cause and consequence": (
        report("logistics", "perahu logistik kandas di muara", **TPS1),
        report("logistics", "kotak suara belum datang, warga sudah antre", 25, **TPS1),
    ),
    "another category": (
        report("security", "banyu naik masuk tenda tps setinggi dengkul", **TPS1),
        report("logistics", "Air pasang menggenangi TPS, perlengkapan dipindah ke tempat tinggi", 12),
    ),
    "it is over": (
        report("logistics", "listrik padam, gelap, minta genset", **TPS1),
        report("logistics", "lampu la hidup lagi min, makasih PLN", 55, **TPS1),
    ),
    "a village and a TPS in it": (
        report("security", "Perkelahian antar pemilih soal antrean"),
        report("security", "ado wong begoco di tps 1, satu luka", 6, **TPS1),
    ),
    "misspelt": (
        report("security", "tabrakan mobil lgstik dgn truk, dua luka"),
        report("security", "kcelakaan mobil logistk nabrak truk", 8),
    ),
    "a claim and its denial": (
        claim("pencoblosan diundur ke 4 Desember krn logistik blm lengkap. Sebarkan!"),
        claim("KPU menegaskan kabar pemungutan suara ditunda 4 Desember itu bohong", 200),
    ),
    "a claim without its date": (
        claim("min apo benar pilkada ditunda 4 desember"), claim("ibu2 heboh katonyo coblosan dak jadi, ditunda", 90),
    ),
    "one claim in other words": (
        claim("server KPU kena hack, suara bisa diubah"),
        claim("beredar kabar sistem KPU dibobol orang luar negeri", 400),
    ),
    "the same picture with other words": (
        claim("lihat ini gaes", attachments=[{"sha256": "ab" * 32}]),
        claim("parah nian pilkada kito", 30, attachments=[{"sha256": "ab" * 32}]),
    ),
}  # fmt: skip


@pytest.mark.parametrize(("known", "new"), APART.values(), ids=APART.keys())
def test_what_looks_alike_stays_apart(known, new):
    assert not together(known, new)


@pytest.mark.parametrize(("known", "new"), SAME.values(), ids=SAME.keys())
def test_one_event_in_other_words_is_one(known, new):
    assert together(known, new)


@pytest.mark.parametrize("text", ["🙏🙏🙏", "x", "a " * 2000, "the ballots have not arrived yet", "選舉延期"])
def test_texts_that_say_nothing_known_do_not_join_by_themselves(text):
    nowhere = {"village": "", "district": "", "regency": "", "place_by": ""}

    assert not together(
        report("logistics", "kotak suara belum datang", **nowhere), report("logistics", text, 3, **nowhere)
    )
