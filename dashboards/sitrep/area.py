"""For which part of the election's area a report is: nothing (all of it), or codes from a province to a kecamatan."""

from __future__ import annotations

from collections.abc import Sequence

from posko.regions import Regions, codes
from posko.settings import SettingsError

EVERY_PANEL = "$__conditionalAll(regency IN (${kabupaten:singlequote}), $kabupaten)"
# The same as dashboards.board.roles.sees: where it is, as precisely as is known, lies in one of the areas.
_PLACE = "multiIf(village != '', village, district != '', district, regency != '', regency, province)"


def chosen(areas: Sequence[str], regions: Regions) -> tuple[str, ...]:
    """Dotted codes; () when they are the whole area. Raises SettingsError for what lies elsewhere or is no code."""
    found = [codes.normalise(area) or "" for area in areas]
    for area, code in zip(areas, found, strict=True):
        if not code or code not in regions.all:
            raise SettingsError(
                f"{area} is no region of this election's area ({regions.area}); take the Kemendagri code of a "
                "province, kabupaten/kota or kecamatan, such as 16.71"
            )
    return () if regions.area in found else tuple(sorted(set(found)))


def within(sql: str, areas: Sequence[str]) -> str:
    """A panel's SQL that asks about these areas alone, where it asks about all kabupaten/kota or some."""
    if not areas:
        return sql.replace(EVERY_PANEL, "1")
    here = " OR ".join(f"startsWith({_PLACE}, '{checked(area)}')" for area in areas)
    return sql.replace(EVERY_PANEL, f"({here})")


def checked(code: str) -> str:
    """The code. Raises ValueError when it is none: it becomes a part of SQL."""
    if codes.normalise(code) != code:
        raise ValueError(f"{code!r} is no region code")
    return code


def name(areas: Sequence[str], regions: Regions) -> str:
    """In words: `Kota Palembang`."""
    return "; ".join(regions.name_of(code) for code in areas or (regions.area,))
