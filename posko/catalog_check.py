"""What a catalogue file must look like, and what is wrong with one that does not."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated, Any

import msgspec

Code = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9_]{0,39}$")]
Label = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
Severity = Annotated[int, msgspec.Meta(ge=1, le=5)]
Hours = Annotated[int, msgspec.Meta(ge=1, le=30 * 24)]
Minutes = Annotated[int, msgspec.Meta(ge=1, le=60 * 24 * 60)]


class _Names(msgspec.Struct, forbid_unknown_fields=True):
    id: Label
    en: Label


class _Role(_Names):
    institution: str


class _Kind(_Names):
    severity: Severity
    at_tps: bool = False
    travels: bool = False
    lead_agency: str = ""
    support_agencies: list[str] = []
    open_hours: Hours | None = None


class _Category(msgspec.Struct, forbid_unknown_fields=True):
    names: _Names
    severity: Severity
    lead_agency: str
    support_agencies: list[str]
    deadlines: dict[Severity, tuple[Minutes, Minutes]]
    kinds: dict[Code, Any]
    travels: bool = False
    open_hours: Hours | None = None
    phases: dict[Code, Annotated[float, msgspec.Meta(gt=0, le=10)]] = {}


_Seconds = Annotated[int, msgspec.Meta(ge=1, le=7 * 24 * 3600)]
_Time = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]


class _Notifications(msgspec.Struct, forbid_unknown_fields=True):
    wait_s: _Seconds
    interval_s: _Seconds
    repeat_s: _Seconds
    repeats: Annotated[int, msgspec.Meta(ge=0, le=100)]
    quiet_from: _Time
    quiet_to: _Time
    quiet_below: Severity


class _Catalog(msgspec.Struct, forbid_unknown_fields=True):
    agencies: dict[Code, Any]
    institutions: dict[Code, Any]
    roles: dict[Code, Any]
    categories: Annotated[dict[Code, Any], msgspec.Meta(min_length=1)]
    notifications: dict[str, Any]


def problems(content: dict[str, Any]) -> list[str]:
    """Everything wrong with a catalogue as read from its file, each as one line; empty when it can be used."""
    return list(_shape("catalogue", content, _Catalog)) or [
        *(line for code, entry in content["agencies"].items() for line in _shape(f"agencies.{code}", entry, _Names)),
        *(
            line
            for code, entry in content["institutions"].items()
            for line in _shape(f"institutions.{code}", entry, _Names)
        ),
        *(line for code, entry in content["roles"].items() for line in _role(f"roles.{code}", entry, content)),
        *(
            line
            for code, entry in content["categories"].items()
            for line in _category(f"categories.{code}", entry, content)
        ),
        *_shape("notifications", content["notifications"], _Notifications),
    ]


def _shape(where: str, entry: Any, expected: Any) -> Iterator[str]:
    try:
        msgspec.convert(entry, expected)
    except msgspec.ValidationError as error:
        yield f"{where}: {str(error).replace('[...]', '')}"


def _role(where: str, role: Any, content: dict[str, Any]) -> Iterator[str]:
    if wrong := list(_shape(where, role, _Role)):
        yield from wrong
    elif role["institution"] not in content["institutions"]:
        yield f"{where}.institution: {role['institution']!r} is not among the institutions"


def _category(where: str, category: Any, content: dict[str, Any]) -> Iterator[str]:
    if wrong := list(_shape(where, category, _Category)):
        yield from wrong
        return
    yield from _agencies(where, category, content)
    yield from _deadlines(f"{where}.deadlines", category["deadlines"])
    for code, kind in category["kinds"].items():
        if wrong := list(_shape(f"{where}.kinds.{code}", kind, _Kind)):
            yield from wrong
        else:
            yield from _agencies(f"{where}.kinds.{code}", kind, content)


def _agencies(where: str, entry: dict[str, Any], content: dict[str, Any]) -> Iterator[str]:
    for agency in (*filter(None, [entry.get("lead_agency")]), *entry.get("support_agencies", ())):
        if agency not in content["agencies"]:
            yield f"{where}: {agency!r} is not among the agencies"


def _deadlines(where: str, deadlines: dict[int, list[int]]) -> Iterator[str]:
    if missing := sorted({1, 2, 3, 4, 5} - deadlines.keys()):
        yield f"{where}: none for severity {', '.join(map(str, missing))}"
    for severity, (acknowledge, resolve) in deadlines.items():
        if acknowledge > resolve:
            yield f"{where}.{severity}: to be resolved within {resolve} minutes but acknowledged within {acknowledge}"
