"""*Kinerja posko*: how quickly the command post and each agency act."""

from __future__ import annotations

from dashboards.grafana.model import (
    AMBER,
    BLUE,
    COUNT,
    GREEN,
    MINUTES,
    PERCENT,
    PLAIN,
    RED,
    SHARE,
    Column,
    Kind,
    Page,
    Panel,
    Steps,
)
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words
from dashboards.grafana.pages.panels import agencies, figure, keeping_up

QUICK: Steps = ((None, GREEN), (15, AMBER), (30, RED))
SLOW: Steps = ((None, GREEN), (120, AMBER), (240, RED))
ASK = "ack_figures"

by_agency = Panel(
    Kind.TABLE,
    "agency_times",
    "Insiden yang dibuka dalam waktu yang dipilih. Median: separuh lebih cepat dari ini; 90 %: sembilan dari sepuluh. "
    "Tepat "
    "waktu: ditangani sebelum tenggatnya, dari yang tenggatnya sudah tiba.",
    (
        Column("agency", "Lembaga", words=words.AGENCIES),
        Column("incidents", "Insiden", COUNT, PLAIN, width=90),
        Column("taken_percent", "Ditangani", PERCENT, SHARE, width=110),
        Column("in_time_percent", "Tepat waktu", PERCENT, SHARE, width=120),
        Column("ack_median", "Ditangani (median)", MINUTES, QUICK, width=160),
        Column("ack_p90", "Ditangani (90 %)", MINUTES, QUICK, width=150),
        Column("verify_median", "Diverifikasi (median)", MINUTES, SLOW, width=170),
        Column("resolve_median", "Selesai (median)", MINUTES, SLOW, width=150),
    ),
    24,
    9,
    none="Tidak ada insiden dalam waktu ini",
)
trend = Panel(
    Kind.SERIES,
    "ack_trend",
    "Menit dari insiden dibuka sampai ada yang menangani: median dan sembilan dari sepuluh.",
    (c.graph("ack_median", "Median", BLUE, MINUTES), c.graph("ack_p90", "90 %", AMBER, MINUTES)),
    12,
    9,
    none="Belum ada yang ditangani dalam waktu ini",
)
missed = Panel(
    Kind.SERIES,
    "escalations",
    "Insiden yang naik tingkat sendiri karena tenggat penanganan atau penyelesaian terlewat.",
    (c.graph("missed_ack", "Tenggat penanganan", AMBER), c.graph("missed_resolve", "Tenggat penyelesaian", RED)),
    12,
    9,
    none="Tidak ada tenggat terlewat dalam waktu ini",
)
actors = Panel(
    Kind.TABLE,
    "who_acts",
    "Langkah orang menurut lembaganya, dalam waktu yang dipilih.",
    (
        Column("institution", "Lembaga", words=c.HELD_BY),
        Column("taken", "Ditangani", COUNT, PLAIN, width=100),
        Column("verified", "Diverifikasi", COUNT, PLAIN, width=110),
        Column("closed", "Ditutup", COUNT, PLAIN, width=100),
        Column("steps", "Seluruhnya", COUNT, PLAIN, width=110),
    ),
    12,
    9,
    none="Belum ada yang bertindak dalam waktu ini",
)

KINERJA = Page(
    "kinerja",
    "Kinerja posko",
    "Seberapa cepat insiden ditangani, diverifikasi dan diselesaikan, oleh lembaga mana, dan apakah makin cepat?",
    (
        figure(
            ASK,
            "ack_median",
            "Berapa menit sampai ditangani?",
            "Median dari dibuka sampai ada yang menangani.",
            QUICK,
            unit=MINUTES,
            width=5,
        ),
        figure(
            ASK,
            "ack_p90",
            "Berapa menit untuk 90 %?",
            "Sembilan dari sepuluh ditangani secepat ini.",
            QUICK,
            unit=MINUTES,
            width=5,
        ),
        figure(
            ASK,
            "resolve_median",
            "Berapa menit sampai selesai?",
            "Median dari dibuka sampai selesai.",
            SLOW,
            unit=MINUTES,
            width=5,
        ),
        figure(
            ASK,
            "in_time_percent",
            "Berapa persen tepat waktu?",
            "Ditangani sebelum tenggatnya.",
            SHARE,
            unit=PERCENT,
            width=5,
        ),
        figure(
            ASK,
            "taken_percent",
            "Berapa persen ditangani?",
            "Dari semua yang dibuka dalam waktu ini.",
            SHARE,
            unit=PERCENT,
        ),
        by_agency,
        trend,
        missed,
        actors,
        agencies(12, 9),
        keeping_up(24, 8),
    ),
    chosen=(),
    since="24h",
    refresh="1m",
)
