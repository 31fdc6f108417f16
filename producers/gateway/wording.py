"""What a door says, in Indonesian and English: a sentence a reason, and names of fields that people know."""

from __future__ import annotations

_FIELDS = {
    "report_id": ("Nomor laporan", "The report's id"),
    "category": ("Kategori", "The category"),
    "kind": ("Jenis kejadian", "The kind"),
    "text": ("Isi laporan", "The text"),
    "reported_at": ("Waktu laporan", "The time of the report"),
    "occurred_at": ("Waktu kejadian", "The time of the event"),
    "reporter": ("Pelapor", "The reporter"),
    "reporter.id": ("Identitas pelapor", "The reporter's id"),
    "reporter.role": ("Jabatan pelapor", "The reporter's role"),
    "reporter.institution": ("Lembaga pelapor", "The reporter's institution"),
    "tps": ("TPS", "The polling station (tps)"),
    "area": ("Wilayah", "The area"),
    "lat": ("Koordinat", "The latitude"),
    "lng": ("Koordinat", "The longitude"),
    "severity": ("Tingkat keparahan", "The severity"),
    "channel": ("Saluran", "The channel"),
    "attachments": ("Lampiran", "The attachments"),
}
_SAID = {
    "empty": ("Laporan kosong.", "The report is empty."),
    "too_large": ("Terlalu besar; paling banyak {most}.", "It is too large; at most {most}."),
    "not_utf8": ("Teks rusak: bukan UTF-8.", "The bytes are not UTF-8."),
    "not_json": ("Data rusak: bukan JSON yang benar.", "The body is not valid JSON."),
    "not_an_object": ("Laporan harus berupa objek JSON.", "A report must be a JSON object."),
    "too_deep": ("Data bersarang terlalu dalam.", "Objects and lists are nested too deeply."),
    "missing_field": ("{field} belum diisi.", "{field} is missing."),
    "wrong_type": ("{field} tidak terbaca; jenis datanya salah.", "{field} has the wrong type."),
    "bad_value": (
        "{field} tidak dapat diterima; periksa kembali isinya.",
        "{field} cannot be accepted; check its value.",
    ),
    "bad_coordinates": (
        "Koordinat tidak benar; kirim lintang dan bujur, atau kosongkan keduanya.",
        "The coordinates are wrong; send both latitude and longitude, or neither.",
    ),
    "bad_time": (
        "{field} tidak terbaca; harus ISO 8601 dengan zona waktu, misalnya 2024-11-27T07:05:00+07:00.",
        "{field} must be ISO 8601 with an offset, such as 2024-11-27T07:05:00+07:00.",
    ),
    "unknown_category": ("Kategori ini tidak dikenal.", "The category is not in the catalogue."),
    "unknown_kind": ("Jenis kejadian ini tidak dikenal dalam kategorinya.", "The kind is not in its category."),
    "unknown_role": ("Jabatan ini tidak dikenal.", "The role is not in the catalogue."),
    "unknown_institution": ("Lembaga ini tidak dikenal.", "The institution is not in the catalogue."),
    "unknown_place": ("{field} memakai kode yang tidak ada.", "{field} has a code of no place."),
    "clock_implausible": (
        "{field} lebih dari setahun dari sekarang; periksa jam dan tanggal ponsel.",
        "{field} is more than a year from now; check the clock of the device.",
    ),
    "conflict": (
        "Nomor laporan ini sudah dipakai untuk laporan dengan isi lain. Kirim ulang sebagai laporan baru.",
        "This id was used for a report with other content already. Send it as a new report, with an id of its own.",
    ),
    "unavailable": (
        "Laporan belum dapat diterima sekarang. Simpan, lalu kirim lagi dengan nomor yang sama.",
        "Reports cannot be accepted right now. Keep them and send them again with the same ids.",
    ),
    "busy": ("Sedang sangat ramai. Coba lagi sebentar.", "Too many requests at once. Try again in a moment."),
    "too_many_requests": (
        "Terlalu banyak kiriman. Coba lagi dalam {seconds} detik.",
        "Too many requests. Try again in {seconds} seconds.",
    ),
    "too_many_reports": (
        "Terlalu banyak laporan sekaligus; paling banyak {most}.",
        "Too many reports in one request; at most {most}.",
    ),
    "no_reports": (
        'Kirim satu laporan, atau {{"reports": [...]}} yang berisi laporan.',
        'Send one report, or {{"reports": [...]}} with some in it.',
    ),
    "no_work": (
        "Bukti kerja tidak ada atau sudah kedaluwarsa. Muat ulang, lalu kirim lagi.",
        "The proof of work is missing or has expired. Ask for a new challenge and send again.",
    ),
    "not_signed_in": ("Belum masuk. Buka tautan pribadi Anda.", "Not signed in. Open your personal link."),
    "bad_signature": (
        "Tanda tangan tidak cocok, atau waktunya lebih dari lima menit dari sekarang.",
        "The signature does not fit, or its time is more than five minutes from now.",
    ),
    "link_unknown": (
        "Tautan ini tidak berlaku. Minta tautan baru kepada posko.",
        "This link is not valid. Ask the command post for a new one.",
    ),
    "link_used": (
        "Tautan ini sudah dipakai di ponsel lain. Minta tautan baru kepada posko.",
        "This link was used on another phone already. Ask the command post for a new one.",
    ),
    "link_expired": (
        "Tautan ini sudah kedaluwarsa. Minta tautan baru kepada posko.",
        "This link has expired. Ask the command post for a new one.",
    ),
    "not_json_type": (
        "Kirim sebagai application/json dalam UTF-8.",
        "Send the body as application/json in UTF-8.",
    ),
    "not_found": ("Alamat ini tidak ada.", "There is nothing at this address."),
    "wrong_method": ("Cara ini tidak berlaku untuk alamat ini.", "This method is not allowed here."),
    "bad_request": ("Permintaan tidak terbaca.", "The request cannot be understood."),
    "too_slow": ("Kiriman terlalu lambat. Coba lagi.", "The body took too long to arrive. Try again."),
    "forbidden": ("Anda tidak berhak melakukan ini.", "You may not do this."),
    "internal": (
        "Terjadi kesalahan di server. Coba lagi; laporan di ponsel Anda aman.",
        "The server failed. Try again; nothing on your device is lost.",
    ),
}


def told(reason: str, language: str, field: str = "", **values: object) -> str:
    """The sentence for a reason, in Indonesian unless `language` is `en`."""
    english = int(language == "en")
    name = _FIELDS.get(field, _FIELDS.get(field.partition("[")[0], (field, field)))[english]
    said = _SAID.get(reason, _SAID["bad_request"])[english]
    return said.format(**{"field": name, "most": "1 MiB", "seconds": "", **values})


def language_of(header: str) -> str:
    """`en` or `id`, from an Accept-Language header: the first of the two that it names, Indonesian without either."""
    for part in header[:200].split(","):
        code = part.split(";")[0].strip().lower()[:2]
        if code in ("id", "en"):
            return code
    return "id"
