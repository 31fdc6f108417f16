"""Codes of the tables in words for the command post: from the catalogue, and the few that are Posko's own."""

from __future__ import annotations

from posko.catalog import Catalog

_CATALOG = Catalog.load()

AGENCIES = {code: one.names["id"] for code, one in _CATALOG.agencies.items()}
INSTITUTIONS = {code: one.names["id"] for code, one in _CATALOG.institutions.items()}
ROLES = {code: one.names["id"] for code, one in _CATALOG.roles.items()}
CATEGORIES = {code: one.names["id"] for code, one in _CATALOG.categories.items()}
KINDS = {code: kind.names["id"] for one in _CATALOG.categories.values() for code, kind in one.kinds.items()}
STATUS = {
    "new": "Belum ditangani",
    "reopened": "Dibuka lagi",
    "acknowledged": "Ditangani",
    "verified": "Terverifikasi",
    "rejected": "Ditolak",
    "resolved": "Selesai",
}
CONFIDENCE = {
    "unconfirmed": "Belum pasti",
    "corroborated": "Dikuatkan lembaga lain",
    "verified": "Terverifikasi",
    "refuted": "Terbantah",
}
CHANNELS = {
    "app": "Aplikasi petugas",
    "sms": "SMS",
    "whatsapp": "WhatsApp",
    "odk": "ODK",
    "web": "Warga lewat web",
    "api": "Sistem lembaga",
    "import": "Impor berkas",
    "cli": "posko send",
    "": "Tidak disebut",
}
SEVERITIES = {"5": "5 Darurat", "4": "4 Kritis", "3": "3 Serius", "2": "2 Sedang", "1": "1 Ringan"}
LEVELS = {"0": "Kecamatan", "1": "Kabupaten/kota", "2": "Provinsi"}
STEPS = {
    "opened": "insiden dibuka",
    "acknowledge": "ditangani",
    "verify": "diverifikasi",
    "reject": "ditolak",
    "assign": "ditugaskan",
    "refer": "dirujuk",
    "note": "catatan",
    "resolve": "diselesaikan",
    "reopen": "dibuka lagi",
    "severity": "tingkat diubah",
    "severity_raised": "tingkat naik",
    "escalate": "naik tingkat",
    "overdue": "tenggat terlewat",
    "notified": "pemberitahuan",
    "corroborated": "dikuatkan lembaga lain",
    "place_refined": "tempat diperjelas",
    "reported_again": "dilaporkan lagi",
    "split": "dipisah",
    "merge": "digabung",
    "refused": "tindakan ditolak",
    "silence": "dibisukan",
}
