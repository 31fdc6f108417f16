"""What a door adds to a report: who sent it, through which door, whether it is from outside their area."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

import orjson

from posko.regions import codes
from producers.officers import Sender

# What the door says itself, so nobody else may; the content of a report is what is left.
OURS = ("reporter", "channel", "outside_area", "public")
REGENCY = 5  # length of a code: a point tells a kabupaten/kota surely enough, a kecamatan not

Locate = Callable[[float, float], str]


def stamped(report: dict[str, Any], sender: Sender, locate: Locate) -> dict[str, Any]:
    """The report as it goes to Kafka. `locate(lat, lng)` is the code of the region that holds a point, or `""`."""
    made = {name: value for name, value in report.items() if name not in OURS}
    made["reporter"] = _reporter(report.get("reporter"), sender)
    made["channel"] = sender.channel
    if outside(report, sender.area, locate):
        made["outside_area"] = True
    if sender.kind == "citizen":
        made["public"] = True
    return made


def content(report: dict[str, Any], sender: Sender) -> bytes:
    """A hash of what the sender said; the same for a true resend, whatever is known of the sender by then."""
    said = {name: value for name, value in report.items() if name not in OURS}
    if sender.kind == "agency":
        said["reporter"] = report.get("reporter")
    who = sender.kind if sender.kind == "citizen" else sender.id  # a citizen's id may change with the address
    told = orjson.dumps([who, said], option=orjson.OPT_SORT_KEYS)
    return blake2b(told, digest_size=16).digest()


def outside(report: dict[str, Any], area: str, locate: Locate) -> bool:
    """Whether a report is about a place that has nothing to do with `area`; one without a place is not."""
    if not area:
        return False
    for field in ("tps", "area"):
        named = report.get(field)
        code = codes.normalise(named.partition("/")[0]) if isinstance(named, str) else None
        if code:
            return not codes.related(code, area)
    lat, lng = report.get("lat"), report.get("lng")
    if isinstance(lat, int | float) and isinstance(lng, int | float) and abs(lat) <= 90 and abs(lng) <= 180:
        found = locate(lat, lng)[:REGENCY]
        return bool(found) and not codes.related(found, area)
    return False


def _reporter(given: Any, sender: Sender) -> dict[str, Any]:
    if sender.kind == "agency":  # it reports for people of its own: they are told apart, the institution is not theirs
        said = given if isinstance(given, dict) else {}
        name, role = said.get("id"), said.get("role")
        who = f"{sender.id}/{name.strip()}"[:200] if isinstance(name, str) and name.strip() else sender.id
        return {"id": who, "role": role if isinstance(role, str) and role else sender.role,
                "institution": sender.institution}  # fmt: skip
    made = {"id": sender.id, "role": sender.role, "institution": sender.institution}
    if sender.area:
        made["home"] = sender.area
    return made
