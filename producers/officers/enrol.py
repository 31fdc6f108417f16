"""Making an officer of what somebody typed or a row of a file says; each mistake named with its field."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import cast

from posko.context import Context
from posko.regions import codes
from producers.officers.officer import Language, Officer
from producers.officers.phone import normalised

FIELDS = ("id", "name", "phone", "role", "institution", "area", "language")
MOST = 200  # characters of an id or a name
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")  # it becomes the reporter's id: no slash, which agencies have


class Wrong(Exception):
    """What was typed makes no officer; `problems` holds one sentence for each field that is wrong."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


def enrolled(given: Mapping[str, str], context: Context, program: bool = False) -> Officer:
    """The officer whose fields (FIELDS) are in `given`; without institution the role's usual one. Raises Wrong."""
    said = {field: (given.get(field) or "").strip() for field in FIELDS}
    problems = []
    if not _ID.fullmatch(said["id"]):
        problems.append("id: give letters, digits, points, dashes and underscores, at most 100, such as kpps-0412")
    if not said["name"] or len(said["name"]) > MOST or not said["name"].isprintable():
        problems.append(f"name: give 1 to {MOST} printable characters")
    try:
        said["phone"] = normalised(said["phone"])
    except ValueError as error:
        problems.append(f"phone: {error}")
    role = context.catalog.roles.get(said["role"])
    if role is None:
        problems.append(
            f"role: {said['role'][:40]!r} is not in the catalogue; one of {', '.join(context.catalog.roles)}"
        )
    institution = said["institution"] or (role.institution if role else "")
    if institution not in context.catalog.institutions and (role or said["institution"]):
        known = ", ".join(context.catalog.institutions)
        problems.append(f"institution: {institution[:40]!r} is not in the catalogue; one of {known}")
    area = codes.normalise(said["area"]) if said["area"] else ""
    if area is None or (area and context.regions.get(area) is None):
        problems.append(
            f"area: {said['area'][:40]!r} is the code of no region; such as 16.71.01, or empty for everywhere"
        )
    language = said["language"] or "id"
    if language not in ("id", "en"):
        problems.append("language: id or en")
    if problems:
        raise Wrong(problems)
    assert area is not None
    return Officer(said["id"], said["name"], said["phone"], said["role"], institution, area,
                   cast(Language, language), program)  # fmt: skip
