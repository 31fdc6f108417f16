"""The folder that `posko regions import` writes and `Regions.load` reads: official boundaries, TPS, centroids.

regions.json                  what is here and where it came from
boundaries_<level>.geojson    one Feature a region, properties.code, coordinates lng, lat
places.csv                    code,tps,exact,lat,lng; empty where not given
"""

from __future__ import annotations

import csv
import json
from dataclasses import dataclass, field
from pathlib import Path

import shapely

from posko.regions import codes
from posko.regions.locate import Area
from posko.settings import SettingsError

VERSION = 1
MANIFEST = "regions.json"
PLACES = "places.csv"
COLUMNS = ("code", "tps", "exact", "lat", "lng")


class RegionsError(SettingsError):
    """The configured area, a file to import or an imported folder cannot be used; the text says why and what to do."""


@dataclass
class Imported:
    """What was imported: TPS as (count, exact), centroids as (lat, lng), boundaries, each by code."""

    tps: dict[str, tuple[int, bool]] = field(default_factory=dict)
    centroids: dict[str, tuple[float, float]] = field(default_factory=dict)
    boundaries: dict[str, shapely.Geometry] = field(default_factory=dict)
    sources: list[str] = field(default_factory=list)

    def boundaries_of(self, area: str) -> list[Area]:
        """The boundaries of the regions in `area`, and of those that hold it."""
        return [Area(code, shape) for code, shape in self.boundaries.items() if codes.related(code, area)]


def load_imported(folder: Path) -> Imported:
    """What `posko regions import` wrote into `folder`. Raises RegionsError when it is not such a folder."""
    try:
        manifest = json.loads((folder / MANIFEST).read_text())
        if manifest["version"] != VERSION:
            raise RegionsError(f"{folder} was written by another version of Posko; run `posko regions import` again")
        found = Imported(sources=manifest["sources"])
        for name in manifest["boundaries"]:
            for feature in json.loads((folder / name).read_text())["features"]:
                found.boundaries[feature["properties"]["code"]] = shapely.geometry.shape(feature["geometry"])
        if (folder / PLACES).exists():
            _read_places(folder / PLACES, found)
    except FileNotFoundError as error:
        raise RegionsError(
            f"{error.filename} is missing; make the folder with `posko regions import FILE... --into {folder}`"
        ) from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RegionsError(f"{folder} is damaged ({error!r}); run `posko regions import` again") from error
    return found


def save_imported(found: Imported, folder: Path) -> list[Path]:
    """Write `found` into `folder` (made if missing) and return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for level in codes.LEVELS:
        shapes = {code: shape for code, shape in sorted(found.boundaries.items()) if codes.level_of(code) == level}
        path = folder / f"boundaries_{level}.geojson"
        if shapes:
            path.write_text(json.dumps(feature_collection(shapes)))
            written.append(path)
        else:
            path.unlink(missing_ok=True)
    manifest = {"version": VERSION, "boundaries": [path.name for path in written], "sources": found.sources}
    if found.tps or found.centroids:
        _write_places(folder / PLACES, found)
        written.append(folder / PLACES)
    else:
        (folder / PLACES).unlink(missing_ok=True)
    (folder / MANIFEST).write_text(json.dumps(manifest, indent=1) + "\n")
    return [folder / MANIFEST, *written]


def feature_collection(shapes: dict[str, shapely.Geometry], names: dict[str, str] | None = None) -> dict[str, object]:
    """GeoJSON of geometries by region code; `names` adds `properties.name`."""
    features = []
    for code, shape in shapes.items():
        properties = {"code": code, **({"name": names[code]} if names else {})}
        features.append(
            {"type": "Feature", "id": code, "properties": properties, "geometry": json.loads(shapely.to_geojson(shape))}
        )
    return {"type": "FeatureCollection", "features": features}


def _read_places(path: Path, found: Imported) -> None:
    with path.open(newline="") as stream:
        reader = csv.reader(stream)
        if tuple(next(reader, ())) != COLUMNS:
            raise ValueError(f"{path.name} does not begin with {','.join(COLUMNS)}")
        for code, count, exact, lat, lng in reader:
            if count:
                found.tps[code] = int(count), exact == "1"
            if lat:
                found.centroids[code] = float(lat), float(lng)


def _write_places(path: Path, found: Imported) -> None:
    with path.open("w", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        writer.writerow(COLUMNS)
        for code in sorted(found.tps.keys() | found.centroids.keys()):
            count, exact = found.tps.get(code, ("", False))
            lat, lng = found.centroids.get(code, ("", ""))
            writer.writerow((code, count, int(exact), lat, lng))
