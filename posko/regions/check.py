"""Checks official files before they are used: boundaries as GeoJSON, TPS lists as CSV. Every mistake is located."""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import shapely
from shapely.validation import explain_validity

from posko.regions import codes
from posko.regions.imported import Imported, RegionsError
from posko.regions.nation import Nation

# Indonesia with its seas, degrees: nothing official lies outside.
SOUTH, NORTH, WEST, EAST = -12.0, 8.0, 94.0, 142.0
MAX_FILE = 512 << 20  # bytes, unpacked
MAX_SHOWN = 20  # mistakes that are listed
REPAIR_SHARE = 0.01  # of its area that a boundary may change when a line that crosses itself is mended


class Mistakes:
    """Collects what is wrong with a file; after `MAX_SHOWN` it only counts."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.shown: list[str] = []
        self.count = 0

    def add(self, where: str, what: str) -> None:
        self.count += 1
        if len(self.shown) < MAX_SHOWN:
            self.shown.append(f"{self.path}, {where}: {what}")

    def stop_if_any(self) -> None:
        """Raise RegionsError with all that was found, if anything was."""
        if self.count:
            more = [f"... and {self.count - len(self.shown)} more mistakes"] if self.count > len(self.shown) else []
            raise RegionsError("\n".join(self.shown + more))


def read_text(path: Path) -> str:
    """The content of a UTF-8 file, unpacked when it is gzip. RegionsError when it cannot be read or is too large."""
    try:
        with path.open("rb") as raw:
            packed = raw.read(2) == b"\x1f\x8b"
        with gzip.open(path, "rb") if packed else path.open("rb") as stream:
            content = stream.read(MAX_FILE + 1)
        if len(content) > MAX_FILE:
            raise RegionsError(f"{path} is larger than 512 MB; import it in parts")
        return content.decode("utf-8-sig")
    except (OSError, EOFError) as error:
        raise RegionsError(f"{path} cannot be read: {error}") from error
    except UnicodeDecodeError as error:
        raise RegionsError(f"{path} is not UTF-8 text (byte {error.start}); save it as UTF-8") from error


def features(path: Path) -> list[Any]:
    """The features of a GeoJSON file, not yet looked at. RegionsError when it is no FeatureCollection."""
    try:
        data = json.loads(read_text(path))
    except ValueError as error:
        raise RegionsError(f"{path} is not JSON ({error}); boundaries are expected as GeoJSON") from error
    if (
        not isinstance(data, dict)
        or data.get("type") != "FeatureCollection"
        or not isinstance(data.get("features"), list)
    ):
        raise RegionsError(f"{path} is no GeoJSON FeatureCollection; export the boundaries as one, a Feature a region")
    if not data["features"]:
        raise RegionsError(f"{path} holds no features")
    return list(data["features"])


def boundaries(path: Path, items: Iterable[Any], nation: Nation, notices: list[str]) -> dict[str, shapely.Geometry]:
    """Geometries by code of GeoJSON features, checked; what was mended is told in `notices`. Raises RegionsError."""
    mistakes = Mistakes(path)
    found: dict[str, shapely.Geometry] = {}
    for at, feature in enumerate(items):
        properties = feature.get("properties") if isinstance(feature, dict) else None
        given = str(properties.get("code", "")) if isinstance(properties, dict) else ""
        where = f"feature {at}" + (f" ({given})" if given else "")
        code = codes.normalise(given)
        if not given:
            mistakes.add(where, "has no properties.code; add the Kemendagri code of the region")
        elif code is None or nation.name(code) is None:
            mistakes.add(where, f"{given!r} is the code of no region; codes are those of Kemendagri, such as 16.71.01")
        elif code in found:
            mistakes.add(where, f"{code} is there twice; join its parts into one MultiPolygon")
        elif shape := _geometry(feature.get("geometry"), where, mistakes, notices):
            found[code] = shape
    mistakes.stop_if_any()
    return found


def rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    """Column names and rows of a CSV file. RegionsError when it has no `code` column."""
    reader = csv.DictReader(io.StringIO(read_text(path), newline=""))
    try:
        listed = list(reader)
    except csv.Error as error:
        raise RegionsError(f"{path}, line {reader.line_num}: {error}") from error
    columns = list(reader.fieldnames or ())
    if "code" not in columns:
        raise RegionsError(
            f"{path}: the first line must name the columns, one of them code; it has {', '.join(columns) or 'none'}"
        )
    return columns, listed


def tps_column(path: Path, columns: list[str], wanted: list[str]) -> str | None:
    """The column that holds TPS counts: the one of `wanted` that is there, else the only one that begins with tps,
    else None."""
    likely = [column for column in columns if column in wanted] or [
        column for column in columns if column.lower().startswith("tps")
    ]
    if len(likely) > 1:
        raise RegionsError(f"{path} has several TPS columns ({', '.join(likely)}); name one with --tps-column")
    return likely[0] if likely else None


def places(
    path: Path, listed: Iterable[dict[str, str]], column: str | None, exact: bool, nation: Nation, into: Imported
) -> None:
    """Add TPS counts and centroids of CSV rows to `into`, checked. Empty cells say nothing. Raises RegionsError."""
    mistakes = Mistakes(path)
    seen: set[str] = set()
    for line, row in enumerate(listed, start=2):
        given = (row.get("code") or "").strip()
        where = f"line {line} ({given})"
        code = codes.normalise(given)
        if code is None or nation.name(code) is None:
            mistakes.add(
                where, f"{given!r} is the code of no region; codes are those of Kemendagri, such as 16.71.01.1001"
            )
            continue
        if code in seen:
            mistakes.add(where, f"{code} is there twice; keep one line")
            continue
        seen.add(code)
        count = (row.get(column) or "").strip() if column else ""
        if count.isdecimal() and count.isascii() and len(count) <= 8:
            if into.tps.setdefault(code, (int(count), exact))[0] != int(count):
                mistakes.add(where, f"has {count} TPS here and {into.tps[code][0]} in another file; keep one")
        elif count:
            mistakes.add(where, f"{column} is {count!r}; it must be a whole number")
        if (row.get("lat") or "").strip() or (row.get("lng") or "").strip():
            _place(row, code, where, mistakes, into)
    mistakes.stop_if_any()


def sums(into: Imported) -> Iterator[str]:
    """Regions whose listed parts have more TPS than the region itself, as sentences."""
    below: dict[str, int] = {}
    for code, (count, _) in into.tps.items():
        if above := codes.parent(code):
            below[above] = below.get(above, 0) + count
    for code, total in sorted(below.items()):
        listed = into.tps.get(code)
        if listed and total > listed[0]:
            yield f"{code} is listed with {listed[0]} TPS, but its parts have {total}; correct one of them"


def _geometry(data: Any, where: str, mistakes: Mistakes, notices: list[str]) -> shapely.Geometry | None:
    try:
        shape = shapely.geometry.shape(data)
    except (ValueError, TypeError, AttributeError, IndexError, KeyError, shapely.errors.ShapelyError) as error:
        mistakes.add(where, f"the geometry cannot be read ({error})")
        return None
    if shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty:
        mistakes.add(
            where,
            f"is {'an empty' if shape.is_empty else 'a'} {shape.geom_type}; a boundary is a Polygon or MultiPolygon",
        )
        return None
    west, south, east, north = shape.bounds
    if not _inside(south, west) or not _inside(north, east):
        swapped = _inside(west, south) and _inside(east, north)
        mistakes.add(where, _outside(west, south, swapped))
        return None
    if shape.is_valid:
        return shape
    mended = shapely.make_valid(shape, method="structure", keep_collapsed=False)
    if (
        mended.geom_type not in ("Polygon", "MultiPolygon")
        or mended.is_empty
        or abs(mended.area - shape.area) > REPAIR_SHARE * mended.area
    ):
        mistakes.add(where, f"the boundary is not valid: {explain_validity(shape)}; repair it in a GIS program")
        return None
    notices.append(f"{mistakes.path}, {where}: mended ({explain_validity(shape)})")
    return mended


def _place(row: dict[str, str], code: str, where: str, mistakes: Mistakes, into: Imported) -> None:
    try:
        lat, lng = float(row.get("lat") or ""), float(row.get("lng") or "")
    except ValueError:
        mistakes.add(
            where, f"lat {row.get('lat')!r} and lng {row.get('lng')!r} must both be degrees with a decimal point"
        )
        return
    if _inside(lat, lng):
        into.centroids[code] = lat, lng
    else:
        mistakes.add(where, _outside(lng, lat, _inside(lng, lat)))


def _inside(lat: float, lng: float) -> bool:
    return SOUTH <= lat <= NORTH and WEST <= lng <= EAST


def _outside(lng: float, lat: float, swapped: bool) -> str:
    if swapped:
        order = "GeoJSON has longitude first, CSV the columns lat and lng"
        return f"longitude and latitude are swapped ({lng:g}, {lat:g}); {order}"
    return f"({lng:g}, {lat:g}) is not in Indonesia; coordinates must be WGS84 degrees"
