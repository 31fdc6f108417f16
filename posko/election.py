"""The election that an instance serves: area, day, totals and the phases of the day, from one YAML file."""

from __future__ import annotations

import csv
import re
from bisect import bisect_right
from collections.abc import Iterator
from datetime import date as Date
from datetime import datetime, timedelta
from functools import cached_property
from importlib.resources import files
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import yaml
from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, ValidationError, field_validator, model_validator

from posko.regions import codes
from posko.settings import SettingsError

_MOMENT = re.compile(r"H(?P<days>[+-]\d{1,3})?\s+(?P<hour>\d{1,2}):(?P<minute>\d{2})")
_MAX_FILE = 1 << 20  # bytes of an election file


class ElectionError(SettingsError):
    """An election file is missing or wrong; the text names the file, the key and what to do."""


def _zone(value: Any) -> ZoneInfo:
    try:
        return ZoneInfo(value)
    except (TypeError, ValueError, OSError, KeyError) as error:
        raise ValueError(
            "is no time zone; use Asia/Jakarta (WIB), Asia/Makassar (WITA) or Asia/Jayapura (WIT)"
        ) from error


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class PhaseRule(_Strict):
    """A phase as the file has it: `start` and `end` are `H-7 00:00`, days from the day and the local time."""

    code: Annotated[str, Field(pattern=r"^[a-z][a-z_]{0,31}$")]
    names: dict[str, str]
    start: str
    end: str

    @field_validator("names")
    @classmethod
    def _both_languages(cls, names: dict[str, str]) -> dict[str, str]:
        if missing := {"id", "en"} - names.keys():
            raise ValueError(f"needs a name in {' and '.join(sorted(missing))}")
        return names

    @field_validator("start", "end")
    @classmethod
    def _readable(cls, moment: str) -> str:
        found = _MOMENT.fullmatch(moment.strip())
        if not found or int(found["minute"]) > 59 or int(found["hour"]) * 60 + int(found["minute"]) > 24 * 60:
            raise ValueError(
                f"{moment!r} is no moment; write days from the day and the local time, such as H-7 00:00 or H 13:00"
            )
        return moment.strip()


class Phase(_Strict):
    """A phase of the election: from `start` (included) to `end` (not included), both with time zone."""

    code: str
    names: dict[str, str]
    start: datetime
    end: datetime

    @property
    def start_ms(self) -> int:
        return round(self.start.timestamp() * 1000)

    @property
    def end_ms(self) -> int:
        return round(self.end.timestamp() * 1000)


class ElectionFile(_Strict):
    """The content of an election file."""

    title: Annotated[str, Field(min_length=1, max_length=200)]
    area: Annotated[str, Field(strict=True)]
    date: Date
    timezone: Annotated[ZoneInfo, BeforeValidator(_zone)]
    tps_total: Annotated[int, Field(ge=1, le=2_000_000)]
    voters: Annotated[int, Field(ge=1)] | None = None
    phases: Annotated[list[PhaseRule], Field(min_length=1, max_length=50)]
    vulnerability: str | None = None
    regions: str | None = None

    @field_validator("area")
    @classmethod
    def _is_code(cls, area: str) -> str:
        if area in ("", "id"):
            return ""
        code = codes.normalise(area)
        if code is None or codes.level_of(code) not in ("province", "regency"):
            raise ValueError(
                f"{area!r} is no code of a province (16) or kabupaten/kota (16.71); id is all of Indonesia"
            )
        return code

    @model_validator(mode="after")
    def _phases_follow(self) -> ElectionFile:
        last: Phase | None = None
        seen = set()
        for phase in self.dated():
            if phase.end <= phase.start:
                raise ValueError(
                    f"phases: {phase.code} ends before it starts; give it an end after {phase.start:%Y-%m-%d %H:%M}"
                )
            if last and phase.start < last.end:
                raise ValueError(
                    f"phases: {phase.code} starts before {last.code} ends; order them and let none overlap"
                )
            if phase.code in seen:
                raise ValueError(f"phases: {phase.code} is there twice; give each phase its own code")
            seen.add(phase.code)
            last = phase
        return self

    def dated(self) -> Iterator[Phase]:
        """The phases with their moments on the calendar of the election's time zone."""
        for rule in self.phases:
            yield Phase(code=rule.code, names=rule.names, start=self._moment(rule.start), end=self._moment(rule.end))

    def _moment(self, text: str) -> datetime:
        found = _MOMENT.fullmatch(text)
        assert found  # checked by PhaseRule
        midnight = datetime(self.date.year, self.date.month, self.date.day, tzinfo=self.timezone)
        return midnight + timedelta(
            days=int(found["days"] or 0), hours=int(found["hour"]), minutes=int(found["minute"])
        )


