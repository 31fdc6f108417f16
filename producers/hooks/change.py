"""What a message of the topic `incidents` tells agencies: state and place, no person and no report's text."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import orjson

from posko.context import Context
from posko.incident import OPEN
from posko.regions import codes


class Change(msgspec.Struct, frozen=True, gc=False):
    """The fields of an incident (docs/messages.md) that are looked at here; all others are left out while reading."""

    incident_id: str
    version: int
    status: str
    category: str
    severity: int
    kind: str = ""
    province: str = ""
    regency: str = ""
    district: str = ""
    village: str = ""
    tps: str = ""
    lat: float | None = None
    lng: float | None = None
    place_m: float | None = None
    place_name: str = ""
    confidence: str = ""
    escalation: int = 0
    lead_agency: str = ""
    merged_into: str = ""
    reports: int = 0
    reporters: int = 0
    institutions: int = 0
    first_at: int | None = None
    last_at: int | None = None
    opened_at: int | None = None
    updated_at: int | None = None

    @property
    def closed(self) -> bool:
        return self.status not in OPEN or bool(self.merged_into)

    @property
    def place(self) -> str:
        """The code of the smallest region it is in, `""` when none is known."""
        return self.village or self.district or self.regency or self.province


read = msgspec.json.Decoder(Change).decode


def body(change: Change, context: Context) -> bytes:
    """The incident as JSON, as docs/doors.md describes it.

    The title is made here of kind and place: that of a travelling claim quotes a report.
    """
    category = context.catalog.categories.get(change.category)
    kind = category.kinds.get(change.kind) if category else None
    names = kind.names if kind else category.names if category else {"id": change.category}
    told: dict[str, Any] = {
        "id": change.incident_id,
        "version": change.version,
        "status": change.status,
        "category": change.category,
        "kind": change.kind,
        "title": ", ".join(part for part in (names["id"], change.place_name) if part),
        "severity": change.severity,
        "confidence": change.confidence,
        "escalation": change.escalation,
        "lead_agency": change.lead_agency,
        "merged_into": change.merged_into,
        "place": {
            "code": change.place,
            "name": change.place_name,
            "tps": change.tps,
            "regions": [_region(code, context) for code in _chain(change.place)],
            "lat": change.lat,
            "lng": change.lng,
            "within_m": change.place_m,
        },
        "counts": {
            "reports": change.reports,
            "reporters": change.reporters,
            "institutions": change.institutions,
        },
        "times": {name: _time(getattr(change, f"{name}_at")) for name in ("first", "last", "opened", "updated")},
    }
    return orjson.dumps(told)


def _chain(code: str) -> list[str]:
    """The codes from the province down."""
    found: list[str] = []
    while code:
        found.insert(0, code)
        code = codes.parent(code)
    return found


def _region(code: str, context: Context) -> dict[str, str]:
    known = context.regions.get(code)
    return {"code": code, "name": known.name if known else ""}


def _time(at: int | None) -> str | None:
    return None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat(timespec="milliseconds")
