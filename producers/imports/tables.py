"""The rows of a file: CSV, XLSX, GeoJSON, JSON lines. Read row by row and bounded, whoever made the file."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from posko.report import MAX_BYTES
from producers.send import lines

SUFFIXES = (".csv", ".tsv", ".xlsx", ".geojson", ".jsonl", ".ndjson")
MOST_COLUMNS = 500
MOST_CELL = 100_000  # characters
MOST_GEOJSON = 64 << 20  # bytes: it is read whole
MOST_UNPACKED = 512 << 20  # bytes of a spreadsheet when unpacked,
MOST_RATIO = 200  # and how much larger than packed: above it, it is a bomb
MOST_ENTRIES = 2_000
_DELIMITERS = ",;\t|"


class Unusable(Exception):
    """A file that cannot be read as a table; the text says why and what to do."""


class Row(NamedTuple):
    """`number` as an editor or spreadsheet shows it; `problem`: why there are no cells."""

    number: int
    cells: dict[str, Any]
    problem: str = ""


def rows(path: Path, sheet: str = "") -> Iterator[Row]:
    """The rows of `path` by its suffix; `sheet` of a spreadsheet, else its first. Raises Unusable, at once or later."""
    match path.suffix.lower():
        case ".csv" | ".tsv":
            return _csv(path)
        case ".xlsx":
            return _xlsx(path, sheet)
        case ".geojson":
            return _geojson(path)
        case ".jsonl" | ".ndjson":
            return _json_lines(path)
    raise Unusable(f"{path.name} has no suffix that is known; name it {', '.join(SUFFIXES)}")


def _csv(path: Path) -> Iterator[Row]:
    csv.field_size_limit(MOST_CELL)
    encoding = _encoding(path)
    with path.open(encoding=encoding, errors="strict", newline="") as file:
        first = file.readline(MOST_CELL)
        if not first.strip():
            raise Unusable(f"{path.name} is empty; its first line must name the columns")
        delimiter = max(_DELIMITERS, key=first.count)
        file.seek(0)
        reader = csv.reader(file, delimiter=delimiter)
        names = _names(next(reader), path)
        while True:
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield Row(reader.line_num, {}, f"the line cannot be read ({error})")
                continue
            except UnicodeDecodeError:
                raise Unusable(f"{path.name}: line {reader.line_num + 1} is no {encoding}; save it as UTF-8") from None
            if len(cells) > len(names) and any(cell.strip() for cell in cells[len(names) :]):
                yield Row(
                    reader.line_num, {}, f"{len(cells)} cells for {len(names)} columns; put quotes around {delimiter!r}"
                )
            elif any(cell.strip() for cell in cells):
                yield Row(reader.line_num, dict(zip(names, cells, strict=False)))


def _encoding(path: Path) -> str:
    """UTF-8, or what Excel writes: UTF-16 with its mark, or Windows' own."""
    with path.open("rb") as file:
        head = file.read(1 << 20)
    if head[:2] in (b"\xff\xfe", b"\xfe\xff"):
        return "utf-16"
    try:
        io.TextIOWrapper(io.BytesIO(head), "utf-8").read()
    except UnicodeDecodeError as error:
        if error.start < len(head) - 4:
            return "cp1252"
    return "utf-8-sig"


