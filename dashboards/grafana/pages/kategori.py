"""One page a category: *Logistik*, *Keamanan*, *Hoaks*, *Netralitas ASN*."""

from __future__ import annotations

from dashboards.grafana.model import (
    ANY_IS_BAD,
    BLUE,
    COUNT,
    GROWING_IS_BAD,
    MINUTES,
    MOMENT,
    NONE_IS_GOOD,
    PLAIN,
    PURPLE,
    RED,
    Column,
    Kind,
    Page,
    Panel,
)
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words
from dashboards.grafana.pages.panels import burning, figure, map_of

ASK = "category_figures"


def figures() -> tuple[Panel, ...]:
    """The first row."""
    return (
        figure(ASK, "open", "Berapa terbuka?", "Belum selesai dan belum ditolak.", PLAIN),
        figure(ASK, "critical", "Berapa yang kritis?", "Terbuka dengan tingkat 4 atau 5.", ANY_IS_BAD),
        figure(ASK, "unheld", "Berapa belum ditangani?", "Belum ada yang menyatakan menangani.", NONE_IS_GOOD),
        figure(ASK, "overdue", "Berapa lewat tenggat?", "Melewati tenggat penanganan atau penyelesaian.", ANY_IS_BAD),
        figure(
            ASK, "change", "Membaik atau memburuk?", "Baru 1 jam terakhir dikurangi 1 jam sebelumnya.", GROWING_IS_BAD
        ),
        figure(ASK, "resolved", "Berapa sudah selesai?", "Insiden kategori ini yang sudah diselesaikan.", PLAIN),
    )


def kinds(width: int, height: int) -> Panel:
    """Which problems there are most of."""
    return Panel(
        Kind.BARS,
        "category_kinds",
        "Insiden terbuka menurut jenis masalah, terbanyak dahulu.",
        (Column("kind", "Jenis", words=words.KINDS), Column("open", "Terbuka", COUNT, PLAIN)),
        width,
        height,
        none="Tidak ada yang terbuka",
    )


def trend(width: int, height: int) -> Panel:
    """More or fewer."""
    return Panel(
        Kind.SERIES,
        "category_trend",
        "Insiden baru kategori ini, seluruhnya dan yang kritis.",
        (c.graph("opened", "Baru", BLUE), c.graph("critical", "Kritis", RED)),
        width,
        height,
        title="Bertambah atau berkurang?",
        none="Tidak ada insiden baru dalam waktu ini",
    )


def witnesses(width: int, height: int) -> Panel:
    """Who reports."""
    return Panel(
        Kind.BARS,
        "witnesses",
        "Laporan menurut lembaga pelapor. Bila hanya satu lembaga yang melihat, periksa dahulu.",
        (Column("institution", "Lembaga", words=words.INSTITUTIONS), Column("reports", "Laporan", COUNT, PLAIN)),
        width,
        height,
        none="Tidak ada laporan dalam waktu ini",
    )


def verdicts(width: int, height: int) -> Panel:
    """How far people have got."""
    return Panel(
        Kind.BARS,
        "verdicts",
        "Semua insiden kategori ini menurut langkah terakhirnya.",
        (Column("name", "Langkah"), Column("incidents", "Insiden", COUNT, PLAIN)),
        width,
        height,
        none="Belum ada insiden",
    )


def logistics_places(width: int, height: int) -> Panel:
    """Which kecamatan waits."""
    return Panel(
        Kind.TABLE,
        "logistics_places",
        "Kecamatan dengan masalah logistik terbuka. Sisa waktu: sampai tenggat penyelesaian yang paling dekat; negatif "
        "berarti sudah lewat.",
        (
            c.district,
            Column("regency_name", "Kabupaten/kota"),
            c.critical,
            c.open_,
            Column("since", "Sejak", MOMENT, width=160),
            c.minutes_left,
            c.code,
            c.parent,
        ),
        width,
        height,
        none="Semua logistik beres",
    )


def logistics_phases(width: int, height: int) -> Panel:
    """Phases and their deadlines."""
    return Panel(
        Kind.TABLE,
        "logistics_phases",
        "Masalah logistik menurut fase saat dilaporkan. Yang masih terbuka setelah fasenya berakhir harus didahulukan.",
        (
            Column("name", "Fase"),
            Column("ends_at", "Batas fase", MOMENT, width=170),
            c.critical,
            c.open_,
            Column("incidents", "Seluruhnya", COUNT, PLAIN, width=110),
        ),
        width,
        height,
        none="Tidak ada masalah logistik",
    )


