"""*Kesehatan pipa data*: can the other pages be trusted?"""

from __future__ import annotations

from dashboards.grafana.model import (
    AMBER,
    BLUE,
    COUNT,
    GREEN,
    MILLISECONDS,
    MINUTES,
    MOMENT,
    PERCENT,
    PLAIN,
    RED,
    SECONDS,
    Column,
    Kind,
    Page,
    Panel,
    Steps,
)
from dashboards.grafana.pages import columns as c
from dashboards.grafana.pages import words
from dashboards.grafana.pages.panels import arriving, figure

LATE: Steps = ((None, GREEN), (2_000, AMBER), (10_000, RED))
SILENT: Steps = ((None, GREEN), (15, AMBER), (30, RED))
BAD: Steps = ((None, GREEN), (2, AMBER), (5, RED))

trend = Panel(
    Kind.SERIES,
    "pipeline_trend",
    "Dari diterima Kafka sampai bisa ditanyakan: separuh laporan, dan 99 dari 100.",
    (c.graph("p50_ms", "Median", BLUE, MILLISECONDS), c.graph("p99_ms", "99 %", RED, MILLISECONDS)),
    12,
    9,
    none="Tidak ada laporan dalam waktu ini",
)
hops = Panel(
    Kind.TABLE,
    "pipeline_hops",
    "Lama tiap tahap dalam waktu yang dipilih; tahap yang membesar adalah yang tersendat.",
    (
        Column("name", "Tahap"),
        Column("p50_ms", "Median", MILLISECONDS, PLAIN, width=110),
        Column("p99_ms", "99 %", MILLISECONDS, LATE, width=110),
        Column("max_ms", "Terlama", MILLISECONDS, PLAIN, width=110),
        Column("reports", "Laporan", COUNT, PLAIN, width=100),
    ),
    12,
    9,
    none="Tidak ada laporan dalam waktu ini",
)
stored = Panel(
    Kind.TABLE,
    "stored_last",
    "Menurut topik Kafka. Topik yang lama tidak menyimpan apa pun: memang sepi, atau penyimpanannya berhenti.",
    (
        Column("topic", "Topik"),
        Column("latest", "Terakhir disimpan", MOMENT, width=180),
        Column("seconds_ago", "Yang lalu", SECONDS, PLAIN, width=110),
        Column("messages", "Pesan", COUNT, PLAIN, width=110),
        Column("partitions", "Partisi", COUNT, PLAIN, width=80),
    ),
    12,
    8,
    none="Belum ada yang tersimpan",
)
rejected = Panel(
    Kind.SERIES,
    "rejected_trend",
    "Pesan yang bukan laporan yang sah. Kenaikan tajam: aplikasi pengirim yang rusak, atau serangan.",
    (c.graph("rejected", "Ditolak", RED),),
    12,
    8,
    none="Tidak ada pesan ditolak dalam waktu ini",
    sparse=True,
)
reasons = Panel(
    Kind.TABLE,
    "rejected_reasons",
    "Alasan dan bagian yang salah; isi pesannya: posko rejected.",
    (
        Column("reason", "Alasan"),
        Column("field", "Bagian"),
        Column("messages", "Pesan", COUNT, PLAIN, width=90),
        c.latest,
    ),
    12,
    10,
    none="Tidak ada pesan ditolak dalam waktu ini",
    sparse=True,
)
doors = Panel(
    Kind.TABLE,
    "doors",
    "Laporan yang diterima, menurut pintu. Pintu yang biasa ramai lalu diam: gerbang SMS, WhatsApp atau jaringannya "
    "putus. Yang ditolak di pintu dihitung gateway untuk Prometheus.",
    (Column("channel", "Pintu", words=words.CHANNELS), Column("reports", "Laporan", COUNT, PLAIN, width=110), c.latest),
    12,
    8,
    none="Tidak ada laporan dalam waktu ini",
)
silence = Panel(
    Kind.TABLE,
    "silence",
    "Laporan seperempat jam terakhir dibanding rata-rata dua jam sebelumnya. Kabupaten/kota yang biasa melapor lalu "
    "diam: "
    "jaringan putus, atau sesuatu yang buruk.",
    (
        c.regency,
        c.latest,
        Column("minutes_silent", "Diam", MINUTES, SILENT, width=110),
        Column("last_quarter", "15 menit ini", COUNT, PLAIN, width=110),
        Column("usual_quarter", "Biasanya", COUNT, PLAIN, width=100),
        c.code,
    ),
    12,
    10,
    none="Daftar wilayah kosong",
)

PIPA = Page(
    "pipa",
    "Kesehatan pipa data",
    "Apakah yang terlihat di dasbor lain segar dan lengkap: kelambatan, penolakan, wilayah yang diam?",
    (
        figure(
            "pipeline_now",
            "p99_ms",
            "Seberapa lambat data (99 %)?",
            "Dari diterima sampai tampil, 5 menit terakhir yang ada laporannya; di bawah 1 detik itu baik.",
            LATE,
            unit=MILLISECONDS,
        ),
        figure(
            "pipeline_now",
            "p50_ms",
            "Seberapa lambat biasanya?",
            "Median 5 menit terakhir yang ada laporannya.",
            LATE,
            unit=MILLISECONDS,
        ),
        figure(
            "pipeline_figures",
            "reports",
            "Berapa laporan masuk?",
            "Dalam waktu yang dipilih, tanpa kiriman ulang.",
            PLAIN,
        ),
        figure(
            "pipeline_figures",
            "resends",
            "Berapa kiriman ulang?",
            "Pesan yang sama dikirim lagi; tidak dihitung dua kali.",
            PLAIN,
        ),
        figure(
            "pipeline_figures",
            "rejected",
            "Berapa pesan ditolak?",
            "Tidak sah; disimpan utuh dengan alasannya.",
            ((None, GREEN), (50, AMBER), (500, RED)),
        ),
        figure(
            "pipeline_figures",
            "rejected_percent",
            "Berapa persen ditolak?",
            "Dari semua pesan dalam waktu yang dipilih.",
            BAD,
            unit=PERCENT,
        ),
        trend,
        hops,
        rejected,
        stored,
        reasons,
        silence,
        doors,
        arriving(12, 8),
    ),
    refresh="10s",
)
