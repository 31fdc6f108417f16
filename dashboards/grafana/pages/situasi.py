"""*Situasi* and *Dinding*: what is burning, where, who has it, is it getting better?"""

from __future__ import annotations

from dashboards.grafana.model import (
    ANY_IS_BAD,
    GROWING_IS_BAD,
    NONE_IS_GOOD,
    PLAIN,
    WORDS,
    Column,
    Kind,
    Page,
    Panel,
)
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages.panels import agencies, arriving, burning, figure, keeping_up, map_of, severities

REGENCIES = (c.regency, c.critical, c.open_, c.unheld, c.overdue, c.change, c.code)
# From four metres away: less, larger.
FEWER_REGENCIES = (c.regency, c.critical, c.open_, c.overdue, c.change, c.code)
FEWER_FACTS = (c.severity, c.title, c.holder, c.status, c.minutes_left, c.hidden(c.incident_id))


def figures(height: int) -> tuple[Panel, ...]:
    """The first row: six figures, the phase of the day."""
    return (
        figure(
            "figures",
            "critical",
            "Berapa insiden kritis terbuka?",
            "Terbuka dengan tingkat 4 atau 5.",
            ANY_IS_BAD,
            height=height,
        ),
        figure(
            "figures",
            "critical_unheld",
            "Berapa kritis belum ditangani?",
            "Kritis dan belum ada yang menyatakan menangani.",
            ANY_IS_BAD,
            height=height,
        ),
        figure(
            "figures",
            "overdue",
            "Berapa lewat tenggat?",
            "Melewati tenggat penanganan atau penyelesaian.",
            ANY_IS_BAD,
            height=height,
        ),
        figure(
            "figures",
            "at_risk",
            "Jatuh tempo 15 menit lagi?",
            "Tenggat berikutnya jatuh dalam 15 menit.",
            NONE_IS_GOOD,
            height=height,
        ),
        figure(
            "figures",
            "change",
            "Membaik atau memburuk?",
            "Insiden baru 1 jam terakhir dikurangi 1 jam sebelumnya; di bawah nol berarti mereda.",
            GROWING_IS_BAD,
            height=height,
        ),
        figure(
            "figures",
            "open",
            "Berapa terbuka seluruhnya?",
            "Semua insiden yang belum selesai atau ditolak.",
            PLAIN,
            height=height,
        ),
    )


def phase(width: int, height: int) -> tuple[Panel, Panel]:
    """The phase of the day, and what comes next."""
    return (
        Panel(
            Kind.STAT,
            "phase",
            "Menurut jadwal tahapan; di luar jadwal: fase dari insiden terbaru.",
            (Column("phase", "Fase", WORDS, PLAIN),),
            width,
            height,
            "Fase apa sekarang?",
            none="Jadwal tahapan tidak diketahui",
        ),
        Panel(
            Kind.STAT,
            "phase",
            "Kapan fase ini berakhir, atau fase berikutnya mulai.",
            (Column("then", "Berikutnya", WORDS, PLAIN),),
            width,
            height,
            "Sampai kapan?",
            none="Jadwal tahapan tidak diketahui",
        ),
    )


def regencies(width: int, height: int, columns: tuple[Column, ...] = REGENCIES) -> Panel:
    """Each kabupaten/kota, the worst first."""
    return Panel(
        Kind.TABLE,
        "regencies",
        "Terberat dahulu. Kolom terakhir: insiden baru 1 jam terakhir dikurangi 1 jam sebelumnya. Klik nama untuk "
        "melihat "
        "wilayahnya.",
        columns,
        width,
        height,
        none="Daftar wilayah kosong",
    )


def newest(width: int, height: int) -> Panel:
    """What was opened last."""
    return Panel(
        Kind.TABLE,
        "newest",
        "Insiden yang terakhir dibuka, apa pun tingkatnya.",
        (c.opened_at, c.severity, c.title, c.status, c.reporters, c.incident_id),
        width,
        height,
        none="Belum ada insiden",
    )


SITUASI = Page(
    "situasi",
    "Situasi",
    "Keadaan provinsi sekarang: apa yang terbakar, di mana, siapa yang memegang, membaik atau memburuk.",
    (
        *figures(4),
        map_of("map", 12, 17),
        regencies(12, 17),
        burning("burning", 24, 11),
        severities(6, 8),
        agencies(10, 8),
        *phase(8, 4),
        keeping_up(12, 8),
        arriving(12, 8),
        newest(24, 10),
    ),
    refresh="5s",
)

DINDING = Page(
    "dinding",
    "Dinding",
    "Layar besar ruang posko, terbaca dari empat meter: enam angka, peta, wilayah terberat, yang harus didahulukan.",
    (
        *figures(6),
        map_of("map", 12, 18),
        regencies(12, 18, FEWER_REGENCIES),
        burning("burning", 16, 12, columns=FEWER_FACTS),
        *phase(4, 4),
        keeping_up(8, 8),
    ),
    chosen=(),
    since="3h",
    refresh="5s",
    wall=True,
)