def security_waiting(width: int, height: int) -> Panel:
    """Critical and nobody has it."""
    return Panel(
        Kind.TABLE,
        "security_waiting",
        "Kritis dan belum ada yang menangani, terlama dahulu; tingkat eskalasi menunjukkan siapa yang sudah diberi "
        "tahu.",
        (
            c.severity,
            c.title,
            Column("agency", "Penanggung jawab", words=words.AGENCIES, width=150),
            Column("minutes_waiting", "Menunggu", MINUTES, ((None, BLUE), (5, RED)), width=120),
            Column("escalation", "Eskalasi", COUNT, NONE_IS_GOOD, words.LEVELS, width=130),
            c.reporters,
            c.institutions,
            c.incident_id,
        ),
        width,
        height,
        none="Semua insiden kritis sudah ditangani",
        sparse=True,
    )


def hoax_claims(width: int, height: int) -> Panel:
    """Claims by reach and speed."""
    return Panel(
        Kind.TABLE,
        "hoax_claims",
        "Jangkauan: dari berapa kabupaten/kota dan berapa orang klaim ini dilaporkan. Kecepatan: laporan 1 jam "
        "terakhir. "
        "Putusan menurut langkah posko.",
        (
            c.title,
            Column("told", "Laporan", COUNT, PLAIN, width=100),
            Column("regencies", "Kab./kota", COUNT, ((None, BLUE), (5, RED)), width=100),
            Column("people", "Orang", COUNT, PLAIN, width=90),
            Column("last_hour", "1 jam terakhir", COUNT, NONE_IS_GOOD, width=120),
            Column("verdict", "Putusan", width=170),
            c.severity,
            c.incident_id,
        ),
        width,
        height,
        none="Tidak ada klaim dalam waktu ini",
    )


def hoax_speed(width: int, height: int) -> Panel:
    """How fast it spreads."""
    return Panel(
        Kind.SERIES,
        "hoax_speed",
        "Laporan hoaks dan banyaknya kabupaten/kota asal laporan.",
        (c.graph("reports", "Laporan", PURPLE), c.graph("regencies", "Kabupaten/kota", BLUE)),
        width,
        height,
        none="Tidak ada laporan hoaks dalam waktu ini",
    )


def regencies(width: int, height: int) -> Panel:
    """One category by kabupaten/kota."""
    return Panel(
        Kind.TABLE,
        "category_regencies",
        "Kategori ini di tiap kabupaten/kota dan sejauh mana penanganannya.",
        (
            c.regency,
            c.open_,
            c.unheld,
            Column("confirmed", "Terbukti", COUNT, PLAIN, width=100),
            Column("refuted", "Tidak terbukti", COUNT, PLAIN, width=120),
            Column("resolved", "Selesai", COUNT, PLAIN, width=90),
            Column("incidents", "Seluruhnya", COUNT, PLAIN, width=110),
            c.code,
        ),
        width,
        height,
        none="Belum ada insiden kategori ini",
    )


def page(name: str, title: str, about: str, category: str, *own: Panel) -> Page:
    """The page of a category: figures, its own panels, the map, kinds, trend, who reports, what comes first."""
    return Page(
        name,
        title,
        about,
        (
            *figures(),
            *own,
            map_of("category_map", 10, 12),
            burning("category_list", 14, 12),
            kinds(8, 9),
            trend(8, 9),
            witnesses(8, 9),
        ),
        fixed={"kategori": category},
    )


LOGISTIK = page(
    "logistik",
    "Logistik",
    "Apakah kotak, surat suara dan alat sampai pada waktunya, dan di mana tidak?",
    "logistics",
    logistics_places(14, 11),
    logistics_phases(10, 11),
)
KEAMANAN = page(
    "keamanan",
    "Keamanan",
    "Di mana ada gangguan keamanan, siapa yang menanganinya, mana yang belum?",
    "security",
    security_waiting(24, 10),
)
HOAKS = page(
    "hoaks",
    "Hoaks",
    "Klaim mana yang menyebar luas dan cepat, dan sudahkah diputus?",
    "hoax",
    hoax_claims(24, 11),
    hoax_speed(16, 8),
    verdicts(8, 8),
)
ASN = page(
    "asn",
    "Netralitas ASN",
    "Di mana netralitas ASN dilaporkan dilanggar, dan sejauh mana pemeriksaannya?",
    "asn_neutrality",
    regencies(16, 11),
    verdicts(8, 11),
)
