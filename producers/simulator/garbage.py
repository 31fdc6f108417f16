"""Messages that are no reports: each spoils a good one in one way and says which reason it should be rejected for."""

from __future__ import annotations

import random as standard
from collections.abc import Callable
from typing import Any

import orjson

Report = dict[str, Any]
Spoiled = tuple[bytes | None, str]  # the bytes, and a reason code of posko.report_errors.REASONS

HUGE = 2 << 20  # bytes
NO_PLACE = ("99.99.99.9999", "16.99.01.2001", "00.00", "16.71.99", "77.01.01.1001")


def not_json(report: Report, rng: standard.Random) -> Spoiled:
    """Plain text, XML, a form, a query string: what comes out of the wrong program."""
    text = report["text"].replace("\n", " ")
    form = rng.choice(
        (
            text,
            f"<report><text>{text}</text></report>",
            f"LAPOR#{report['category']}#{text}",
            f"report_id={report['report_id']}&text={text}",
            f"{{'category': '{report['category']}', 'text': '{text}'}}",
        )
    )
    return form.encode(), "not_json"


def truncated(report: Report, rng: standard.Random) -> Spoiled:
    """The connection broke in the middle."""
    raw = orjson.dumps(report)
    return raw[: rng.randrange(20, len(raw) - 2)], "not_json"


def latin1(report: Report, rng: standard.Random) -> Spoiled:
    """An old system's encoding; needs a letter that is not ASCII."""
    text = report["text"] + rng.choice((" (suhu 31°C)", " dekat café", " ½ jam lalu", " mohon dicek ±5 orang"))
    return orjson.dumps({**report, "text": text}).decode().encode("latin-1"), "not_utf8"


def utf16(report: Report, rng: standard.Random) -> Spoiled:
    """A Windows program's encoding, with or without a byte order mark."""
    return orjson.dumps(report).decode().encode(rng.choice(("utf-16", "utf-16-le"))), "not_utf8"


def not_an_object(report: Report, rng: standard.Random) -> Spoiled:
    """JSON, but a list, a text or a number."""
    return orjson.dumps(rng.choice(([report], report["text"], 42, True))), "not_an_object"


def wrong_type(report: Report, rng: standard.Random) -> Spoiled:
    """A field of another type."""
    field, value = rng.choice(
        (("text", 12345), ("reporter", "kpps"), ("severity", "tinggi"), ("report_id", 77), ("tps", 4))
    )
    return orjson.dumps({**report, field: value}), "wrong_type"


def missing_field(report: Report, rng: standard.Random) -> Spoiled:
    """A required field is not there, or null."""
    field = rng.choice(("report_id", "category", "text", "reported_at", "reporter"))
    spoiled = {name: value for name, value in report.items() if name != field}
    return orjson.dumps({**spoiled, field: None} if rng.random() < 0.3 else spoiled), "missing_field"


def bad_value(report: Report, rng: standard.Random) -> Spoiled:
    """The right type and an impossible value."""
    field, value = rng.choice(
        (("report_id", "laporan-1"), ("text", "  "), ("severity", 9), ("text", "tolong " * 700), ("channel", "fax"))
    )
    return orjson.dumps({**report, field: value}), "bad_value"


def unknown_category(report: Report, rng: standard.Random) -> Spoiled:
    """A category of another system."""
    return orjson.dumps(
        {**report, "category": rng.choice(("LOGISTIK", "traffic", "lain-lain", "security2"))}
    ), "unknown_category"


def unknown_place(report: Report, rng: standard.Random) -> Spoiled:
    """The code of a place that does not exist."""
    spoiled = {name: value for name, value in report.items() if name not in ("tps", "area")}
    return orjson.dumps({**spoiled, "area": rng.choice(NO_PLACE)}), "unknown_place"


def bad_coordinates(report: Report, rng: standard.Random) -> Spoiled:
    """Coordinates that are none, or one without the other."""
    spoiled = {name: value for name, value in report.items() if name not in ("lat", "lng")}
    wrong = rng.choice(({"lat": 104.7, "lng": -302.9}, {"lat": -2.97}, {"lng": 104.75}, {"lat": -297.6, "lng": 104.7}))
    return orjson.dumps({**spoiled, **wrong}), "bad_coordinates"


def bad_time(report: Report, rng: standard.Random) -> Spoiled:
    """A time without offset, or none at all."""
    wrong = rng.choice(("27/11/2024 08:15", "2024-11-27T08:15:00", "tadi pagi", "2024-13-41T08:15:00+07:00"))
    return orjson.dumps({**report, "reported_at": wrong}), "bad_time"


def clock_years(report: Report, rng: standard.Random) -> Spoiled:
    """A phone whose clock was reset, or runs years ahead."""
    year = rng.choice(("2009", "1970", "2015", "2099"))
    spoiled = {name: value for name, value in report.items() if name != "occurred_at"}
    return orjson.dumps({**spoiled, "reported_at": year + report["reported_at"][4:]}), "clock_implausible"


def huge(report: Report, rng: standard.Random) -> Spoiled:
    """Two megabytes: a photo pasted into the text."""
    return orjson.dumps({**report, "photo": "A" * (HUGE + rng.randrange(1000))}), "too_large"


def null(report: Report, rng: standard.Random) -> Spoiled:
    """A null value, or no bytes at all."""
    return None, "empty"


Spoil = Callable[[Report, standard.Random], Spoiled]
COMMON: tuple[Spoil, ...] = (
    not_json, truncated, latin1, utf16, not_an_object, wrong_type, missing_field, bad_value, unknown_category,
    unknown_place, bad_coordinates, bad_time, clock_years, null,
)  # fmt: skip
HUGE_SHARE = 0.02  # of all garbage


def spoil(report: Report, rng: standard.Random) -> tuple[bytes | None, str, str]:
    """Bytes to send, the reason they should be rejected for, and the name of what was done."""
    how = huge if rng.random() < HUGE_SHARE else rng.choice(COMMON)
    raw, reason = how(report, rng)
    return raw, reason, how.__name__
