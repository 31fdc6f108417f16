"""A short message as a gateway hands it over, whatever the gateway calls its fields. Pure."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any
from uuid import UUID, uuid5

import phonenumbers

from posko.report import MAX_TEXT
from producers.sms import parts
from producers.sms.parts import Part

SPACE = UUID("6a4f0a3e-4c47-5d86-9a3b-2f1f3a0a5c10")  # of the ids of messages whose gateway gives none
MAX_FIELD = 200  # characters of what is no text
_FROM = ("from", "sender", "phonenumber", "phone", "msisdn", "number", "contact")
_TEXT = ("text", "message", "body", "content")
_ID = ("id", "messageid", "message_id", "messagesid", "smssid", "uuid", "smsid")
_TIME = ("time", "timestamp", "sentstamp", "receivedat", "receivedstamp", "sentat", "date")
_PARTS = (("ref", "number", "total"), ("reference", "part", "parts"), ("ref", "part", "parts"))
_HEX = re.compile(r"[0-9A-Fa-f\s:%]*")


class Unreadable(ValueError):
    """A webhook call that is no message; the text says what is missing."""


@dataclass(frozen=True)
class Incoming:
    """A message. `sender` is the phone in E.164, `""` when no person's (`TELKOMSEL`, `3636`); `message_id` the
    gateway's, or made from the content; `at` is when it was sent."""

    gateway: str
    sender: str
    text: str
    message_id: str
    at: datetime
    part: Part | None = None


def read(gateway: str, fields: Mapping[str, Any], zone: tzinfo, now: datetime) -> Incoming:
    """The message in the fields of a call; the first of the usual names counts, in any case of letters.

    `zone`: of times without an offset; `now` stands in for a time that the gateway does not give, with an id made from
    the content then the same for an hour. Raises Unreadable.
    """
    known = {str(name).lower(): value for name, value in fields.items()}
    for inner in ("payload", "data"):
        if isinstance(known.get(inner), Mapping):
            known |= {str(name).lower(): value for name, value in known[inner].items()}
    sender = _first(known, _FROM)
    if not sender:
        raise Unreadable(f"There is no sender; name it one of {', '.join(_FROM)}")
    text = next((known[name] for name in _TEXT if isinstance(known.get(name), str)), None)
    if text is None:
        raise Unreadable(f"There is no text; name it one of {', '.join(_TEXT)}")
    text = text[:MAX_TEXT]
    at = moment(_first(known, _TIME), zone)
    phone = e164(sender)
    part = parts.of_header(_header(_first(known, ("udh",)))) or _numbered(known)
    own = _first(known, _ID)
    given = own or _made(phone or sender, text, _first(known, _TIME) or f"{now:%Y%m%d%H}", part)
    return Incoming(gateway, phone, text, given, at or now, part)


def e164(number: str) -> str:
    """A phone number in E.164, from any usual Indonesian or international writing; `""` when it is no phone's."""
    try:
        parsed = phonenumbers.parse(number[:40], "ID")
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(parsed) or len(str(parsed.national_number)) < 7:
        return ""
    return phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


def moment(written: str, zone: tzinfo) -> datetime | None:
    """A time as gateways write it: seconds or milliseconds since 1970, or ISO 8601 with or without offset."""
    try:
        if written.replace(".", "", 1).isdecimal():
            value = float(written)
            return datetime.fromtimestamp(value / 1000 if value > 1e11 else value, UTC)
        at = datetime.fromisoformat(written.strip())
    except (ValueError, OverflowError, OSError):
        return None
    return at if at.tzinfo else at.replace(tzinfo=zone)


def _first(known: Mapping[str, Any], names: tuple[str, ...]) -> str:
    for name in names:
        value = known.get(name)
        if isinstance(value, str | int | float) and not isinstance(value, bool) and str(value).strip():
            return str(value).strip()[:MAX_FIELD]
    return ""


def _header(written: str) -> bytes:
    """A user data header as hexadecimal digits, `050003A10201` or `%05%00%03...`."""
    digits = re.sub(r"[\s:%]", "", written)
    return bytes.fromhex(digits) if digits and _HEX.fullmatch(written) and len(digits) % 2 == 0 else b""


def _numbered(known: Mapping[str, Any]) -> Part | None:
    for names in _PARTS:
        values = [_first(known, (name,)) for name in names]
        if all(value.isdecimal() and len(value) < 6 for value in values):
            return parts.checked(*(int(value) for value in values))
    return None


def _made(sender: str, text: str, time: str, part: Part | None) -> str:
    """An id for a gateway that gives none: the same message at the same time is the same."""
    return str(uuid5(SPACE, "\0".join((sender, time, text, repr(part)))))
