"""What part of the queue somebody looks at, as the address says it: `/?kategori=security&tenggat=lewat`. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from urllib.parse import urlencode

from dashboards.board.roles import place
from dashboards.board.situation import Incident
from posko.regions import codes

PAGE = 100  # rows at first, and with each press of the button
MOST = 1000
MAX_SEARCH = 100
STATES = ("terbuka", "menunggu", "ditangani", "ditutup", "semua")
DEADLINES = ("lewat", "segera", "kritis")
ORDERS = ("gawat", "baru", "tenggat")


@dataclass(frozen=True, slots=True)
class Filter:
    """Fields are the address's parameters; `""` does not narrow."""

    kategori: str = ""
    keparahan: int = 0  # at least
    wilayah: str = ""  # code of any level
    instansi: str = ""
    status: str = "terbuka"
    tenggat: str = ""
    cari: str = ""
    urut: str = "gawat"
    saya: str = ""  # the account to which it is assigned
    banyak: int = PAGE

    @classmethod
    def of(cls, given: Mapping[str, str]) -> Filter:
        """From an address; what makes no sense there is ignored."""
        clean = {name: str(value).strip()[:MAX_SEARCH] for name, value in given.items()}
        return cls(
            kategori=clean.get("kategori", ""),
            keparahan=_number(clean.get("keparahan", ""), 0, 5, 0),
            wilayah=codes.normalise(clean.get("wilayah", "")) or "",
            instansi=clean.get("instansi", ""),
            status=_one_of(clean.get("status", ""), STATES, "terbuka"),
            tenggat=_one_of(clean.get("tenggat", ""), DEADLINES, ""),
            cari=clean.get("cari", ""),
            urut=_one_of(clean.get("urut", ""), ORDERS, "gawat"),
            saya=clean.get("saya", ""),
            banyak=_number(clean.get("banyak", ""), PAGE, MOST, PAGE),
        )

    def address(self, **changes: object) -> str:
        """The query of an address: only what differs from the defaults."""
        said = {field.name: changes.get(field.name, getattr(self, field.name)) for field in fields(self)}
        return urlencode({name: value for name, value in said.items() if value != getattr(_NONE, name)})

    def fits(self, one: Incident, now: int) -> bool:
        """Whether the incident is among those looked at."""
        return (
            (not self.kategori or one.category == self.kategori)
            and one.severity >= self.keparahan
            and (not self.wilayah or codes.covers(self.wilayah, place(one)))
            and (not self.instansi or self.instansi == one.lead_agency or self.instansi in one.support_agencies)
            and _STATES[self.status](one)
            and (not self.tenggat or _DEADLINES[self.tenggat](one, now))
            and (not self.saya or one.assigned_to == self.saya)
            and (not self.cari or self._found(one))
        )

    def ordered(self, incidents: Iterable[Incident], now: int) -> list[Incident]:
        """All that fit, in the order asked for."""
        found = [one for one in incidents if self.fits(one, now)]
        if self.urut == "baru":
            return sorted(found, key=lambda one: (-one.opened_at, one.incident_id))
        if self.urut == "tenggat":
            return sorted(found, key=lambda one: (one.due or 1 << 62, one.incident_id))
        return sorted(found, key=lambda one: one.rank(now))

    def _found(self, one: Incident) -> bool:
        text = f"{one.incident_id} {one.title} {one.place_name} {one.summary} {one.assigned_to}".lower()
        return all(word in text for word in self.cari.lower().split())


_NONE = Filter()
_STATES: dict[str, Callable[[Incident], bool]] = {
    "terbuka": lambda one: one.is_open,
    "menunggu": lambda one: one.waits,
    "ditangani": lambda one: one.is_open and not one.waits,
    "ditutup": lambda one: not one.is_open,
    "semua": lambda one: True,
}
_DEADLINES: dict[str, Callable[[Incident, int], bool]] = {
    "lewat": lambda one, now: one.deadline(now) == "late",
    "segera": lambda one, now: one.deadline(now) == "soon",
    "kritis": lambda one, now: one.alarming,
}


def _one_of(text: str, known: tuple[str, ...], otherwise: str) -> str:
    return text if text in known else otherwise


def _number(text: str, least: int, most: int, otherwise: int) -> int:
    return min(most, max(least, int(text))) if text.isascii() and text.isdigit() else otherwise
