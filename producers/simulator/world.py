"""The area as the simulator needs it: kelurahan with their polling stations, their neighbours, and how remote they
are."""

from __future__ import annotations

import hashlib
import math
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate, groupby

from posko.regions import Region, Regions
from producers.simulator.grammar import Random
from producers.simulator.style import pick

REMOTE_KM = 60  # from a kabupaten's centre; farther away nothing gets more remote


@dataclass(frozen=True, slots=True)
class Village:
    """A kelurahan or desa with polling stations. `remote` is 0 in a town centre to 1 where hardly any signal
    reaches."""

    code: str
    name: str
    district: str
    regency: str
    province: str
    lat: float
    lng: float
    tps: int
    remote: float


class World:
    """All kelurahan of the area that have polling stations, in the order of their codes."""

    def __init__(self, villages: Iterable[Village], names: dict[str, str]) -> None:
        """`names`: the official name of every district, regency and province. Raises ValueError for an empty area."""
        self.villages = tuple(villages)
        if not self.villages:
            raise ValueError("the area has no kelurahan with polling stations")
        self.names = names
        self.tps = sum(village.tps for village in self.villages)
        self._by_tps = _weights(village.tps for village in self.villages)
        self._by_need: dict[float, list[float]] = {}
        self.districts = {code: tuple(found) for code, found in groupby(self.villages, key=lambda v: v.district)}
        self.regencies = {code: tuple(found) for code, found in groupby(self.villages, key=lambda v: v.regency)}
        self.provinces: dict[str, tuple[str, ...]] = _grouped((code[:2], code) for code in self.regencies)
        self.tps_of = {
            province: sum(village.tps for code in codes for village in self.regencies[code])
            for province, codes in self.provinces.items()
        }

    @classmethod
    def of(cls, regions: Regions, area: str) -> World:
        """The world of an election's area; `""` or `"id"` is all of Indonesia."""
        names: dict[str, str] = {}
        return cls(_villages(regions, area, names), names)

    def somewhere(self, random: Random, remote: float = 1.0) -> Village:
        """A kelurahan, as likely as it has polling stations; `remote` above 1 favours remote ones that many times."""
        sums = self._by_tps
        if remote != 1.0:
            if remote not in self._by_need:
                need = (village.tps * (1 + (remote - 1) * village.remote) for village in self.villages)
                self._by_need[remote] = _weights(need)
            sums = self._by_need[remote]
        return self.villages[bisect_right(sums, random() * sums[-1], 0, len(sums) - 1)]

    def neighbour(self, village: Village, random: Random) -> Village:
        """Another kelurahan of the same kecamatan; the same one where it has no other."""
        others = self.districts[village.district]
        found: Village = pick(others, random)
        return found if found.code != village.code else others[(others.index(village) + 1) % len(others)]


def _weights(values: Iterable[float]) -> list[float]:
    return list(accumulate(values))


def _grouped(pairs: Iterable[tuple[str, str]]) -> dict[str, tuple[str, ...]]:
    found: dict[str, list[str]] = defaultdict(list)
    for key, value in pairs:
        found[key].append(value)
    return {key: tuple(values) for key, values in found.items()}


def _villages(regions: Regions, area: str, names: dict[str, str]) -> Iterator[Village]:
    centres: dict[str, Region] = {}
    for region in _walk(regions, area):
        if region.level != "village":
            names[region.code] = region.name
            if region.level == "regency":
                centres[region.code] = region
        elif region.tps and region.lat is not None and region.lng is not None:
            code = region.code
            centre = centres.get(code[:5]) or regions.get(code[:5])
            yield Village(
                code, region.name, code[:8], code[:5], code[:2], region.lat, region.lng, region.tps,
                _remoteness(region, centre),
            )  # fmt: skip


def _walk(regions: Regions, area: str) -> Iterator[Region]:
    """The area's region and everything below it, parents before children, in the order of the codes."""
    waiting = [area] if area not in ("", "id") else regions.children("")[::-1]
    while waiting:
        code = waiting.pop()
        region = regions.get(code)
        if region is None:
            raise ValueError(f"the region {code!r} is not known")
        yield region
        if region.level != "village":
            waiting.extend(reversed(regions.children(code)))


def _remoteness(region: Region, centre: Region | None) -> float:
    """A rough guess: 0.03 in a kota; elsewhere the distance to the kabupaten's centre, water and hills in the name,
    and a
    part that is the kecamatan's own."""
    if region.code[3:4] >= "7":  # a kota's second part is 71 and above
        return 0.03
    far = 0.0
    if centre is not None:
        north, east = (region.lat or 0.0) - (centre.lat or 0.0), (region.lng or 0.0) - (centre.lng or 0.0)
        far = min(1.0, math.hypot(north, east) * 111 / REMOTE_KM)
    own = hashlib.blake2b(region.code[:8].encode(), digest_size=1).digest()[0] / 255
    rough = region.name.split(" ")[0] in ROUGH
    return round(min(1.0, 0.45 * far + 0.4 * own + (0.15 if rough else 0.0)), 3)


ROUGH = frozenset(
    ("Air", "Sungai", "Muara", "Lubuk", "Rantau", "Tanjung", "Pulau", "Ulak", "Teluk", "Rawa", "Kuala",
     "Talang", "Bukit", "Gunung", "Tebing", "Karang")
)  # fmt: skip
