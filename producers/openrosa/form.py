"""The form that officers download: the XLSForm tables in `form/`, with choices from the catalogue and the regions.

`form/survey.csv`, `choices.csv` and `settings.csv` are the sheets of an XLSForm. What the catalogue knows (categories,
kinds) is added to the choices; places are files beside the form, from which the app lets people choose step by step.
"""

from __future__ import annotations

import csv
import hashlib
import io
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

from posko.catalog import Catalog
from posko.context import Context
from posko.regions import Regions
from posko.regions.spelling import display

FORM_ID = "posko_laporan"
_PLACES = (
    ("regencies.csv", "regency", ""),
    ("districts.csv", "district", "regency"),
    ("villages.csv", "village", "district"),
)

Row = dict[str, Any]


@dataclass(frozen=True)
class Form:
    """A form ready for download. `version` changes with its content; `media`: file name -> content."""

    id: str
    title: str
    version: str
    xml: bytes
    media: dict[str, bytes]


def build(context: Context) -> Form:
    """The form for an election. Takes a second or two; the same election and catalogue give the same form."""
    from pyxform.xls2xform import convert

    sheets = {name: _sheet(name) for name in ("survey", "choices", "settings")}
    sheets["choices"] += list(_choices(context.catalog))
    media = {name: _places(context.regions, level, above) for name, level, above in _PLACES}
    title = f"{sheets['settings'][0]['form_title']}: {context.election.title}"
    version = _version(sheets, media)
    sheets["settings"] = [{"form_id": FORM_ID, "form_title": title, "version": version}]
    made = convert(xlsform=sheets, validate=False, pretty_print=False, form_name="data")
    return Form(FORM_ID, title, version, made.xform.encode(), media)


def _sheet(name: str) -> list[Row]:
    """The rows of a sheet without empty cells."""
    text = files("producers").joinpath("openrosa", "form", f"{name}.csv").read_text(encoding="utf-8")
    return [{key: value for key, value in row.items() if value} for row in csv.DictReader(io.StringIO(text))]


def _choices(catalog: Catalog) -> Iterator[Row]:
    for code, category in catalog.categories.items():
        yield {"list_name": "category", "name": code, "label": category.names["id"]}
    for code, category in catalog.categories.items():
        for kind in category.kinds.values():
            yield {"list_name": "kind", "name": kind.code, "label": kind.names["id"], "category": code}


def _places(regions: Regions, level: str, above: str) -> bytes:
    """The regions of one level as the app reads them: code, name, and the code of the region above to choose by."""
    out = io.StringIO(newline="")
    table = csv.writer(out, lineterminator="\n")
    table.writerow(["name", "label", *([above] if above else [])])
    known = sorted((region for region in regions.all.values() if region.level == level), key=lambda one: one.code)
    for region in sorted(known, key=lambda one: (one.parent, display(one.name))):
        table.writerow([region.code, display(region.name), *([region.parent] if above else [])])
    return out.getvalue().encode()


def _version(sheets: dict[str, list[Row]], media: dict[str, bytes]) -> str:
    digest = hashlib.sha256(repr(sorted(sheets.items())).encode())
    for name, content in sorted(media.items()):
        digest.update(name.encode() + content)
    return digest.hexdigest()[:12]
