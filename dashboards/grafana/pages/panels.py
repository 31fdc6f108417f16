"""Panels that several pages have."""

from __future__ import annotations

from dashboards.grafana.model import AMBER, BLUE, COUNT, PURPLE, RED, Column, Kind, Panel, Steps
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words

BURNING = (c.severity, c.title, c.holder, c.status, c.minutes_left, c.reporters, c.institutions, c.incident_id)
POINT = (
    Column("name", "Wilayah", link="point"),
    Column("lat", "Lintang", hidden=True),
    Column("lng", "Bujur", hidden=True),
    c.open_,
    c.critical,
    c.worst,
    c.parent,
)


def figure(
    ask: str, column: str, title: str, about: str, steps: Steps, *, unit: str = COUNT, width: int = 4, height: int = 4
) -> Panel:
    """One number, large."""
    return Panel(Kind.STAT, ask, about, (Column(column, title, unit, steps),), width, height, title, none="0")


def map_of(ask: str, width: int, height: int, title: str = "") -> Panel:
    """Open incidents by kecamatan on the map; the map's own boundaries, no tiles from the internet."""
    return Panel(
        Kind.MAP,
        ask,
        "Satu lingkaran satu kecamatan (atau kabupaten/kota bila kecamatannya belum diketahui). Makin besar makin "
        "banyak "
        "insiden terbuka; warna menunjukkan tingkat terberat. Klik untuk membuka wilayahnya.",
        POINT,
        width,
        height,
        title,
        none="Tidak ada insiden terbuka di peta",
    )


def burning(ask: str, width: int, height: int, title: str = "", columns: tuple[Column, ...] = BURNING) -> Panel:
    """What to do first."""
    return Panel(
        Kind.TABLE,
        ask,
        "Terberat dahulu, lalu yang belum ditangani, lalu yang tenggatnya paling dekat atau paling lama lewat. Sisa "
        "waktu "
        "negatif berarti sudah terlambat. Klik judul untuk kronologi, kode untuk menanganinya di papan triase.",
        columns,
        width,
        height,
        title,
        none="Tidak ada insiden terbuka",
    )


def arriving(width: int, height: int) -> Panel:
    """Reports over time, by category."""
    return Panel(
        Kind.SERIES,
        "reports_by_category",
        "Laporan yang diterima, tanpa kiriman ulang, menurut kategori. Lonjakan di satu warna adalah kejadian; garis "
        "yang "
        "putus adalah jaringan.",
        (
            c.graph("logistics", words.CATEGORIES["logistics"], AMBER),
            c.graph("security", words.CATEGORIES["security"], RED),
            c.graph("hoax", words.CATEGORIES["hoax"], PURPLE),
            c.graph("asn_neutrality", words.CATEGORIES["asn_neutrality"], BLUE),
        ),
        width,
        height,
        none="Tidak ada laporan dalam waktu ini",
        stacked=True,
    )


def keeping_up(width: int, height: int) -> Panel:
    """Opened, taken on, closed over time."""
    return Panel(
        Kind.SERIES,
        "opened_closed",
        "Bila garis ditutup tetap di bawah garis dibuka, pekerjaan menumpuk. Seluruh provinsi.",
        (c.opened, c.taken, c.closed),
        width,
        height,
        none="Tidak ada kejadian dalam waktu ini",
    )


def severities(width: int, height: int) -> Panel:
    """Open incidents by severity."""
    return Panel(
        Kind.BARS,
        "by_severity",
        "Insiden terbuka menurut tingkat: 5 darurat, 4 kritis, 3 serius, 2 sedang, 1 ringan.",
        (Column("name", "Tingkat"), Column("open", "Terbuka", COUNT, ((None, AMBER),))),
        width,
        height,
        none="Tidak ada insiden terbuka",
    )


def agencies(width: int, height: int) -> Panel:
    """Who has what."""
    return Panel(
        Kind.TABLE,
        "by_agency",
        "Lembaga penanggung jawab menurut katalog, dengan insiden terbuka yang dipegangnya.",
        (Column("agency", "Lembaga", words=words.AGENCIES), c.critical, c.open_, c.unheld, c.overdue),
        width,
        height,
        none="Tidak ada insiden terbuka",
    )
