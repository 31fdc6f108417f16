"""A CAP 1.2 alert and the report in it. Pure. Source: OASIS Standard CAP-v1.2, section 3.2."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from posko.context import Context
from posko.report import MAX_TEXT
from producers.sms import category as categories
from producers.sms.grammar import CERTAIN

SPACE = UUID("8a0f8a55-2f0e-5c6e-9f1e-7f7c3b8d5e20")  # of the ids of alerts
NAMESPACE = "urn:oasis:names:tc:emergency:cap:1.2"
MAX_BYTES = 256 << 10
MAX_ELEMENTS = 2_000
MAX_CORNERS = 1_000  # of a polygon
SEVERITIES = {"Extreme": 5, "Severe": 4, "Moderate": 3, "Minor": 2}
DISASTERS = ("Geo", "Met", "Fire", "Env", "Rescue")  # categories of CAP whose alerts are disasters to us
CODES = ("kemendagri", "kode_wilayah", "kode wilayah", "posko.area")  # names under which an area's code may be


class Unreadable(ValueError):
    """No alert; the text says why, in English."""


class NotMeant(ValueError):
    """An alert that is none to act on: a test, an exercise, an acknowledgement, a cancellation. The text says which."""


def read(xml: bytes, context: Context) -> dict[str, Any]:
    """The report in an alert, without its reporter. Raises Unreadable, NotMeant."""
    if len(xml) > MAX_BYTES:
        raise Unreadable(f"The alert has {len(xml)} bytes; at most {MAX_BYTES} are read")
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(f"The alert is no XML that is read here ({type(error).__name__})") from None
    if root.tag != f"{{{NAMESPACE}}}alert" or sum(1 for _ in root.iter()) > MAX_ELEMENTS:
        raise Unreadable(f"The root is no alert of {NAMESPACE}, or has more than {MAX_ELEMENTS} elements")
    names = {name: _text(root, name) for name in ("identifier", "sender", "sent", "status", "msgType")}
    if missing := [name for name, value in names.items() if not value]:
        raise Unreadable(f"The alert has no {missing[0]}")
    if names["status"] != "Actual" or names["msgType"] not in ("Alert", "Update"):
        raise NotMeant(f"An alert with status {names['status']} and type {names['msgType']} is no report")
    info = _info(root)
    report = {
        "report_id": str(uuid5(SPACE, ",".join((names["sender"], names["identifier"], names["sent"])))),
        **_what(info, context),
        "reported_at": names["sent"],
        **_where(info, context),
        "cap": {name: names[name][:200] for name in ("identifier", "sender")},
    }
    if occurred := _text(info, "onset") or _text(info, "effective"):
        report["occurred_at"] = occurred
    if severity := SEVERITIES.get(_text(info, "severity")):
        report["severity"] = severity
    return report


def _info(root: Element) -> Element:
    """The part in Indonesian, else the first. Raises Unreadable without one."""
    parts = root.findall(f"{{{NAMESPACE}}}info")
    if not parts:
        raise Unreadable("The alert has no info")
    return next((part for part in parts if _text(part, "language").lower().startswith("id")), parts[0])


def _what(info: Element, context: Context) -> dict[str, Any]:
    """Text, category, kind: as `posko.category` and `posko.kind` in its parameters say, else by its words."""
    said = dict.fromkeys(_text(info, name) for name in ("headline", "description", "event"))
    parts = [part for part in said if part]
    text = ". ".join(part.rstrip(".") for part in parts if not any(part in other for other in parts if other != part))
    given = dict(_pairs(info, "parameter"))
    kind = given.get("posko.kind", "")
    category = given.get("posko.category", "")
    if category not in context.catalog.categories:
        disaster = _text(info, "category") in DISASTERS
        category = "security" if disaster else categories.guess(text, context.catalog) or "security"
        kind = "disaster" if disaster else ""
    known = context.catalog.categories.get(category)
    found = {"category": category, "text": text[:MAX_TEXT]}
    return {**found, "kind": kind} if known and kind in known.kinds else found


def _where(info: Element, context: Context) -> dict[str, Any]:
    """The code of a region, the middle of a circle or polygon, or the place that `areaDesc` names."""
    regions, found = context.regions, dict[str, Any]()
    for area in info.findall(f"{{{NAMESPACE}}}area"):
        for name, value in _pairs(area, "geocode"):
            code = regions.normalise_code(value) if name.lower() in CODES else None
            if code and regions.get(code) and "area" not in found:
                found["area"] = code
        if "lat" not in found and (middle := _middle(area)):
            found["lat"], found["lng"] = middle
        if "area" not in found and "lat" not in found:
            named = regions.find(_text(area, "areaDesc"), context.election.area)
            if code := next((one.code for one in named if one.score >= CERTAIN), ""):
                found["area"] = code
    return found


def _middle(area: Element) -> tuple[float, float] | None:
    try:
        if circle := _text(area, "circle"):
            return _point(circle.split()[0])
        if polygon := _text(area, "polygon"):
            corners = [_point(pair) for pair in polygon.split()[:MAX_CORNERS]]
            corners = corners[:-1] if len(corners) > 1 and corners[0] == corners[-1] else corners
            return sum(lat for lat, _ in corners) / len(corners), sum(lng for _, lng in corners) / len(corners)
    except (ValueError, IndexError):
        pass
    return None


def _point(pair: str) -> tuple[float, float]:
    lat, lng = (float(value) for value in pair.split(","))
    return lat, lng


def _pairs(holder: Element, name: str) -> Iterator[tuple[str, str]]:
    for one in holder.findall(f"{{{NAMESPACE}}}{name}"):
        yield _text(one, "valueName"), _text(one, "value")


def _text(holder: Element, name: str) -> str:
    return (holder.findtext(f"{{{NAMESPACE}}}{name}") or "").strip()
