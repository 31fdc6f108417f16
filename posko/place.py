"""Where a report comes from, out of all it says about that: its TPS, its area, its point, the places its text names,
its reporter's home.

They are asked in this order. The first that knows something decides; a later one may only say more precisely where
inside that the place is (an area of a kabupaten and a point in it: the point's kelurahan). What does not fit is marked,
not rejected.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from posko.extent import Extents, metres
from posko.home import event_at_home, home_of
from posko.regions import Found, Regions, codes
from posko.regions.numbers import fold
from posko.report import Invalid, Report
from posko.text import normalise

POINT_M = 100.0  # a phone's position, indoors and among trees too
NAMED = 0.95  # score of a mention that a word such as "Desa" or another name beside it makes sure
CERTAIN = 0.5  # score of a mention in a text that names one region; below, only what holds all candidates is known
CLEAR = 0.85  # score of a name that a bare word like it does not make doubtful
NAMED_ALOUD = 0.6  # score of a mention that outweighs a point beside it
_AT_TPS = re.compile(r"\btps\.? ?\d{1,3},? (?:di )?(?:(?:desa|ds|kel|kelurahan)\.? )?$", re.IGNORECASE)
REGENCY, DISTRICT, VILLAGE = 5, 8, 13  # lengths of codes
# A point contradicts a place when it is further away than twice the place's radius and this. Official middles of
# kelurahan, taken as points, were so for 4 in 1,000 kelurahan of Sumatera Selatan.
CONFLICT_FACTOR, CONFLICT_M = 2.0, 5_000.0
# The TPS of a kelurahan are an estimate unless a list was imported; for 1 kelurahan in 1,000 of Sumatera Selatan the
# true number was beyond this.
ESTIMATE_FACTOR, ESTIMATE_MORE = 3, 20


class Place(NamedTuple):
    """`code`: the smallest known region, `""` if none; `lat`, `lng` in degrees; `by`: where `code` comes from.

    `tps`: the polling station, `""` if not known; `by` is `tps`, `area`, `point`, `text`, `home` or `""`; `metres` the
    radius of uncertainty of the coordinates, None without any; `marks`: see docs/messages.md.
    """

    code: str
    tps: str
    lat: float | None
    lng: float | None
    by: str
    metres: float | None
    marks: tuple[str, ...]


class Places:
    """Resolves the places of reports. Nothing here grows but bounded caches."""

    def __init__(self, regions: Regions) -> None:
        self._regions = regions
        self._extents = Extents(regions)

    def resolve(self, report: Report) -> Place:
        """The place of a report. Raises Invalid for the code of a region that does not exist."""
        code, by, conflict = self._named(report)
        point = report.lat is not None and report.lng is not None
        unlocated = False
        if point:
            located = self._located(report)
            unlocated = not located
            if code and not codes.related(code, located or "-"):
                conflict = conflict or self._far(report, code)
            elif len(located) > len(code):
                code, by = located, "point"
            by = by or "point"
        home = home_of(self._regions, report)
        if len(code) < VILLAGE:
            code, by = self._mentioned(report.text, code, by, home)
            if by == "area" and len(code) > REGENCY and (elsewhere := self._elsewhere(report, code)):
                code, by = elsewhere, "text"
        elif by == "point":
            code, by = self._beside_point(report, code, by, home)
        if len(code) < VILLAGE and home.startswith(code):
            inside = event_at_home(report, home)
            if len(inside) > len(code) and not (code and by == "text"):
                code, by = inside, by or "home"
        tps = report.tps or self._station(report, code, by)
        marks = (
            *(("outside_area",) if (code and not self._regions.inside(code)) or (unlocated and not code) else ()),
            *(("tps_unknown",) if report.tps and self._beyond(report.tps) else ()),
            *(("place_conflict",) if conflict else ()),
        )
        if point:
            return Place(code, tps, report.lat, report.lng, by, self._point_m(report, code, conflict), marks)
        region = self._regions.get(code) if code else None
        if region is None or region.lat is None:
            return Place(code, tps, None, None, by, None, marks)
        return Place(code, tps, region.lat, region.lng, by, round(self._extents.radius(code)), marks)

    def _named(self, report: Report) -> tuple[str, str, bool]:
        """The region that the report names by code, the field it stands in, and whether two codes contradict."""
        check_codes(self._regions, report)
        area, village = report.area, report.tps[:VILLAGE]
        if not village:
            return area, "area" if area else "", False
        return village, "tps", bool(area) and not codes.covers(area, village)

    def _located(self, report: Report) -> str:
        """The smallest region that holds the point, `""` if it is far from all."""
        assert report.lat is not None
        assert report.lng is not None
        found = self._regions.locate(report.lat, report.lng)
        return found.code if found else ""

    def _far(self, report: Report, code: str) -> bool:
        """Whether the point is further from the region than the region's own uncertainty allows."""
        return self._distance(report, code) > CONFLICT_FACTOR * self._extents.radius(code) + CONFLICT_M

    def _distance(self, report: Report, code: str) -> float:
        region = self._regions.get(code)
        if region is None or region.lat is None or region.lng is None:
            return 0.0
        assert report.lat is not None
        assert report.lng is not None
        return metres(report.lat, report.lng, region.lat, region.lng)

    def _point_m(self, report: Report, code: str, conflict: bool) -> float:
        """A contradicted point is as uncertain as it is far from the other place: either may be the wrong one."""
        return round(max(POINT_M, self._distance(report, code))) if conflict and code else POINT_M

    def _mentioned(self, text: str, code: str, by: str, home: str) -> tuple[str, str]:
        """The place that the text names, if it lies in what is known already; else what is known.

        The writer's home decides between places of one name. A bare word that is a place only far from home is rather
        a word.
        """
        within = home if home.startswith(code) else code
        found = self._regions.find(text, within)
        if home and not code:
            found = [one for one in found if one.score >= NAMED or one.code[:REGENCY] == home[:REGENCY]]
        mentioned = self._stood_at(found, text, within) or _meant(found)
        if len(mentioned) > len(code) and codes.covers(code, mentioned):
            return mentioned, "text"
        return code, by

    def _stood_at(self, found: list[Found], text: str, within: str) -> str:
        """The kelurahan or desa that the text names right behind the number of a TPS, whatever other places it speaks
        of; "" if none or several. A name that a kecamatan has as well is there the kelurahan's."""
        said = set()
        for one in found:
            start, code = one.span[0], one.code
            if one.score < CERTAIN or len(code) < DISTRICT or not _AT_TPS.search(text[:start]):
                continue
            if len(code) == DISTRICT:
                inside = [
                    other
                    for other in self._regions.find(f"{text[:start]}kelurahan {text[start:]}", within)
                    if other.span[0] >= start and codes.covers(code, other.code)
                ]
                one = inside[0] if inside else one
            if len(one.code) == VILLAGE and one.score >= CLEAR:
                said.add(one.code)
        return said.pop() if len(said) == 1 else ""

    def _elsewhere(self, report: Report, district: str) -> str:
        """A place of the same kabupaten/kota that the text names and the kecamatan does not hold, `""` if none: many
        apps fill in where their user serves, and not where it happened."""
        regency = district[:REGENCY]
        found = [
            one
            for one in self._regions.find(report.text, regency)
            if len(one.code) > REGENCY and one.code[:REGENCY] == regency and one.score >= CERTAIN
        ]
        if not any(one.score >= NAMED_ALOUD for one in found) or any(
            codes.related(one.code, district) for one in found
        ):
            return ""
        named = _meant(found)
        if len(named) <= REGENCY or self._says(report.text, district):
            return ""
        return "" if report.lat is not None and self._far(report, named) else named

    def _says(self, text: str, code: str) -> bool:
        """Whether the text has the name of this region, if only as a part of a longer one."""
        region = self._regions.get(code)
        return region is not None and region.name.lower() in text.lower()

    def _beside_point(self, report: Report, code: str, by: str, home: str) -> tuple[str, str]:
        """The kelurahan that the text names, when the point is in it or beside it: one point in five falls across a
        border, a name hardly ever."""
        found = [one for one in self._regions.find(report.text, home or code) if len(one.code) == VILLAGE]
        named = found[0] if found and found[0].score >= NAMED_ALOUD else None
        if named is None or self._far(report, named.code):
            return code, by
        if named.code == code and any(one.code != code for one in found):
            return code, by  # where it happened is one of several
        return named.code, "text"

    def _station(self, report: Report, code: str, by: str) -> str:
        """The TPS that the text names by its number alone, where the kelurahan is certain."""
        if len(code) != VILLAGE or by == "point":
            return ""
        stations = normalise(report.text).stations
        if len(stations) != 1 or self._numbered(code) == stations[0]:
            return ""
        tps = f"{code}/{stations[0]:03d}"
        return "" if self._beyond(tps) else tps

    def _numbered(self, village: str) -> int:
        """The number that the kelurahan's name begins with, else 0: "TPS 16 Ulu" names no TPS."""
        region = self._regions.get(village)
        first = fold(region.name.lower().replace("-", " ").split())[0] if region is not None else ""
        return int(first) if first.isdigit() else 0

    def _beyond(self, tps: str) -> bool:
        """Whether the number is beyond the known count of its kelurahan, well beyond if that is an estimate."""
        region = self._regions.get(tps[:VILLAGE])
        if region is None or region.tps is None:
            return False
        known = region.tps if region.tps_exact else ESTIMATE_FACTOR * region.tps + ESTIMATE_MORE
        return int(tps[VILLAGE + 1 :]) > known