class Election:
    """An election, ready for use. `area` is `""` for all Indonesia; `regions` the folder of imported ones, if any."""

    def __init__(self, name: str, content: ElectionFile, vulnerability: dict[str, str], regions: Path | None) -> None:
        self.name = name
        self.title = content.title
        self.area = content.area
        self.date = content.date
        self.timezone: ZoneInfo = content.timezone
        self.tps_total = content.tps_total
        self.voters = content.voters
        self.phases: list[Phase] = list(content.dated())
        self.vulnerability = vulnerability  # class by code of a region or TPS
        self.regions = regions

    @classmethod
    def load(cls, name_or_path: str) -> Election:
        """The election of a shipped name (`sumsel-2024`) or of a YAML file; paths in it are relative to the file.

        Raises ElectionError, with every mistake of the file in its text.
        """
        path = _find(name_or_path)
        content = _read(path)
        folder = path.parent
        listed = _read_vulnerability(folder / content.vulnerability) if content.vulnerability else {}
        regions = (folder / content.regions).resolve() if content.regions else None
        if regions and not regions.is_dir():
            raise ElectionError(
                f"{path}: regions: {regions} is no folder; make it with `posko regions import FILE... --into {regions}`"
            )
        return cls(path.stem, content, listed, regions)

    @cached_property
    def _starts(self) -> list[int]:
        return [phase.start_ms for phase in self.phases]

    @cached_property
    def _ends(self) -> list[int]:
        return [phase.end_ms for phase in self.phases]

    def phase_at(self, ms: int) -> str:
        """Code of the phase at a time in milliseconds since 1970 UTC, `""` outside all."""
        at = bisect_right(self._starts, ms) - 1
        return self.phases[at].code if at >= 0 and ms < self._ends[at] else ""

    def vulnerability_of(self, code: str, tps: str = "") -> str:
        """The class of the TPS (`16.71.01.1001/007`), else of the smallest listed region that holds `code`; `""` when
        none is."""
        if not self.vulnerability:
            return ""
        if tps in self.vulnerability:
            return self.vulnerability[tps]
        while code:
            if code in self.vulnerability:
                return self.vulnerability[code]
            code = codes.parent(code)
        return ""


def shipped() -> list[str]:
    """Names of the elections that come with Posko."""
    return sorted(
        entry.name.removesuffix(".yaml") for entry in files("elections").iterdir() if entry.name.endswith(".yaml")
    )


def _find(name_or_path: str) -> Path:
    if name_or_path.endswith((".yaml", ".yml")) or "/" in name_or_path:
        path = Path(name_or_path).expanduser().resolve()
        if not path.is_file():
            raise ElectionError(
                f"There is no election file {path}; give the path of one, or a shipped name: {', '.join(shipped())}"
            )
        return path
    if name_or_path not in shipped():
        raise ElectionError(
            f"There is no election {name_or_path!r}; shipped are {', '.join(shipped())}. Give a path for your own file"
        )
    return Path(str(files("elections").joinpath(f"{name_or_path}.yaml")))


def _read(path: Path) -> ElectionFile:
    try:
        if path.stat().st_size > _MAX_FILE:
            raise ElectionError(f"{path} is larger than 1 MB; an election file is a page long")
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
    except (OSError, ValueError, yaml.YAMLError) as error:  # ValueError: no UTF-8, or a date such as 2024-13-27
        raise ElectionError(f"{path} cannot be read as YAML: {' '.join(str(error).split())}") from error
    if not isinstance(data, dict):
        raise ElectionError(f"{path} has no keys; start from a shipped file such as elections/sumsel-2024.yaml")
    try:
        return ElectionFile.model_validate(data)
    except ValidationError as error:
        raise ElectionError("\n".join(_sentence(path, one) for one in error.errors())) from error


def _sentence(path: Path, error: Any) -> str:
    """One mistake of an election file as a sentence that names the key and says what to do."""
    key = ".".join(str(part) for part in error["loc"])
    match error["type"]:
        case "missing":
            what = "is missing; add it"
        case "extra_forbidden":
            known = ", ".join(PhaseRule.model_fields if key.startswith("phases.") else ElectionFile.model_fields)
            what = f"is not known; the keys here are {known}"
        case "string_type" if key == "area":
            what = f'is the number {error["input"]} to YAML; put the code in quotes, such as area: "16.10"'
        case _:
            what = f"{error['msg'].removeprefix('Value error, ')} (it is {error['input']!r})" if key else error["msg"]
            what = what.removeprefix("Value error, ")
    return f"{path}: {key}: {what}" if key else f"{path}: {what}"


def _read_vulnerability(path: Path) -> dict[str, str]:
    """Class by code from a CSV file with the columns code and class; a code may be a region's or a TPS's."""
    listed: dict[str, str] = {}
    try:
        with path.open(newline="", encoding="utf-8-sig") as stream:
            reader = csv.DictReader(stream)
            if not {"code", "class"} <= set(reader.fieldnames or ()):
                raise ElectionError(f"{path}: the first line must name the columns code and class")
            for row in reader:
                code, slash, number = (row["code"] or "").strip().partition("/")
                dotted = codes.normalise(code)
                if dotted is None or (slash and not (number.isdecimal() and len(dotted) == 13)):
                    raise ElectionError(
                        f"{path}, line {reader.line_num}: {row['code']!r} is no code of a region or TPS"
                    )
                key = f"{dotted}/{int(number):03d}" if slash else dotted
                if key in listed:
                    raise ElectionError(f"{path}, line {reader.line_num}: {key} is there twice; keep one line")
                if not (label := (row["class"] or "").strip()):
                    raise ElectionError(
                        f"{path}, line {reader.line_num}: the class of {key} is empty; name it or leave the line out"
                    )
                listed[key] = label
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise ElectionError(
            f"{path} cannot be read as CSV ({error}); it is the vulnerability list of an election file"
        ) from error
    return listed
