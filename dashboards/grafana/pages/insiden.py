"""*Insiden*: one incident's whole story."""

from __future__ import annotations

from dashboards.grafana.model import COUNT, MOMENT, NONE_IS_GOOD, PLAIN, PURPLE, Column, Kind, Page, Panel
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words

head = Panel(
    Kind.TABLE,
    "incident",
    "Insiden yang dipilih di atas; bila kosong, yang terberat dan terbuka. Isi kode insiden, atau klik judul di dasbor "
    "lain.",
    (
        c.severity,
        Column("title", "Insiden"),
        c.place,
        c.status,
        Column("confidence", "Kepastian", words=words.CONFIDENCE, width=170),
        c.holder,
        Column("resolve_due", "Tenggat selesai", MOMENT, width=170),
        Column("escalation", "Eskalasi", COUNT, NONE_IS_GOOD, words.LEVELS, width=130),
        c.incident_id,
    ),
    24,
    4,
    none="Tidak ada insiden dengan kode itu",
)
summary = Panel(
    Kind.TABLE,
    "incident",
    "Kata laporan terbaik: tempatnya jelas, suaranya resmi, cukup rinci.",
    (
        Column("summary", "Laporan terbaik"),
        Column("reports", "Laporan", COUNT, PLAIN, width=90),
        c.reporters,
        c.institutions,
    ),
    16,
    4,
    title="Apa kata laporan terbaiknya?",
    none="Tidak ada insiden dengan kode itu",
)
voices = Panel(
    Kind.BARS,
    "incident_voices",
    "Laporan menurut lembaga. Dua lembaga yang berbeda menguatkan satu sama lain.",
    (Column("institution", "Lembaga", words=words.INSTITUTIONS), Column("reports", "Laporan", COUNT, PLAIN)),
    8,
    10,
    none="Belum ada laporan",
)
growth = Panel(
    Kind.SERIES,
    "incident_growth",
    "Laporan tentang insiden ini dari waktu ke waktu.",
    (c.graph("reports", "Laporan", PURPLE),),
    16,
    6,
    none="Tidak ada laporan dalam waktu ini",
)
story = Panel(
    Kind.TABLE,
    "incident_story",
    "Terbaru dahulu: setiap laporan dan setiap langkah, dengan siapa dan kapan diketahui posko.",
    (
        Column("at", "Waktu", MOMENT, width=170),
        Column("source", "Sumber", width=90),
        Column("who", "Siapa", words=words.ROLES, width=180),
        Column("institution", "Lembaga", words=words.INSTITUTIONS | words.AGENCIES, width=160),
        Column("what", "Apa", words=words.STEPS, width=170),
        Column("detail", "Isi"),
        Column("place_name", "Tempat", width=260),
    ),
    24,
    16,
    none="Tidak ada insiden dengan kode itu",
)

INSIDEN = Page(
    "insiden",
    "Insiden",
    "Satu insiden: apa, di mana, siapa memegang, apa yang diketahui kapan dan oleh siapa.",
    (head, summary, voices, growth, story),
    chosen=("insiden",),
    since="24h",
)
