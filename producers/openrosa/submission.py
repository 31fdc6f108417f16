"""A filled-in form (OpenRosa XML) and the report in it. Pure: what Collect sends is never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

from posko.regions import codes

SPACE = UUID("f3a4a9de-43f0-5b0e-8b2c-6d3b6f6a9a01")  # of ids of submissions that have no UUID
MAX_BYTES = 256 << 10
MAX_ELEMENTS = 500
_MEDIA = ("photo", "photo2")


class Unreadable(ValueError):
    """No submission; the text says why, in English."""


@dataclass(frozen=True)
class Submission:
    """`fields`: the filled-in questions by name; `media`: names of the files that belong to it."""

    form_id: str
    version: str
    report_id: str
    replaces: str  # id of the submission that this one corrects, `""` for a first one
    fields: Mapping[str, str]
    media: tuple[str, ...]

    def report(self, now: datetime, attachments: list[dict[str, Any]], current: str) -> dict[str, Any]:
        """The report, version 1, without its reporter. `current` is the form's version now: another one is marked.

        `now` stands in for a device's time that is missing or unreadable.
        """
        fields = self.fields
        report: dict[str, Any] = {
            "report_id": self.report_id,
            "category": fields.get("category", ""),
            "text": fields.get("text", ""),
            "reported_at": _time(fields.get("end", "")) or _time(fields.get("start", "")) or now.isoformat(),
            **_place(fields),
            "form_version": self.version,
        }
        if kind := fields.get("kind"):
            report["kind"] = kind
        if (severity := fields.get("severity", "")) and severity.isdecimal():
            report["severity"] = int(severity[:3])
        if occurred := _time(fields.get("occurred_at", "")):
            report["occurred_at"] = occurred
        if attachments:
            report["attachments"] = attachments
        if self.version != current:
            report["form_outdated"] = True
        if self.replaces:
            report["replaces"] = self.replaces
        return report


def read(xml: bytes) -> Submission:
    """The submission in an XML document of at most MAX_BYTES.

    Raises Unreadable: too large, no XML, with a DTD or entities, without form or instance id.
    """
    if len(xml) > MAX_BYTES:
        raise Unreadable(f"The form has {len(xml)} bytes; at most {MAX_BYTES} are read. Send photos as files")
    try:
        root = fromstring(xml, forbid_dtd=True)
    except (ParseError, DefusedXmlException, ValueError, LookupError) as error:
        raise Unreadable(f"The form is no XML that is read here ({type(error).__name__})") from None
    elements = _bounded(root)
    form_id = root.get("id") or _namespace(root.tag)
    if not form_id:
        raise Unreadable("The form has no id; its root element needs the attribute id")
    fields = {_local(one.tag): (one.text or "").strip() for one in elements if not len(one)}
    instance = fields.get("instanceID") or root.get("instanceID") or ""
    if not instance:
        raise Unreadable("The form has no instanceID; ask for it in the form's meta block")
    replaces = fields.get("deprecatedID", "")
    return Submission(
        form_id,
        (root.get("version") or "")[:100],
        id_of(instance),
        id_of(replaces) if replaces else "",
        fields,
        tuple(fields[name] for name in _MEDIA if fields.get(name)),
    )


def id_of(instance: str) -> str:
    """The report's id for an instanceID: `uuid:...` is one already, anything else gives one that is always the same."""
    try:
        return str(UUID(instance.removeprefix("uuid:")))
    except ValueError:
        return str(uuid5(SPACE, instance))


def _bounded(root: Element) -> list[Element]:
    elements = []
    for element in root.iter():
        elements.append(element)
        if len(elements) > MAX_ELEMENTS:
            raise Unreadable(f"The form has more than {MAX_ELEMENTS} elements")
    return elements


def _place(fields: Mapping[str, str]) -> dict[str, Any]:
    """`tps` or `area` from the places chosen, and the GPS position `lat lng altitude accuracy`."""
    found: dict[str, Any] = {}
    area = next((fields[level] for level in ("village", "district", "regency") if fields.get(level)), "")
    station = fields.get("tps", "")
    if area and station.isdecimal() and len(area) >= 10 and codes.normalise(area):
        found["tps"] = f"{area}/{station}"
    elif area:
        found["area"] = area
    try:
        lat, lng = (float(value) for value in fields.get("location", "").split()[:2])
    except ValueError:
        return found
    return {**found, "lat": lat, "lng": lng}


def _time(written: str) -> str:
    """A time with offset as it was written, `""` when it is none."""
    try:
        at = datetime.fromisoformat(written)
    except ValueError:
        return ""
    return written if at.tzinfo else ""


def _local(tag: str) -> str:
    return tag.rpartition("}")[2]


def _namespace(tag: str) -> str:
    return tag[1:].partition("}")[0] if tag.startswith("{") else ""
