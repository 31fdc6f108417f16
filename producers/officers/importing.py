"""A CSV file of officers: each row checked and named by its number, all of them taken or none."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TextIO

from posko.context import Context
from producers.officers.enrol import FIELDS, Wrong, enrolled
from producers.officers.officer import Officer
from producers.officers.store import Officers, PhoneTaken

MOST_ROWS = 500_000
MOST_FILE = 256 << 20  # bytes
REQUIRED = ("id", "name", "role")


class FileRefused(Exception):
    """The file as a whole cannot be used; the text says why."""


@dataclass
class Found:
    """What a file holds: officers with their row numbers (the heading is row 1), and what is wrong with which row."""

    officers: list[tuple[int, Officer]] = field(default_factory=list)
    wrong: list[tuple[int, str]] = field(default_factory=list)


def read(file: TextIO, context: Context) -> Found:
    """The officers of a CSV file with a heading: id, name, role and, when there, phone, institution, area, language.

    Commas, semicolons and tabs are understood. Raises FileRefused.
    """
    try:
        heading = file.readline().lstrip("\ufeff")
        separator = max(",;\t", key=heading.count)
        names = [name.strip().lower() for name in next(csv.reader([heading], delimiter=separator), [])]
        if missing := [name for name in REQUIRED if name not in names]:
            raise FileRefused(f"its first row must name the columns {', '.join(FIELDS)}; missing: {', '.join(missing)}")
        return _rows(csv.reader(file, delimiter=separator, strict=True), names, context)
    except UnicodeDecodeError as error:
        raise FileRefused(f"it is not UTF-8 (byte {error.start}); save it as CSV UTF-8") from error
    except csv.Error as error:
        raise FileRefused(f"it is no CSV: {error}") from error


def _rows(rows: Iterable[list[str]], names: list[str], context: Context) -> Found:
    found = Found()
    ids: dict[str, int] = {}
    phones: dict[str, int] = {}
    for number, row in enumerate(rows, start=2):
        if number > MOST_ROWS + 1:
            raise FileRefused(f"it has more than {MOST_ROWS} rows; import it in parts")
        if not any(cell.strip() for cell in row):
            continue
        try:
            officer = enrolled(dict(zip(names, row, strict=False)), context)
        except Wrong as wrong:
            found.wrong += [(number, problem) for problem in wrong.problems]
            continue
        for value, seen, what in ((officer.id, ids, "id"), (officer.phone, phones, "phone")):
            if value and seen.setdefault(value, number) != number:
                found.wrong.append((number, f"{what}: row {seen[value]} has the same"))
        found.officers.append((number, officer))
    return found


def take(found: Found, officers: Officers, now: int) -> Counter[str]:
    """Put the officers of a file without mistakes: how many were added, changed, the same, and revoked before (those
    stay revoked). Raises FileRefused, with nothing taken, when a number belongs to somebody else already."""
    try:
        return Counter(officers.put_all((officer for _, officer in found.officers), now))
    except PhoneTaken as taken:
        why = f"a phone number in it belongs to officer {taken.officer} already; nothing was taken"
        raise FileRefused(why) from taken
