"""The regions of one election: details of the configured area, names of all Indonesia."""

from __future__ import annotations

from functools import cached_property, lru_cache
from pathlib import Path

import numpy as np
from shapely.geometry.base import BaseGeometry

from posko.regions import codes
from posko.regions.boundaries import Progress, approximate
from posko.regions.build import NOWHERE, Place, Region, build
from posko.regions.find import Finder, Found
from posko.regions.imported import Imported, RegionsError, load_imported
from posko.regions.locate import Area, Located, Locator
from posko.regions.nation import Nation, dotted, nation
from posko.regions.spelling import display

NEIGHBOURS = 0.5  # degrees around the area from which neighbours' centroids are known to `locate`


class Regions:
    """Places: their codes, names, TPS, what is where, and what a text means. Make one with `Regions.load`."""

    def __init__(self, area: str, nation: Nation, regions: dict[str, Region], boundaries: list[Area]) -> None:
        self.area = area
        self.all = regions  # of the configured area, by code
        self._nation = nation
        self._boundaries = boundaries
        self._children: dict[str, list[str]] = {}
        for code in sorted(regions):
            self._children.setdefault(codes.parent(code), []).append(code)
        self._outside = lru_cache(4096)(self._look_up)
        self._named = lru_cache(65_536)(self._describe)

    @classmethod
    def load(cls, area: str, imported: Path | None = None, tps_total: int | None = None) -> Regions:
        """The regions of `area`: the code of a province or kabupaten, `""` or `"id"` for all Indonesia.

        `imported` is a folder written by `posko regions import`. Without a TPS list there, `tps_total` is shared out
        over the kelurahan. Raises RegionsError for an area that does not exist or a folder that cannot be read.
        """
        table = nation()
        code = "" if area in ("", "id") else codes.normalise(area)
        if code is None or (code and table.name(code) is None):
            raise RegionsError(
                f"The area {area!r} is no region; give a Kemendagri code such as 16 or 16.71, or id for all Indonesia"
            )
        extra = load_imported(imported) if imported else Imported()
        return cls(code, table, build(table, code, extra, tps_total), extra.boundaries_of(code))

    def get(self, code: str) -> Region | None:
        """The region of a dotted code anywhere in Indonesia; None for a code that does not exist."""
        return self.all.get(code) or self._outside(code)

    def chain(self, code: str) -> tuple[str, str, str, str]:
        """Codes of province, regency, district and village of a dotted `code`, `""` for the levels below it."""
        return codes.chain(code)

    def children(self, code: str) -> list[str]:
        """Codes of the regions one level below, in order; `""` gives the provinces. Empty for a village."""
        known = self._children.get(code)
        return list(known) if known is not None and (not code or self.inside(code)) else self._nation.children(code)

    def normalise_code(self, text: str) -> str | None:
        """The dotted form of a code in any usual writing, KPU's plain digits too; None if it has not the form of a
        code.

        Whether such a region exists is for `get` to say.
        """
        return codes.normalise(text)

    def inside(self, code: str) -> bool:
        """Whether a region lies in the configured area, or holds it: what is "in the province" is not outside."""
        return bool(code) and codes.related(code, self.area)

    def locate(self, lat: float, lng: float) -> Located | None:
        """The region of a point in degrees, in the area or next to it; None when it is far from both."""
        return self._locator.locate(lat, lng)

    def find(self, text: str, within: str = "") -> list[Found]:
        """Place mentions in free text; see `Finder.find`."""
        return self._finder.find(text, within)

    def name_of(self, code: str, tps: str = "") -> str:
        """A place for people: `TPS 7, 35 Ilir, Kec. Ilir Barat II, Kota Palembang`; `""` for a code that does not
        exist.

        `tps` is a TPS number, or the whole `16.71.01.1001/007`.
        """
        return self._named(code, tps)

    def boundaries(self, progress: Progress = lambda items, label: items) -> dict[str, dict[str, BaseGeometry]]:
        """Boundaries of the area's regions by level and code: official where imported, else approximated from
        centroids.

        `progress` wraps the loop over kecamatan.
        """
        shapes = approximate(self._locator.places(), self.area, progress)
        for boundary in self._boundaries:
            if boundary.code in self.all:
                shapes.setdefault(codes.level_of(boundary.code), {})[boundary.code] = boundary.shape
        return shapes

    @cached_property
    def _finder(self) -> Finder:
        named = [(region.code, region.level, region.name) for region in self.all.values()]
        return Finder(named)

    @cached_property
    def _locator(self) -> Locator:
        own = [(region.lat, region.lng, region.code) for region in self.all.values() if region.level == "village"]
        placed = [(lat, lng, code) for lat, lng, code in own if lat is not None and lng is not None]
        lat, lng = np.array([one[0] for one in placed]), np.array([one[1] for one in placed])
        villages = [one[2] for one in placed]
        if self.area and placed:
            numbers, their_lat, their_lng = self._nation.centroids("")
            near = (abs(their_lat - (lat.max() + lat.min()) / 2) < (lat.max() - lat.min()) / 2 + NEIGHBOURS) & (
                abs(their_lng - (lng.max() + lng.min()) / 2) < (lng.max() - lng.min()) / 2 + NEIGHBOURS
            )
            theirs = [
                (row, dotted(number)) for row, number in zip(np.flatnonzero(near), numbers[near].tolist(), strict=True)
            ]
            rows = [row for row, code in theirs if not code.startswith(self.area)]
            villages += [code for _, code in theirs if not code.startswith(self.area)]
            lat, lng = np.append(lat, their_lat[rows]), np.append(lng, their_lng[rows])
        return Locator(lat, lng, villages, self.area, self._boundaries)

    def _look_up(self, code: str) -> Region | None:
        """A region outside the configured area: name and middle, no TPS."""
        if codes.normalise(code) != code:
            return None
        name = self._nation.name(code)
        if name is None:
            return None
        _, lat, lng = self._nation.centroids(code)
        middle: Place = (float(lat.mean()), float(lng.mean())) if len(lat) else NOWHERE
        return Region(code, codes.level_of(code), name, codes.parent(code), *middle, None, False)

    def _describe(self, code: str, tps_given: str) -> str:
        if self.get(code) is None:
            return ""
        parts = []
        last = tps_given.rpartition("/")[2].strip()
        if last:
            parts.append(f"TPS {last.lstrip('0') or '0'}")
        for part in reversed([one for one in codes.chain(code) if one]):
            if (region := self.get(part)) and (region.level != "province" or part == code):
                parts.append(_title(region))
        return ", ".join(parts)


def _title(region: Region) -> str:
    shown = display(region.name)
    match region.level:
        case "district":
            return f"Kec. {shown}"
        case "regency":
            return shown.replace("Kabupaten ", "Kab. ", 1)
        case "province":
            return f"Provinsi {shown}"
    return shown
