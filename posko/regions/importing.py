"""`posko regions import`: reads official files, checks them, and writes the folder that `Regions.load` uses."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import shapely

from posko.regions import check, codes
from posko.regions.imported import MANIFEST, Imported, RegionsError, save_imported
from posko.regions.nation import Nation, nation

FAR_DEGREES = (
    0.5  # between a boundary and where its villages are known to be: then code and shape hardly belong together
)
ESTIMATES = ("estimate", "perkiraan", "estimasi")  # in a column's name

Progress = Callable[[Collection[Any], str], Iterator[Any]]


@dataclass
class Report:
    """What an import did: `lines` for the user, `notices` of what was mended or looks odd."""

    lines: list[str] = field(default_factory=list)
    notices: list[str] = field(default_factory=list)


def import_all(
    paths: list[Path],
    into: Path,
    tps_columns: list[str],
    estimate: bool,
    area: str,
    progress: Progress = lambda items, label: iter(items),
) -> Report:
    """Check `paths` and write them to the folder `into`; what an earlier import wrote there is replaced.

    `tps_columns` say which column counts TPS where a list has several; `estimate` marks all counts as not official (a
    column called an estimate is so anyway); `area` keeps only what lies in it. `progress` wraps the loops over
    features and rows. Nothing is written unless all files are right. Raises RegionsError with every mistake.
    """
    kept = codes.normalise(area) if area else ""
    if kept is None or (kept and nation().name(kept) is None):
        raise RegionsError(f"--area {area!r} is the code of no region; give one such as 16")
    if into.exists() and any(into.iterdir()) and not (into / MANIFEST).exists():
        raise RegionsError(f"{into} holds other files; choose a new folder for --into")
    found, report = Imported(), Report()
    used: set[str] = set()
    for path in paths:
        if path.name.lower().endswith((".geojson", ".json", ".geojson.gz", ".json.gz")):
            _add_boundaries(path, found, report, progress)
        elif path.name.lower().endswith((".csv", ".csv.gz")):
            used.add(_add_places(path, found, tps_columns, estimate, progress) or "")
        else:
            raise RegionsError(f"{path} is neither .geojson nor .csv; boundaries are GeoJSON, TPS lists CSV")
        found.sources.append(f"{path.name} sha256:{hashlib.sha256(path.read_bytes()).hexdigest()}")
    if unused := [column for column in tps_columns if column not in used]:
        raise RegionsError(f"No list has the TPS column {', '.join(unused)} of --tps-column; correct the name")
    if wrong := list(check.sums(found)):
        raise RegionsError("\n".join(wrong[: check.MAX_SHOWN]))
    _keep(found, kept)
    if not (found.boundaries or found.tps or found.centroids):
        raise RegionsError(
            f"The files say nothing about {kept or 'any region'}; check --area and the columns tps, lat, lng"
        )
    report.lines += [str(path) for path in save_imported(found, into)]
    report.lines.append(_summary(found))
    return report


def _add_boundaries(path: Path, found: Imported, report: Report, progress: Progress) -> None:
    shapes = check.boundaries(path, progress(check.features(path), path.name), nation(), report.notices)
    if twice := sorted(shapes.keys() & found.boundaries.keys()):
        raise RegionsError(f"{path}: {twice[0]} is in another file too ({len(twice)} such regions); keep one")
    report.notices += _odd(path, shapes, nation())
    found.boundaries |= shapes


def _add_places(path: Path, found: Imported, columns: list[str], estimate: bool, progress: Progress) -> str | None:
    names, listed = check.rows(path)
    column = check.tps_column(path, names, columns)
    if column is None and not {"lat", "lng"} <= set(names):
        raise RegionsError(f"{path} has neither TPS counts nor lat and lng, only {', '.join(names)}; use --tps-column")
    exact = not estimate and not any(word in (column or "").lower() for word in ESTIMATES)
    check.places(path, progress(listed, path.name), column, exact, nation(), found)
    return column


def _odd(path: Path, shapes: dict[str, shapely.Geometry], table: Nation) -> Iterator[str]:
    """Boundaries far from where their villages are, as sentences."""
    for code, shape in shapes.items():
        _, lat, lng = table.centroids(code)
        if len(lat):
            middle = shapely.Point(float(lat.mean()), float(lng.mean()))
            distance = shape.distance(shapely.Point(middle.y, middle.x))
            if distance > FAR_DEGREES:
                far = f"{distance * 111:.0f} km from its villages"
                yield f"{path}: {code} lies {far}; check that code and boundary belong together"


def _keep(found: Imported, area: str) -> None:
    for part in (found.tps, found.centroids, found.boundaries):
        for code in [code for code in part if not codes.covers(area, code)]:
            del part[code]


def _summary(found: Imported) -> str:
    levels = [codes.level_of(code) for code in found.boundaries]
    parts = [f"{levels.count(level)} boundaries of level {level}" for level in codes.LEVELS if level in levels]
    if found.tps:
        parts.append(f"TPS counts of {len(found.tps)} regions")
    if found.centroids:
        parts.append(f"centroids of {len(found.centroids)} regions")
    return ", ".join(parts)