def check_codes(regions: Regions, report: Report) -> None:
    """Raises Invalid for the code of a region that does not exist."""
    area, village = report.area, report.tps[:VILLAGE]
    if area and regions.get(area) is None:
        raise Invalid("unknown_place", "area", f"area is {area!r}; expected the code of a region that exists.")
    if village and regions.get(village) is None:
        expected = "expected a TPS in a kelurahan or desa that exists"
        raise Invalid("unknown_place", "tps", f"tps is {report.tps!r}; {expected}, and {village} does not.")


def _meant(found: list[Found]) -> str:
    """The one place a text is about: the most precise mention, or what holds all when they lie apart.

    Many a village is called like a common word (Dalam, Arahan, Lengkap). So beside a place that is named as one
    ("Desa Keman") or by more than one name ("Keman kec Pampangan"), a bare word does not count.
    """
    if not found:
        return ""
    certain = [mention for mention in found if mention.score >= CERTAIN]
    if any(mention.score >= NAMED for mention in certain):
        certain = [mention for mention in certain if mention.score >= NAMED]
    elif any(mention.score >= CLEAR for mention in certain):
        certain = [mention for mention in certain if mention.score >= CLEAR]
    if not certain:
        return found[0].code
    code = certain[0].code
    for other in certain[1:]:
        if not codes.related(code, other.code):
            code = codes.common([code, other.code])
    return code
