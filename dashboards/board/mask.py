"""Who a reporter is stays hidden until somebody who may asks for it, one report at a time. Pure."""

from __future__ import annotations

import hashlib
import re
from typing import Any

# Numbers as people write them: 0812-3456-7890, +62 812 3456 7890. Shorter ones are prices, hours and polling stations.
_PHONE = re.compile(r"(?<![\w.])(?:\+?62|0)[\s.\-]?8(?:[\s.\-]?\d){7,12}(?!\w)")
_NIK = re.compile(r"(?<!\d)\d{16}(?!\d)")  # the identity number of a citizen
PERSONAL = frozenset({"name", "nama", "phone", "telepon", "hp", "whatsapp", "email", "nik", "sender", "from"})
HIDDEN = "•••"


def text(words: str) -> str:
    """A report's text without the phone and identity numbers in it."""
    return _NIK.sub(HIDDEN, _PHONE.sub(HIDDEN, words))


def pseudonym(reporter_id: str, secret: str) -> str:
    """A name for one reporter that is the same in all reports and says nothing: `A3F9`."""
    return hashlib.blake2b(reporter_id.encode(), key=secret.encode()[:64], digest_size=2).hexdigest().upper()


def person(report: dict[str, Any]) -> dict[str, str]:
    """What is known about who sent a report (a row of `posko.reports`): for those who may see it."""
    extra = report["extra"] if isinstance(report["extra"], dict) else {}
    nested = extra.get("reporter")
    known = {**extra, **(nested if isinstance(nested, dict) else {})}
    said = {key: str(value)[:200] for key, value in known.items() if key.lower() in PERSONAL and value}
    return {"id": report["reporter_id"], **said}
