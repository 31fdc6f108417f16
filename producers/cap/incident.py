"""An incident as a CAP 1.2 alert, for agencies' own systems. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

from posko.catalog import Catalog
from producers.cap.alert import NAMESPACE

_SEVERITY = {5: "Extreme", 4: "Severe", 3: "Moderate", 2: "Minor", 1: "Minor"}
_URGENCY = {5: "Immediate", 4: "Immediate", 3: "Expected"}
_CERTAINTY = {"verified": "Observed", "corroborated": "Likely", "unconfirmed": "Possible", "refuted": "Unlikely"}
_CATEGORY = {"disaster": "Met", "officials_health": "Health", "accident": "Rescue", "stranded": "Transport",
             "power_outage": "Infra", "sirekap": "Infra"}  # fmt: skip


def alert(row: Mapping[str, Any], catalog: Catalog, sender: str) -> bytes:
    """The alert of an incident, a row of `posko.incidents`; `sender` names this system, without spaces and commas."""
    ElementTree.register_namespace("", NAMESPACE)
    root = ElementTree.Element(f"{{{NAMESPACE}}}alert")
    category = catalog.categories.get(row["category"])
    kind = category.kinds.get(row["kind"]) if category else None
    names = kind.names if kind else category.names if category else {"id": row["category"]}
    ended = row["status"] in ("resolved", "rejected")
    for name, value in (
        ("identifier", f"{row['incident_id']}-{row['version']}"),
        ("sender", sender),
        ("sent", _time(row["updated_at"])),
        ("status", "Actual"),
        ("msgType", "Cancel" if ended else "Update" if row["version"] > 1 else "Alert"),
        ("scope", "Restricted"),
        ("restriction", "Lembaga yang tergabung dalam posko"),
    ):
        _add(root, name, value)
    info = _add(root, "info", "")
    for name, value in (
        ("language", "id-ID"),
        ("category", _CATEGORY.get(row["kind"], "Security" if row["category"] == "security" else "Other")),
        ("event", names["id"]),
        ("urgency", "Past" if ended else _URGENCY.get(row["severity"], "Future")),
        ("severity", _SEVERITY.get(row["severity"], "Unknown")),
        ("certainty", _CERTAINTY.get(row["confidence"], "Unknown")),
        ("onset", _time(row["first_at"])),
        ("headline", row["title"]),
        ("description", row["summary"] or row["title"]),
    ):
        _add(info, name, value)
    for name, value in (
        ("posko.category", row["category"]),
        ("posko.kind", row["kind"]),
        ("posko.status", row["status"]),
    ):
        if value:
            _pair(info, "parameter", name, value)
    area = _add(info, "area", "")
    _add(area, "areaDesc", row["place_name"] or "Lokasi belum diketahui")
    if row["lat"] is not None and row["lng"] is not None:
        _add(area, "circle", f"{row['lat']:.5f},{row['lng']:.5f} {(row['place_m'] or 0) / 1000:.2f}")
    if code := row["village"] or row["district"] or row["regency"] or row["province"]:
        _pair(area, "geocode", "kemendagri", code)
    return ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)


def _time(at: datetime) -> str:
    """As CAP has it: seconds, and an offset that is never Z."""
    known = at if at.tzinfo else at.replace(tzinfo=UTC)
    return known.isoformat(timespec="seconds").replace("+00:00", "-00:00")


def _add(holder: ElementTree.Element, name: str, value: str) -> ElementTree.Element:
    element = ElementTree.SubElement(holder, f"{{{NAMESPACE}}}{name}")
    if value:
        element.text = "".join(letter for letter in value if letter.isprintable() or letter in "\n\t")
    return element


def _pair(holder: ElementTree.Element, name: str, key: str, value: str) -> None:
    element = _add(holder, name, "")
    _add(element, "valueName", key)
    _add(element, "value", value)
