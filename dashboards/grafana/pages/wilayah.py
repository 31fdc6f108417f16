"""*Wilayah*: from the province through kabupaten/kota and kecamatan down to the TPS."""

from __future__ import annotations

from dashboards.grafana.model import ANY_IS_BAD, NONE_IS_GOOD, PLAIN, Column, Kind, Page, Panel
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words
from dashboards.grafana.pages.panels import figure, map_of
from dashboards.grafana.pages.situasi import regencies

ASK = "area_figures"

districts = Panel(
    Kind.TABLE,
    "districts",
    "Kecamatan dengan insiden terbuka di kabupaten/kota yang dipilih, terberat dahulu. Klik nama untuk memilihnya.",
    (c.district, c.critical, c.open_, c.unheld, c.overdue, c.latest, c.code, c.parent),
    12,
    12,
    none="Tidak ada insiden terbuka di kecamatan mana pun",
)
stations = Panel(
    Kind.TABLE,
    "stations",
    "TPS dengan insiden terbuka di wilayah yang dipilih.",
    (
        Column("name", "TPS", width=260),
        c.worst,
        c.open_,
        Column("what", "Apa"),
        c.latest,
        Column("tps", "Kode", width=170),
    ),
    24,
    11,
    none="Tidak ada insiden terbuka di TPS",
)
listed = Panel(
    Kind.TABLE,
    "area_list",
    "Insiden terbuka di wilayah yang dipilih, terberat dahulu.",
    (
        c.severity,
        c.title,
        Column("category", "Kategori", words=words.CATEGORIES, width=130),
        c.status,
        c.holder,
        c.reporters,
        c.opened_at,
        c.incident_id,
    ),
    24,
    12,
    none="Tidak ada insiden terbuka",
)

WILAYAH = Page(
    "wilayah",
    "Wilayah",
    "Pilih kabupaten/kota dan kecamatan di atas, atau klik di peta dan tabel: apa yang terjadi di sana?",
    (
        figure(ASK, "open", "Berapa terbuka di sini?", "Di wilayah yang dipilih.", PLAIN),
        figure(ASK, "critical", "Berapa yang kritis?", "Terbuka dengan tingkat 4 atau 5.", ANY_IS_BAD),
        figure(ASK, "unheld", "Berapa belum ditangani?", "Belum ada yang menyatakan menangani.", NONE_IS_GOOD),
        figure(ASK, "overdue", "Berapa lewat tenggat?", "Melewati tenggat penanganan atau penyelesaian.", ANY_IS_BAD),
        figure(ASK, "stations", "Berapa TPS bermasalah?", "TPS dengan insiden terbuka.", NONE_IS_GOOD),
        figure(ASK, "resolved", "Berapa sudah selesai?", "Insiden di wilayah ini yang sudah diselesaikan.", PLAIN),
        map_of("map", 12, 12),
        districts,
        stations,
        listed,
        regencies(24, 15),
    ),
    chosen=("kabupaten", "kecamatan"),
)
