"""What WhatsApp's webhook brings: messages of people, by sender; statuses and everything else are left out. Pure."""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator
from typing import Any

import msgspec

from posko.report import MAX_TEXT
from producers.sms.incoming import e164
from producers.sms.joining import Unit

MOST = 1_000  # messages of one call
MAX_ID = 200  # characters


class Message(msgspec.Struct, frozen=True):
    """One message of somebody: `phone` in E.164, `line` the number it was sent to (Graph's phone_number_id)."""

    phone: str
    line: str
    unit: Unit


def signed(body: bytes, given: str, secret: str) -> bool:
    """Whether `given` (X-Hub-Signature-256) is the HMAC-SHA256 of the body as it came. In constant time.

    Source: Meta, "Webhooks: validating payloads".
    """
    made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    return bool(secret) and hmac.compare_digest(made.encode(), given.encode())


def messages(content: Any, received: int) -> list[Message]:
    """The messages in a call's JSON, in its order; `received` (ms) is now. What has another shape is left out."""
    found = []
    for entry in _list(content, "entry"):
        for change in _list(entry, "changes"):
            value = _object(change, "value")
            line = _text(_object(value, "metadata"), "phone_number_id")
            for one in _list(value, "messages"):
                if (message := _message(one, line, received)) is not None:
                    found.append(message)
                if len(found) >= MOST:
                    return found
    return found


def _message(one: Any, line: str, received: int) -> Message | None:
    name, phone = _text(one, "id")[:MAX_ID], e164("+" + _text(one, "from").lstrip("+"))
    if not name or not phone:
        return None
    written = _text(one, "timestamp")
    at = int(written) * 1000 if written.isdecimal() and len(written) < 12 else received
    unit = Unit(f"whatsapp:{name}", at, received)
    match _text(one, "type"):
        case "text":
            text = _text(_object(one, "text"), "body")[:MAX_TEXT]
            return Message(phone, line, msgspec.structs.replace(unit, text=text)) if text.strip() else None
        case "location":
            return _at(_object(one, "location"), phone, line, unit)
        case "image" | "video" | "audio" | "document" as kind:
            return _with_file(_object(one, kind), phone, line, unit)
        case "button" | "interactive":
            text = _text(_object(one, "button"), "text") or next(_titles(_object(one, "interactive")), "")
            return Message(phone, line, msgspec.structs.replace(unit, text=text[:MAX_TEXT])) if text else None
    return None


def _at(place: dict[str, Any], phone: str, line: str, unit: Unit) -> Message | None:
    lat, lng = place.get("latitude"), place.get("longitude")
    if type(lat) not in (int, float) or type(lng) not in (int, float) or abs(lat) > 90 or abs(lng) > 180:  # type: ignore[arg-type]
        return None
    return Message(phone, line, msgspec.structs.replace(unit, lat=float(lat), lng=float(lng)))  # type: ignore[arg-type]


def _with_file(file: dict[str, Any], phone: str, line: str, unit: Unit) -> Message | None:
    media = _text(file, "id")[:MAX_ID]
    if not media:
        return None
    attachment = {
        "media": media,
        "mime": _text(file, "mime_type")[:200],
        "sha256": _hex(_text(file, "sha256")),
        "name": _text(file, "filename")[:500],
    }
    caption = _text(file, "caption")[:MAX_TEXT]
    return Message(phone, line, msgspec.structs.replace(unit, text=caption, attachment=attachment))


def _titles(interactive: dict[str, Any]) -> Iterator[str]:
    for kind in ("button_reply", "list_reply"):
        if title := _text(_object(interactive, kind), "title"):
            yield title


def _hex(hashed: str) -> str:
    """WhatsApp writes the hash in Base64, we in hexadecimal digits; `""` for what is neither."""
    if len(hashed) == 64 and all(digit in "0123456789abcdef" for digit in hashed.lower()):
        return hashed.lower()
    try:
        raw = base64.b64decode(hashed, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return raw.hex() if len(raw) == 32 else ""


def _object(holder: Any, name: str) -> dict[str, Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, dict) else {}


def _list(holder: Any, name: str) -> list[Any]:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, list) else []


def _text(holder: Any, name: str) -> str:
    value = holder.get(name) if isinstance(holder, dict) else None
    return value if isinstance(value, str) else ""
