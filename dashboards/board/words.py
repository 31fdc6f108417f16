"""What the board says, in two languages. Templates and scripts have the Indonesian words; `words.yaml` has the
English for each. A test fails when one is missing."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Any

import yaml

LANGUAGES = ("id", "en")


@cache
def known() -> dict[str, tuple[str, str]]:
    """Text or code to Indonesian and English."""
    content = yaml.safe_load(files("dashboards.board").joinpath("words.yaml").read_text(encoding="utf-8"))
    texts = {text: (text, english) for text, english in content["texts"].items()}
    return texts | {code: (names[0], names[1]) for code, names in content["codes"].items()}


class Words:
    """Translates into one language; `{name}` in a text is replaced by what is given under that name."""

    def __init__(self, language: str) -> None:
        self.language = language if language in LANGUAGES else "id"

    def __call__(self, text: str, **values: Any) -> str:
        said = known().get(text, (text, text))[self.language == "en"]
        return said.format(**values) if values else said

    def named(self, names: dict[str, str]) -> str:
        """Of a name in both languages, the one to show."""
        return names.get(self.language) or names["id"]


# What the scripts say: sent with each page.
IN_SCRIPTS = (
    "sisa {menit} menit", "sisa {jam} jam {menit} mnt", "sisa {hari} hari", "lewat {menit} menit",
    "lewat {jam} jam {menit} mnt", "lewat {hari} hari", "sisa kurang dari 1 menit", "baru saja lewat",
    "{menit} menit lalu", "{jam} jam lalu", "{hari} hari lalu", "baru saja", "{n} baru", "Mengirim…",
    "Menunggu jawaban…", "Belum ada jawaban; tindakan tetap akan dikerjakan. Kami terus menunggu.", "Batalkan",
    "Sambungan terputus. Mencoba menyambung lagi…", "Tersambung lagi.",
    "Basis data tidak menjawab; yang tampil mungkin sudah lama.", "Sesi berakhir; masuk lagi.",
    "Tidak terkirim. Tidak ada sambungan ke server; coba lagi.", "Suara nyala", "Suara mati", "Tetap lakukan",
    "Dibatalkan.", "Pilih laporan yang dipisah lebih dahulu.",
    "Tindakan ini tidak tersedia sekarang.",
)  # fmt: skip
