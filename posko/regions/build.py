"""Puts the regions of an area together: names, centroids, TPS, and what they add up to above the kelurahan."""

from __future__ import annotations

from collections import defaultdict

import msgspec

from posko.regions import codes, tps
from posko.regions.imported import Imported
from posko.regions.nation import Nation

Place = tuple[float | None, float | None]
NOWHERE: Place = (None, None)


class Region(msgspec.Struct, frozen=True, gc=False):
    """A region. `level`: province, regency, district, village. `lat`, `lng`: its middle in degrees, None where unknown.

    `tps`: polling stations, None outside the configured area and when no total is known; `tps_exact`: from an official
    list.
    """

    code: str
    level: str
    name: str
    parent: str
    lat: float | None
    lng: float | None
    tps: int | None
    tps_exact: bool


def build(table: Nation, area: str, extra: Imported, tps_total: int | None) -> dict[str, Region]:
    """All regions of `area` (`""`: Indonesia) by code, upper levels first.

    A village without a centroid has its kecamatan's, else its kabupaten's. `extra` wins over what is shipped.
    """
    villages = {code: (name, extra.centroids.get(code, (lat, lng))) for code, name, lat, lng in table.villages(area)}
    upper = {code: name for code, name in table.upper.items() if codes.covers(area, code)}
    counts = count_tps(list(villages), area, extra.tps, tps_total)
    middles = _middles({code: place for code, (_, place) in villages.items()})
    sums: dict[str, int] = defaultdict(int)
    guessed: set[str] = set()
    for code, (count, exact) in counts.items():
        for above in codes.chain(code)[:3]:
            sums[above] += count
            if not exact:
                guessed.add(above)
    regions = {}
    for code, name in upper.items():
        listed = extra.tps.get(code)
        exact = bool(counts) and (code not in guessed or (listed is not None and listed == (sums[code], True)))
        place: Place = extra.centroids.get(code) or middles.get(code) or NOWHERE
        total = sums[code] if counts else None
        regions[code] = Region(code, codes.level_of(code), name, codes.parent(code), *place, total, exact)
    for code, (name, place) in villages.items():
        if place == NOWHERE:
            place = middles.get(code[:8]) or middles.get(code[:5]) or NOWHERE
        stations, official = counts.get(code) or (None, False)
        regions[code] = Region(code, "village", name, code[:8], *place, stations, official)
    return regions


def count_tps(
    villages: list[str], area: str, listed: dict[str, tuple[int, bool]], total: int | None
) -> dict[str, tuple[int, bool]]:
    """(TPS, from an official list) of every village; empty when neither a list nor a total says anything.

    A village that is not listed shares what is left of the smallest listed region around it (of `total` when none is)
    with the others of that kind, by `tps.weight`, at least 1 each as long as that much is left.
    """
    inside = {code: entry for code, entry in listed.items() if codes.covers(area, code)}
    if total is None and not inside:
        return {}
    left: dict[str, int] = {code: count for code, (count, _) in inside.items() if len(code) < 13}
    left[_ROOT] = total or 0
    for code, (count, _) in inside.items():
        left[_holder(code, inside)] -= count
    counts = {code: inside[code] for code in villages if code in inside}
    pools: dict[str, list[str]] = defaultdict(list)
    for code in villages:
        if code not in inside:
            pools[_holder(code, inside)].append(code)
    for holder, members in pools.items():
        shares = tps.share(max(left[holder], 0), [tps.weight(code) for code in members])
        counts |= {code: (count, False) for code, count in zip(members, shares, strict=True)}
    return counts


_ROOT = "-"  # the configured area as a whole, listed or not


def _holder(code: str, listed: dict[str, tuple[int, bool]]) -> str:
    """The smallest listed region above `code`."""
    while code := codes.parent(code):
        if code in listed:
            return code
    return _ROOT


def _middles(places: dict[str, Place]) -> dict[str, tuple[float, float]]:
    """The mean of the known centroids below each upper region."""
    sums: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0, 0.0])
    for code, (lat, lng) in places.items():
        if lat is not None and lng is not None:
            for above in codes.chain(code)[:3]:
                held = sums[above]
                held[0] += lat
                held[1] += lng
                held[2] += 1.0
    return {code: (north / number, east / number) for code, (north, east, number) in sums.items()}
