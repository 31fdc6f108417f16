"""Which column is which field of a report, from a YAML file; without one, columns have the names that people use."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator

MOST_BYTES = 256 << 10
FIELDS = (
    "report_id", "category", "kind", "text", "reported_at", "occurred_at", "tps", "area", "place", "lat", "lng",
    "severity", "reporter_id", "role", "institution",
)  # fmt: skip
# What people call these columns; compared without case and with spaces for underlines.
USUAL = {
    "report_id": ("report_id",),
    "category": ("category", "kategori", "jenis laporan"),
    "kind": ("kind", "jenis kejadian"),
    "text": ("text", "uraian", "isi", "isi laporan", "keterangan", "deskripsi", "kejadian", "description"),
    "reported_at": ("reported_at", "waktu", "waktu laporan", "tanggal", "tanggal laporan", "time", "date"),
    "occurred_at": ("occurred_at", "waktu kejadian", "tanggal kejadian"),
    "tps": ("tps", "nomor tps", "no tps", "kode tps"),
    "area": ("area", "kode wilayah", "kode desa", "kode kelurahan", "kode kecamatan"),
    "place": ("place", "lokasi", "tempat", "desa", "kelurahan", "desa/kelurahan", "kecamatan", "kabupaten"),
    "lat": ("lat", "latitude", "lintang"),
    "lng": ("lng", "lon", "long", "longitude", "bujur"),
    "severity": ("severity", "tingkat", "keparahan"),
    "reporter_id": ("reporter_id", "id pelapor"),
    "role": ("role", "peran pelapor"),
    "institution": ("institution", "lembaga"),
}


class MappingError(ValueError):
    """A mapping file that cannot be used; the text says what is wrong where."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class Column(_Strict):
    """A field's source. `values`: what is written -> what is meant; `format`: of a time, as strptime has it."""

    columns: list[str] = Field(default_factory=list)
    values: dict[str, str | int] = Field(default_factory=dict)
    default: str | int | None = None
    format: str = ""


class Reporter(_Strict):
    """Who reports where no column says it; codes of the catalogue."""

    id: str
    role: str
    institution: str


def _column(value: Any) -> Any:
    """`Uraian`, `[Desa, Kecamatan]`, or a mapping with `column` or `columns`."""
    if isinstance(value, str):
        return {"columns": [value]}
    if isinstance(value, list):
        return {"columns": value}
    if isinstance(value, dict) and "column" in value:
        value = dict(value)
        return {"columns": [value.pop("column")], **value}
    return value


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (TypeError, ValueError, OSError, KeyError) as error:
        raise ValueError("is no time zone; use Asia/Jakarta, Asia/Makassar or Asia/Jayapura") from error


class Mapping(_Strict):
    """`source` names the list that ids belong to; `id` the columns that tell one row from all others."""

    fields: dict[str, Annotated[Column, BeforeValidator(_column)]]
    reporter: Reporter = Reporter(id="import", role="operator", institution="posko")
    source: str = ""
    id: list[str] = Field(default_factory=list)
    sheet: str = ""
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)] | None = None

    @field_validator("fields")
    @classmethod
    def _known(cls, fields: dict[str, Column]) -> dict[str, Column]:
        if unknown := sorted(fields.keys() - set(FIELDS)):
            raise ValueError(f"{unknown[0]} is no field; there are {', '.join(FIELDS)}")
        return fields

    @field_validator("id", mode="before")
    @classmethod
    def _one_or_more(cls, value: Any) -> Any:
        return [value] if isinstance(value, str) else value

    @property
    def named(self) -> set[str]:
        """All columns that it needs."""
        return {name for column in self.fields.values() for name in column.columns} | set(self.id)


class _Loader(yaml.SafeLoader):
    """YAML in which `No`, a usual name of a column, is a word and not false; `true` and `false` are words as well."""


_Loader.yaml_implicit_resolvers = {
    first: [one for one in resolvers if one[0] != "tag:yaml.org,2002:bool"]
    for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


def load(path: Path) -> Mapping:
    """The mapping in a file. Raises MappingError."""
    try:
        if path.stat().st_size > MOST_BYTES:
            raise MappingError(f"{path} is larger than {MOST_BYTES >> 10} KiB; it is no mapping")
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a SafeLoader
        return Mapping.model_validate(content)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise MappingError(f"{path} cannot be read: {error}") from error
    except ValidationError as error:
        wrong = "\n  ".join(f"{'.'.join(map(str, one['loc']))}: {one['msg']}" for one in error.errors()[:20])
        raise MappingError(f"{path} cannot be used:\n  {wrong}") from error


def usual(columns: Iterable[str]) -> Mapping:
    """A mapping for columns with usual names. Raises MappingError when none can be the text."""
    plain = {" ".join(name.lower().replace("_", " ").split()): name for name in columns}
    fields = {}
    for field, names in USUAL.items():
        found = [plain[name.replace("_", " ")] for name in names if name.replace("_", " ") in plain]
        if found:
            fields[field] = Column(columns=found if field == "place" else found[:1])
    if "text" not in fields:
        raise MappingError(
            "No column is called text, uraian, isi or keterangan; say which column is which with --mapping "
            "(docs/doors.md has an example)"
        )
    return Mapping(fields=fields)
