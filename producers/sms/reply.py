"""What is answered to a short message: what was understood, what is missing. In at most one SMS where it fits."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence

from posko.catalog import Catalog
from producers.sms import category as categories

ONE_SMS = 160  # characters of GSM 03.38 in one message
# GSM 03.38, the basic table without Greek; what is not in it would halve the room in an SMS.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅå_ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)

EXAMPLE = "LOG 4 Tanjung Baru perahu kandas"


def accepted(understood: Sequence[str], reference: str, missing: Sequence[str] = ()) -> str:
    """For a report that Kafka has acknowledged; `reference` is what people can name it by."""
    said = "; ".join(understood)
    asked = {
        "place": "Lokasi belum jelas: sebut TPS, desa, kecamatan.",
        "text": "Sebutkan apa yang terjadi.",
    }
    more = " ".join(asked[one] for one in missing if one in asked)
    return fitting(
        *(
            f"Laporan {reference} diterima: {text}. {end}".strip()
            for text in (said, _short(said))
            for end in (more or "Terima kasih.", more)
        ),
        f"Laporan {reference} diterima. {more}",
    )


def asking(understood: Sequence[str], missing: Sequence[str], catalog: Catalog) -> str:
    """For a message that is kept, not sent yet, because something must be asked first."""
    said = _short("; ".join(understood))
    if "category" in missing:
        codes = offered(catalog)
        return fitting(
            f"BELUM DIKIRIM. Terbaca: {said}. Jenis laporan? Balas {codes}." if said else "",
            f"BELUM DIKIRIM. Jenis laporan? Balas {codes}. Contoh: {EXAMPLE}",
            f"BELUM DIKIRIM. Balas {codes}.",
        )
    return fitting(
        f"Tercatat: {said}. Di mana? Balas TPS, desa, kecamatan. Tanpa balasan 3 menit dikirim tanpa lokasi.",
        "Di mana? Balas TPS, desa, kecamatan.",
    )


def offered(catalog: Catalog) -> str:
    """`LOG, KAM, HOAKS atau ASN`: what a message can begin with."""
    words = [categories.spelt(code, category.names["id"]) for code, category in catalog.categories.items()]
    return ", ".join(words[:-1]) + f" atau {words[-1]}" if len(words) > 1 else words[0]


def refused(message: str) -> str:
    """For a report that was not accepted, with the reason."""
    return fitting(f"DITOLAK: {message}", f"DITOLAK: {message}"[:ONE_SMS])


def conflict() -> str:
    """For an id that was used for another report."""
    return "Nomor pesan ini sudah dipakai laporan lain. Mohon kirim ulang laporan Anda."


def waiting() -> str:
    """For a message that is kept safely here while Kafka is away."""
    return "Laporan TERSIMPAN, belum diteruskan ke posko karena gangguan. Akan dikirim sendiri, tidak perlu diulang."


def closed() -> str:
    """For somebody who is not enrolled, while citizens cannot report."""
    return "Nomor ini belum terdaftar di posko. Mohon hubungi PPS atau pengawas di desa Anda."


def fitting(*texts: str) -> str:
    """The first of `texts` that fits one SMS, in letters that an SMS has; else the last one as it is."""
    plain = [gsm(text) for text in texts if text]
    return next((text for text in plain if len(text) <= ONE_SMS), plain[-1])


def gsm(text: str) -> str:
    """`text` in letters of GSM 03.38; others lose their accents or become `?`."""
    plain = "".join(c if c in _GSM else unicodedata.normalize("NFKD", c)[0] for c in text)
    return " ".join("".join(c if c in _GSM else "?" for c in plain).split())


def _short(said: str) -> str:
    """Without kabupaten and long words: enough to see that the right place was understood."""
    parts = [part for part in said.split(", ") if not part.startswith(("Kab. ", "Kota ", "Provinsi "))]
    return ", ".join(parts) or said
