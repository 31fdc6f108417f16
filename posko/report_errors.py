"""Why a report is not accepted: the reasons, and how each is said. Never a person's name, number or words."""

from __future__ import annotations

import re
from typing import Any

import msgspec

REASONS = {
    "empty": "null value or no bytes",
    "too_large": "more than 1 MiB",
    "not_utf8": "bytes that are not UTF-8",
    "not_json": "UTF-8, but not JSON",
    "not_an_object": "JSON, but not an object",
    "too_deep": "objects and lists nested deeper than 64 levels",
    "missing_field": "a required field is missing or null",
    "wrong_type": "a field has another type",
    "bad_value": "a field has the right type and an impossible value",
    "bad_coordinates": "coordinates that are no coordinates, or one without the other",
    "bad_time": "a time that is not ISO 8601 with offset",
    "unknown_category": "a category that is not in the catalogue",
    "unknown_kind": "a kind that is not in its category",
    "unknown_role": "a role that is not in the catalogue",
    "unknown_institution": "an institution that is not in the catalogue",
    "unknown_place": "the code of a place that does not exist",
    "clock_implausible": "a time more than a year away from both now and the election",
}
_COORDINATES = {"lat": "a number of degrees from -90 to 90", "lng": "a number of degrees from -180 to 180"}
_TYPES = {"str": "text", "int": "a whole number", "float": "a number", "object": "an object", "array": "a list",
          "bool": "true or false", "null": "null"}  # fmt: skip
_MESSAGE = re.compile(r"(?P<what>.*?)(?: - at `\$\.?(?P<path>[^`]*)`)?", re.DOTALL)
_MISSING = re.compile(r"Object missing required field `(\w+)`")
_TYPE = re.compile(r"Expected `([\w |]+)`, got `(\w+)`")
_LIMIT = re.compile(r"Expected `\w+` (of length )?(<=|>=) ([\d.-]+)")


class Invalid(Exception):
    """A message that is no acceptable report.

    `reason` is a key of REASONS, `field` a path such as `reporter.id` or "", `detail` an English sentence for a person.
    """

    def __init__(self, reason: str, field: str, detail: str) -> None:
        super().__init__(reason, field, detail)
        self.reason, self.field, self.detail = reason, field, detail

    def __str__(self) -> str:
        return f"{self.reason}: {self.detail}"


def not_readable(raw: bytes, error: ValueError) -> Invalid:
    """What is wrong with bytes that a JSON reader refused with `error`."""
    try:
        raw.decode()
    except UnicodeDecodeError as at:
        guess = " (it looks like UTF-16)" if raw[:2] in (b"\xff\xfe", b"\xfe\xff") else ""
        return Invalid("not_utf8", "", f"Byte {at.start} is not UTF-8{guess}; expected JSON in UTF-8.")
    if 0 in raw[:4]:
        return Invalid(
            "not_utf8", "", "The message has null bytes (it looks like UTF-16 or UTF-32); expected JSON in UTF-8."
        )
    if "depth" in str(error):
        return Invalid("too_deep", "", "Objects and lists are nested deeper than 64 levels.")
    return Invalid("not_json", "", f"The message is not JSON: {error}.")


def from_msgspec(error: msgspec.ValidationError, content: dict[str, Any]) -> Invalid:
    """msgspec's complaint about `content` in our words."""
    found = _MESSAGE.fullmatch(str(error))
    assert found is not None
    what, path = found["what"], found["path"] or ""
    if missing := _MISSING.match(what):
        field = f"{path}.{missing[1]}" if path else missing[1]
        return Invalid("missing_field", field, f"{field} is missing or null; it is required.")
    if path in _COORDINATES:
        return Invalid("bad_coordinates", path, f"{path} is {shown(content[path])}; expected {_COORDINATES[path]}.")
    if kinds := _TYPE.match(what):
        expected = _TYPES.get(kinds[1].removesuffix(" | null"), kinds[1])
        return Invalid("wrong_type", path, f"{path} is {_TYPES.get(kinds[2], kinds[2])}; expected {expected}.")
    if limit := _LIMIT.match(what):
        bound = "at most" if limit[2] == "<=" else "at least"
        has = (
            "has another length"
            if limit[1]
            else f"is {shown(content[path])}"
            if path in content
            else "is out of bounds"
        )
        unit = (" entries" if path == "attachments" else " characters") if limit[1] else ""
        return Invalid("bad_value", path, f"{path} {has}; expected {bound} {limit[3]}{unit}.")
    if path.endswith(".sha256"):
        return Invalid("bad_value", path, f"{path} is no SHA-256; expected 64 hexadecimal digits.")
    return Invalid("bad_value", path, f"{path} has an impossible value.")


def kind_of(value: Any) -> str:
    """The JSON type of a value, for people."""
    names = {dict: "an object", list: "a list", str: "text", bool: "true or false", int: "a number", float: "a number"}
    return names.get(type(value), "null")


def shown(value: Any) -> str:
    """A value that is a code or a number, short enough for a message."""
    if isinstance(value, str):
        return repr(value if len(value) <= 40 else value[:37] + "...")
    return str(value) if isinstance(value, int | float) else kind_of(value)
