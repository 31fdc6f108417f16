"""The report, version 1: what anybody may send, and precise words for what cannot be accepted.

`parse` looks at the message alone. Whether a category, a role or a place exists is for `posko.intake`, which knows the
catalogue and the regions. docs/report.md is this contract for people who build producers.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any, NoReturn

import msgspec
import orjson

from posko.report_errors import Invalid, from_msgspec, kind_of, not_readable, shown

__all__ = ["CHANNELS", "MAX_BYTES", "MAX_DEPTH", "MAX_TEXT", "Attachment", "Invalid", "Report", "Reporter", "parse"]

MAX_BYTES = 1 << 20
MAX_DEPTH = 64  # objects and lists inside each other: far above any form, far below what a JSON writer refuses
MAX_TEXT = 4000  # characters
MAX_CODE = 100
MAX_ATTACHMENTS = 20
CHANNELS = frozenset({"app", "odk", "sms", "whatsapp", "web", "cli", "import", "api"})

Code = Annotated[str, msgspec.Meta(max_length=MAX_CODE)]


class Reporter(msgspec.Struct, frozen=True):
    """Who reports. `id` means something only to the sender; role and institution are codes of the catalogue."""

    id: Annotated[str, msgspec.Meta(max_length=200)]
    role: Code
    institution: Code


class Attachment(msgspec.Struct, frozen=True):
    """A file that belongs to a report; the file itself travels another way. `bytes` is its size."""

    sha256: Annotated[str, msgspec.Meta(pattern="^[0-9a-fA-F]{64}$")]
    mime: Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
    name: Annotated[str, msgspec.Meta(max_length=500)]
    bytes: Annotated[int, msgspec.Meta(ge=0, le=1 << 50)]


class Report(msgspec.Struct, frozen=True, kw_only=True):
    """A report in normal form. Times are milliseconds since 1970 UTC, text fields that were not given `""`.

    `report_id` is lower case; `tps` is `16.71.01.1001/007`; `area` has dots; `attachments`, `extra` are as they came.
    `extra` holds every field that version 1 does not know; those inside `reporter` are under that name.
    """

    report_id: str
    category: str
    text: str
    reported_at: int
    occurred_at: int | None
    reporter: Reporter
    tps: str
    area: str
    lat: float | None
    lng: float | None
    severity: int | None
    channel: str
    kind: str
    attachments: list[dict[str, Any]]
    extra: dict[str, Any]


class _Wire(msgspec.Struct, frozen=True):
    """The types of the fields as sent; a null counts as not given."""

    report_id: Code
    category: Code
    text: str
    reported_at: Code
    reporter: Reporter
    occurred_at: Code = ""
    tps: Code = ""
    area: Code = ""
    lat: Annotated[float, msgspec.Meta(ge=-90, le=90)] | None = None
    lng: Annotated[float, msgspec.Meta(ge=-180, le=180)] | None = None
    severity: Annotated[int, msgspec.Meta(ge=1, le=5)] | None = None
    channel: Code = ""
    kind: Code = ""
    attachments: Annotated[list[Attachment], msgspec.Meta(max_length=MAX_ATTACHMENTS)] = []


_FIELDS = frozenset(_Wire.__struct_fields__)
_REPORTER_FIELDS = frozenset(Reporter.__struct_fields__)
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_NIL = "00000000-0000-0000-0000-000000000000"
_AREA = re.compile(r"([0-9]{2})(?:\.?([0-9]{2})(?:\.?([0-9]{2})(?:\.?([0-9]{4}))?)?)?")
_TPS = re.compile(r"([0-9]{2})\.?([0-9]{2})\.?([0-9]{2})\.?([0-9]{4})/0*([1-9][0-9]{0,2})")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MS = timedelta(milliseconds=1)


def parse(raw: bytes | None) -> Report:
    """The report in the bytes of one message.

    Raises Invalid, and nothing else, with reason, field and detail for anything that is no report of version 1.
    """
    content = _object(raw)
    known = {name: value for name, value in content.items() if name in _FIELDS and value is not None}
    severity = known.get("severity")
    if type(severity) is float and severity.is_integer():
        known["severity"] = int(severity)  # JSON has one kind of number: 3.0 is 3
    try:
        wire = msgspec.convert(known, _Wire)
    except msgspec.ValidationError as error:
        raise from_msgspec(error, known) from None
    reporter = wire.reporter
    return Report(
        report_id=_report_id(wire.report_id),
        category=_given("category", wire.category),
        text=_text(wire.text),
        reported_at=_time("reported_at", wire.reported_at),
        occurred_at=_time("occurred_at", wire.occurred_at) if wire.occurred_at else None,
        reporter=Reporter(
            _printable("reporter.id", reporter.id),
            _given("reporter.role", reporter.role),
            _given("reporter.institution", reporter.institution),
        ),
        tps=_tps(wire.tps) if wire.tps else "",
        area=_area(wire.area) if wire.area else "",
        lat=_together(wire.lat, wire.lng),
        lng=wire.lng,
        severity=wire.severity,
        channel=_channel(wire.channel) if wire.channel else "",
        kind=wire.kind.strip(),
        attachments=known.get("attachments", []),
        extra=_extra(content, known["reporter"]),
    )


def _object(raw: bytes | None) -> dict[str, Any]:
    if not raw:
        found = "a null value" if raw is None else "no bytes"
        raise Invalid("empty", "", f"The message has {found}; expected a JSON object.")
    if len(raw) > MAX_BYTES:
        raise Invalid("too_large", "", f"The message has {len(raw)} bytes; a report has at most {MAX_BYTES}.")
    try:
        content = orjson.loads(raw[3:] if raw.startswith(b"\xef\xbb\xbf") else raw)
    except orjson.JSONDecodeError as error:
        raise not_readable(raw, error) from None
    if type(content) is not dict:
        raise Invalid("not_an_object", "", f"The message is JSON, but {kind_of(content)}; expected an object.")
    if raw.count(b"[") + raw.count(b"{") > MAX_DEPTH and _deeper(content, MAX_DEPTH):
        raise Invalid("too_deep", "", f"Objects and lists are nested deeper than {MAX_DEPTH} levels.")
    return content


def _deeper(value: Any, levels: int) -> bool:
    """Whether objects and lists are nested deeper than `levels`; without recursion, as depth is what is in doubt."""
    layer = [value]
    for _ in range(levels):
        inner: list[Any] = []
        for holder in layer:
            inner.extend(v for v in (holder.values() if type(holder) is dict else holder) if type(v) in (dict, list))
        if not inner:
            return False
        layer = inner
    return True


def _report_id(value: str) -> str:
    lowered = value.lower()
    if not _UUID.fullmatch(lowered):
        _bad(
            "report_id",
            value,
            "a UUID such as 5f0c1f9e-8d3a-4b57-9a53-0c2f1f6f3f11, made on the device for each report",
        )
    if lowered == _NIL:
        _bad("report_id", value, "a UUID of its own for each report, not the nil UUID")
    return lowered


def _text(value: str) -> str:
    stripped = value.strip()
    if not 1 <= len(stripped) <= MAX_TEXT:
        raise Invalid("bad_value", "text", f"text has {len(stripped)} characters; expected 1 to {MAX_TEXT}.")
    return stripped


def _given(field: str, value: str) -> str:
    return value.strip() or _bad(field, value, "a code of the catalogue")


def _printable(field: str, value: str) -> str:
    stripped = value.strip()
    if not stripped or not stripped.isprintable():
        found = "has control characters" if stripped else "is empty"
        raise Invalid("bad_value", field, f"{field} {found}; expected 1 to 200 printable characters.")
    return stripped


def _time(field: str, value: str) -> int:
    try:
        moment = datetime.fromisoformat(value.strip().upper())
    except ValueError:
        raise Invalid("bad_time", field, f"{field} is {shown(value)}; expected {_TIME}.") from None
    if moment.tzinfo is None:
        raise Invalid("bad_time", field, f"{field} is {shown(value)}, without an offset from UTC; expected {_TIME}.")
    return (moment - _EPOCH) // _MS


_TIME = "ISO 8601 with offset such as 2024-11-27T07:05:00+07:00"


def _tps(value: str) -> str:
    found = _TPS.fullmatch(value.strip())
    if found is None:
        _bad("tps", value, "the code of the kelurahan, a slash and a number from 1 to 999, such as 16.71.01.1001/007")
    *code, number = found.groups()
    return f"{'.'.join(code)}/{number:0>3}"


def _area(value: str) -> str:
    found = _AREA.fullmatch(value.strip())
    if found is None:
        _bad("area", value, "a Kemendagri code such as 16, 16.71, 16.71.01 or 16.71.01.1001")
    return ".".join(part for part in found.groups() if part)


def _together(lat: float | None, lng: float | None) -> float | None:
    if (lat is None) != (lng is None):
        field, there = ("lat", "lng") if lat is None else ("lng", "lat")
        raise Invalid("bad_coordinates", field, f"{there} is there without {field}; expected both or neither.")
    return lat


def _channel(value: str) -> str:
    stripped = value.strip()
    if stripped not in CHANNELS:
        _bad("channel", value, f"one of {', '.join(sorted(CHANNELS))}")
    return stripped


def _extra(content: dict[str, Any], reporter: dict[str, Any]) -> dict[str, Any]:
    extra = {} if len(content) <= len(_FIELDS) and _FIELDS.issuperset(content) else _unknown(content, _FIELDS)
    if len(reporter) > len(_REPORTER_FIELDS):
        extra["reporter"] = _unknown(reporter, _REPORTER_FIELDS)
    return extra


def _unknown(fields: dict[str, Any], known: frozenset[str]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if name not in known}


def _bad(field: str, value: str, expected: str) -> NoReturn:
    raise Invalid("bad_value", field, f"{field} is {shown(value)}; expected {expected}.")
