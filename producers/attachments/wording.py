"""Why a file is not kept, for the person who sent it."""

from __future__ import annotations

_SAID = {
    "unknown_type": (
        "Jenis berkas ini tidak diterima. Kirim foto, PDF, video pendek atau rekaman suara.",
        "This type of file is not accepted. Send a photo, a PDF, a short video or a recording.",
    ),
    "too_large": ("Berkas terlalu besar.", "The file is too large."),
    "broken": ("Berkas rusak atau tidak lengkap.", "The file is damaged or not complete."),
    "two_in_one": ("Berkas ini tidak diterima.", "A file that is also an archive or a page is not accepted."),
    "other_hash": (
        "Isi berkas tidak cocok dengan tandanya. Kirim sekali lagi.",
        "The file is not the one that its address names (SHA-256).",
    ),
    "too_slow": ("Kiriman terlalu lambat. Coba lagi.", "The file took too long to arrive. Try again."),
    "no_room": ("Penyimpanan posko penuh. Coba lagi nanti.", "There is no room for the file. Try again later."),
}


def told(reason: str, language: str) -> str:
    """The sentence for a reason, in Indonesian unless `language` is `en`."""
    return _SAID[reason][int(language == "en")]