def _xlsx(path: Path, sheet: str) -> Iterator[Row]:
    import openpyxl
    from openpyxl.utils.exceptions import InvalidFileException

    _refuse_bomb(path)
    try:
        # Values, not formulas: what a formula came to when the file was saved. Links to other files are not followed.
        book = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    except (InvalidFileException, KeyError, ValueError, OSError, zipfile.BadZipFile, SyntaxError) as error:
        raise Unusable(
            f"{path.name} is no spreadsheet that can be read ({type(error).__name__}); save it as .xlsx"
        ) from None
    try:
        if sheet and sheet not in book.sheetnames:
            raise Unusable(f"{path.name} has no sheet {sheet}; it has {', '.join(book.sheetnames)}")
        table = book[sheet] if sheet else book.worksheets[0]
        numbered = enumerate(table.iter_rows(values_only=True, max_col=MOST_COLUMNS), start=1)
        heading = next((cells for _, cells in numbered if any(cell is not None for cell in cells)), None)
        if heading is None:
            raise Unusable(f"{path.name} is empty; its first row must name the columns")
        names = _names(["" if cell is None else str(cell) for cell in heading], path)
        for number, cells in numbered:
            known = {name: cell for name, cell in zip(names, cells, strict=False) if name and cell is not None}
            if known:
                yield Row(number, known)
    finally:
        book.close()


def _refuse_bomb(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            entries = packed.infolist()
    except (zipfile.BadZipFile, OSError) as error:
        raise Unusable(f"{path.name} is no spreadsheet ({error}); save it as .xlsx") from None
    size = sum(entry.file_size for entry in entries)
    ratio = size / max(1, sum(entry.compress_size for entry in entries))
    if len(entries) > MOST_ENTRIES or size > MOST_UNPACKED or (ratio > MOST_RATIO and size > 10 << 20):
        raise Unusable(f"{path.name} unpacks to {size >> 20} MiB in {len(entries)} files; that is no table of reports")


def _geojson(path: Path) -> Iterator[Row]:
    if path.stat().st_size > MOST_GEOJSON:
        raise Unusable(f"{path.name} is larger than {MOST_GEOJSON >> 20} MiB; split it")
    try:
        content = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise Unusable(f"{path.name} is no JSON ({error})") from None
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list):
        raise Unusable(f"{path.name} has no features; expected a GeoJSON FeatureCollection")
    for number, feature in enumerate(features, start=1):
        if not isinstance(feature, dict) or not isinstance(feature.get("properties") or {}, dict):
            yield Row(number, {}, "it is no GeoJSON feature")
            continue
        cells = dict(feature.get("properties") or {})
        if feature.get("id") is not None:
            cells.setdefault("id", feature["id"])
        try:
            yield Row(number, {**cells, **_point(feature.get("geometry"))})
        except (ValueError, TypeError, KeyError, IndexError, AttributeError):
            yield Row(number, {}, "its geometry cannot be read")


def _point(geometry: Any) -> dict[str, float]:
    """`lat` and `lng` of a point, or of a point inside any other geometry; nothing without one."""
    if not geometry:
        return {}
    if geometry["type"] == "Point":
        lng, lat, *_ = geometry["coordinates"]
        return {"lat": float(lat), "lng": float(lng)}
    import shapely

    try:
        inside = shapely.from_geojson(orjson.dumps(geometry)).representative_point()
    except shapely.errors.ShapelyError as error:
        raise ValueError(str(error)) from None
    return {"lat": inside.y, "lng": inside.x}


def _json_lines(path: Path) -> Iterator[Row]:
    with path.open("rb") as file:
        for line in lines(file, MAX_BYTES):
            if line.content is None:
                yield Row(line.number, {}, f"it has {line.size} bytes; a report has at most {MAX_BYTES}")
                continue
            try:
                value = orjson.loads(line.content.removeprefix(b"\xef\xbb\xbf"))
            except orjson.JSONDecodeError as error:
                yield Row(line.number, {}, f"it is no JSON ({error})")
                continue
            yield Row(line.number, value) if isinstance(value, dict) else Row(line.number, {}, "it is no JSON object")


def _names(heading: list[str], path: Path) -> list[str]:
    names = [name.strip() for name in heading]
    if len(names) > MOST_COLUMNS:
        raise Unusable(f"{path.name} has {len(names)} columns; at most {MOST_COLUMNS}")
    if twice := sorted({name for name in names if name and names.count(name) > 1}):
        raise Unusable(f"{path.name} has the column {twice[0]} more than once; rename one")
    return names
