"""Who is signed in, and what can be reported."""

from __future__ import annotations

from typing import Any

import msgspec
from litestar import Request, get
from litestar.handlers import BaseRouteHandler

from posko.catalog import Catalog
from producers.gateway.access import officer_of
from producers.gateway.description import SIGNED_IN, problems
from producers.gateway.parts import Parts

AnyRequest = Request[Any, Any, Any]
Names = dict[str, str]  # {"id": Indonesian, "en": English}
SEVERITIES: dict[int, Names] = {
    1: {"id": "Catatan saja", "en": "A note"},
    2: {"id": "Ringan", "en": "Minor"},
    3: {"id": "Perlu ditangani", "en": "Needs action"},
    4: {"id": "Gawat", "en": "Serious"},
    5: {"id": "Bahaya", "en": "Danger"},
}


class KindOf(msgspec.Struct, frozen=True):
    """A kind of event; `severity` unless the reporter says another; `at_tps`: it happens at one polling station."""

    code: str
    names: Names
    severity: int
    at_tps: bool


class CategoryOf(msgspec.Struct, frozen=True):
    """A category and its kinds."""

    code: str
    names: Names
    severity: int
    kinds: list[KindOf]


class SeverityOf(msgspec.Struct, frozen=True):
    """A severity in words."""

    severity: int
    names: Names


class OfficerOf(msgspec.Struct, frozen=True):
    """The officer as their own phone shows them."""

    id: str
    name: str
    role: str
    role_names: Names
    institution: str
    institution_names: Names
    language: str


class AreaOf(msgspec.Struct, frozen=True):
    """Where the officer serves; `code` is "" for everywhere."""

    code: str
    name: str


class Me(msgspec.Struct, frozen=True):
    """Everything a phone shows before anything is sent."""

    officer: OfficerOf
    area: AreaOf
    election: str
    categories: list[CategoryOf]
    severities: list[SeverityOf]


def handlers(parts: Parts) -> list[BaseRouteHandler]:
    """GET /me."""
    context = parts.context
    categories = _categories(context.catalog)
    severities = [SeverityOf(severity, names) for severity, names in SEVERITIES.items()]

    @get("/me", security=SIGNED_IN, responses=problems(401))
    async def me(request: AnyRequest) -> Me:
        """Who is signed in, where they serve, and the catalogue in words."""
        officer = officer_of(request, parts.officers)
        role, institution = (
            context.catalog.roles.get(officer.role),
            context.catalog.institutions.get(officer.institution),
        )
        shown = OfficerOf(
            officer.id,
            officer.name,
            officer.role,
            role.names if role else {"id": officer.role, "en": officer.role},
            officer.institution,
            institution.names if institution else {"id": officer.institution, "en": officer.institution},
            officer.language,
        )
        area = AreaOf(officer.area, context.regions.name_of(officer.area) if officer.area else "")
        return Me(shown, area, context.election.title, categories, severities)

    return [me]


def _categories(catalog: Catalog) -> list[CategoryOf]:
    return [
        CategoryOf(
            one.code,
            one.names,
            one.severity,
            [KindOf(kind.code, kind.names, kind.severity, kind.at_tps) for kind in one.kinds.values()],
        )
        for one in catalog.categories.values()
    ]
