"""What a short message means: `LOG 4 tj baru prahu kandas`, in any order, or free text. Pure; forgiving on purpose.

A message may begin with a category, the number of a TPS, a place, each in any order and spelling; the rest is the text.
What cannot be read is said to be missing, never guessed.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import Any, Protocol

from posko.context import Context
from posko.regions import Found, tps_number
from posko.report import MAX_TEXT
from producers.sms import category as categories
from producers.sms import repair

CERTAIN = 0.5  # score of a place from which on one region is meant
VILLAGE = 13  # length of its code
_GAP = re.compile(r"[\s#*.,:;|/\-]*")
_CODE = re.compile(r"[A-Za-z][A-Za-z0-9_]*")
_GLUED = re.compile(r"([A-Za-z][A-Za-z0]{1,}?)(?=[0-9]{1,3}\b)")
_PLACE_CODE = re.compile(r"(\d{2}\.?\d{2}\.?\d{2}\.?\d{4})(?!\d)(?:\s*/\s*(\d{1,3})(?!\d))?")
_STATION = re.compile(
    rf"(?:tps\s*[.:#\-]*\s*(?:(?:no|nomor|nmr)\b\s*[.:]?\s*)?({repair.NUMBER})|({repair.NUMBER}))", re.IGNORECASE
)
_BEFORE_PLACE = re.compile(
    r"(?:(?:di|d|ds|desa|dsn|dusun|kel|kelurahan|kec|kecamatan|kab|kota|nagari)\b[\s.,:]*)*", re.IGNORECASE
)


class Writer(Protocol):
    """Who wrote the message, as far as its meaning depends on it."""

    @property
    def area(self) -> str:
        """The code of where they serve, `16.71.01.1001` or `16.71.01.1001/007`; `""` when not known."""


@dataclass(frozen=True)
class Draft:
    """A report as far as it was understood: without id, time, reporter and channel, which the door knows.

    `report["category"]` is `""` when it has to be asked for. `understood`: phrases in Indonesian; `missing`: of
    `category`, `place`, `text`.
    """

    report: dict[str, Any]
    understood: list[str]
    missing: list[str]


@dataclass
class _Head:
    """What stands at the beginning of a message, before its text."""

    at: int = 0
    category: str = ""
    start: int = 0  # of the text
    station: int = 0
    place: str = ""


def understand(text: str, context: Context, sender: Writer) -> Draft:
    """The report that `text` (any length) makes. Never raises: what is not understood is in `missing`."""
    whole = repair.stations(clean(text))[:MAX_TEXT]
    home, _, own = sender.area.partition("/")
    found = context.regions.find(whole, home)
    head = _read_head(whole, context, found)
    rest = whole[head.start :].strip(" \t\n#*.,:;|/-")
    category = head.category or categories.guess(whole, context.catalog)
    entry = context.catalog.categories.get(category)
    place, station = head.place, head.station
    if not (entry and entry.travels and not place):
        place = place or _best(found)
    station = station or tps_number(rest) or 0
    report: dict[str, Any] = {"category": category, "text": rest or whole or "-"}
    said = _locate(report, context, place, station, home, own)
    understood = [entry.names["id"]] if entry else []
    understood += [said] if said else []
    missing = [] if entry else ["category"]
    missing += [] if said or (entry and entry.travels) else ["place"]
    missing += [] if any(letter.isalpha() for letter in rest) else ["text"]
    return Draft(report, understood, missing)


def clean(text: str) -> str:
    """`text` without control characters, with plain spaces and letters in one form."""
    normal = unicodedata.normalize("NFKC", text)
    return " ".join("".join(c if c.isprintable() else " " for c in normal).split())


def _read_head(text: str, context: Context, found: list[Found]) -> _Head:
    head = _Head()
    _step_over_gap(text, head)
    _read_category(text, context, head)
    while head.at < len(text) and (
        _read_place_code(text, context, head) or _read_place(text, found, head) or _read_station(text, found, head)
    ):
        _step_over_gap(text, head)
    if head.category or head.place or head.station:
        head.start = max(head.start, head.at)
    if head.station and not head.category and not head.place:
        head.start, head.station = 0, 0  # "3 orang berkelahi": a number alone says nothing about a TPS
    return head


def _step_over_gap(text: str, head: _Head) -> None:
    gap = _GAP.match(text, head.at)
    head.at = gap.end() if gap else head.at


def _read_category(text: str, context: Context, head: _Head) -> None:
    word = _CODE.match(text, head.at)
    if word is None:
        return
    code, end = categories.named(word[0], context.catalog), word.end()
    if code is None and (glued := _GLUED.match(text, head.at)):
        code, end = categories.named(glued[1], context.catalog), glued.end()
    if code is None:
        return
    head.category = code.category
    if code.kept:
        after = _Head(at=end)
        _step_over_gap(text, after)
        # "LOGISTIK 4 tj baru ..." is a code, "logistik belum tiba" the beginning of a sentence.
        if not _STATION.match(text, after.at):
            return
    head.at = end
    _step_over_gap(text, head)
    head.start = head.at


def _read_place_code(text: str, context: Context, head: _Head) -> bool:
    match = _PLACE_CODE.match(text, head.at)
    code = context.regions.normalise_code(match[1]) if match and not head.place else None
    if match is None or code is None or context.regions.get(code) is None:
        return False
    head.place, head.at = code, match.end()
    head.station = head.station or int(match[2] or 0)
    return True


def _read_place(text: str, found: list[Found], head: _Head) -> bool:
    before = _BEFORE_PLACE.match(text, head.at)
    start = before.end() if before else head.at
    for one in found:
        if one.span[0] in (head.at, start) and one.score >= CERTAIN:
            # The wider of two that follow each other only makes the first one sure.
            head.place = one.code if len(one.code) > len(head.place) else head.place
            head.at = one.span[1]
            return True
    return False


def _read_station(text: str, found: list[Found], head: _Head) -> bool:
    match = _STATION.match(text, head.at)
    if head.station or match is None or any(one.span[0] == match.start() for one in found):
        return False
    written = match[1] or match[2]
    value = repair.number(written)
    if not value or (match[2] and not any(c.isdecimal() for c in written)):
        return False
    head.station, head.at = value, match.end()
    return True


def _best(found: list[Found]) -> str:
    """The most precise place that the words make sure."""
    return next((one.code for one in found if one.score >= CERTAIN), "")


def _locate(report: dict[str, Any], context: Context, place: str, station: int, home: str, own: str) -> str:
    """Put the place into `report`; how to say it, `""` when it is not known."""
    regions = context.regions
    village = place if len(place) >= VILLAGE else ""
    if not place and len(home) >= VILLAGE:
        village = home
    elif place and len(place) < VILLAGE and home.startswith(place) and len(home) >= VILLAGE and station:
        village = home  # "TPS 4 kota Palembang" from somebody who serves in one of its kelurahan
    if village and station:
        report["tps"] = f"{village}/{station:03d}"
        return regions.name_of(village, str(station))
    if place:
        report["area"] = place
        return regions.name_of(place)
    if station and len(home) < VILLAGE:
        report["text"] = _with_station(report["text"], station)
        return ""
    if own and len(home) >= VILLAGE:
        report["tps"] = f"{home}/{int(own):03d}" if own.isdecimal() else home
        return regions.name_of(home, own)
    if len(home) >= VILLAGE:
        report["area"] = home
        return regions.name_of(home)
    return ""


def _with_station(text: str, station: int) -> str:
    return text if tps_number(text) else f"TPS {station}: {text}"
