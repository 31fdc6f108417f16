"""A row as a report, or what is wrong with it: in which column, and what to do."""

from __future__ import annotations

import re
from collections.abc import Mapping as Cells
from datetime import date, datetime, time
from typing import Any
from uuid import UUID, uuid5

import orjson

from posko.context import Context
from posko.report import Invalid
from producers.gateway.check import Check
from producers.imports.mapping import Column, Mapping
from producers.sms import category as categories
from producers.sms.grammar import CERTAIN

SPACE = UUID("2f6f3a58-7f0e-5a34-9c60-1c0a8c1e7b42")  # of the ids of rows
_FORMULA = re.compile(r"=|[+@-]\s*[A-Za-z_.]+\s*\(|[+@-][^\n]*\|[^\n]*!")
_NUMBER = re.compile(r"-?\d{1,3}(?:[.,]\d+)?")
_TIMES = (
    "%d/%m/%Y %H:%M", "%d/%m/%Y %H.%M", "%d-%m-%Y %H:%M", "%d-%m-%Y %H.%M", "%d/%m/%Y %H:%M:%S", "%d-%m-%Y %H:%M:%S",
    "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y %H:%M", "%d.%m.%Y",
)  # fmt: skip


class Wrong(Exception):
    """A row that is no report. `column` as the file names it, `""` for the whole row; `problem` one sentence with what
    to do."""

    def __init__(self, column: str, problem: str) -> None:
        super().__init__(column, problem)
        self.column, self.problem = column, problem


class Converter:
    """Makes reports of rows. The same row always gives the same report, with the same id."""

    def __init__(self, mapping: Mapping, context: Context, source: str) -> None:
        """`source` names the list where the mapping does not: ids of different lists never meet."""
        self._mapping, self._context, self._check = mapping, context, Check(context)
        self._source = mapping.source or source
        self._zone = mapping.timezone or context.election.timezone

    def __call__(self, cells: Cells[str, Any], now: datetime) -> dict[str, Any]:
        """The report in a row. Raises Wrong. `now` stands in for a time that no column has."""
        found = {field: self._value(field, column, cells) for field, column in self._mapping.fields.items()}
        text = str(found.get("text") or "").strip()
        if not text:
            raise Wrong(self._column("text"), "there is no text; say what happened")
        reporter = self._mapping.reporter
        report: dict[str, Any] = {
            "category": self._category(found.get("category"), text),
            "text": text,
            "reporter": {
                "id": str(found.get("reporter_id") or reporter.id),
                "role": str(found.get("role") or reporter.role),
                "institution": str(found.get("institution") or reporter.institution),
            },
            "channel": "import",
        }
        if kind := found.get("kind"):
            report["kind"] = str(kind).strip()
        self._place(found, report)
        for field in ("lat", "lng"):
            if found.get(field) not in (None, ""):
                report[field] = self._number(field, found[field])
        if found.get("severity") not in (None, ""):
            report["severity"] = self._number("severity", found["severity"])
        occurred, reported = (self._time(field, found.get(field)) for field in ("occurred_at", "reported_at"))
        if occurred:
            report["occurred_at"] = occurred
        report["report_id"] = self._id(found, report, reported, cells)
        report["reported_at"] = reported or occurred or now.isoformat()
        self._checked(report, now)
        return report

    def _value(self, field: str, column: Column, cells: Cells[str, Any]) -> Any:
        parts = [cells[name] for name in column.columns if cells.get(name) not in (None, "")]
        for name in column.columns:
            if isinstance(cells.get(name), str) and _FORMULA.match(cells[name].strip()):
                raise Wrong(name, "it is a formula; put in the value that it shows")
        value = parts[0] if len(parts) == 1 else ", ".join(str(part) for part in parts)
        if isinstance(value, str):
            value = value.strip()
        if column.values and value != "":
            known = {str(name).casefold(): meant for name, meant in column.values.items()}
            value = known.get(str(value).casefold(), value)
        return column.default if value == "" else value

    def _category(self, given: Any, text: str) -> str:
        catalog = self._context.catalog
        if given:
            word = str(given).strip()
            if word in catalog.categories:
                return word
            if found := categories.named(word.split()[0], catalog):
                return found.category
            offered = ", ".join(catalog.categories)
            raise Wrong(self._column("category"), f"the category is not known; write one of {offered}, or map it")
        if found_code := categories.guess(text, catalog):
            return found_code
        raise Wrong(self._column("category"), "there is no category, and the text does not say it clearly; fill it in")

    def _place(self, found: dict[str, Any], report: dict[str, Any]) -> None:
        """`tps` whole, or its number beside a kelurahan; `area` as code, or as name in `place`."""
        regions = self._context.regions
        area, tps, named = (str(found.get(field) or "").strip() for field in ("area", "tps", "place"))
        code = regions.normalise_code(area) if area else None
        if area and (code is None or regions.get(code) is None):
            raise Wrong(self._column("area"), "no region has this code; write a Kemendagri code such as 16.71.01.1001")
        if not code and named:
            # Cells from the village to the kabupaten decide together which of several places of one name is meant.
            code = next(
                (one.code for one in regions.find(named, self._context.election.area) if one.score >= CERTAIN), ""
            )
            if not code and "/" not in tps:
                raise Wrong(
                    self._column("place"), "this place is not known, or there are several; add kecamatan or a code"
                )
        number = re.fullmatch(r"(?:tps\s*)?0*(\d{1,3})(?:\.0)?", tps, re.IGNORECASE)
        if number and code and len(code) >= 13:
            report["tps"] = f"{code}/{int(number[1]):03d}"
        elif tps and not number:
            report["tps"] = tps
        elif code:
            report["area"] = code
            if number:
                report["text"] = f"TPS {number[1]}: {report['text']}"

    def _number(self, field: str, value: Any) -> float | int:
        if isinstance(value, int | float) and not isinstance(value, bool):
            return value
        written = str(value).strip()
        if not _NUMBER.fullmatch(written):
            raise Wrong(self._column(field), "it is no number; write it with digits, such as -2.99")
        number = float(written.replace(",", "."))
        return int(number) if number.is_integer() else number

    def _time(self, field: str, value: Any) -> str:
        """A time in any usual writing, or as the mapping's `format` says, with offset; `""` for an empty cell."""
        if value in (None, ""):
            return ""
        if isinstance(value, datetime):
            at = value
        elif isinstance(value, date):
            at = datetime.combine(value, time())
        else:
            at = self._read_time(field, " ".join(str(value).split()))
        return (at if at.tzinfo else at.replace(tzinfo=self._zone)).isoformat()

    def _read_time(self, field: str, written: str) -> datetime:
        formats = [self._mapping.fields[field].format] if self._mapping.fields[field].format else _TIMES
        plain = re.sub(r"\s*(?:WIB|WITA|WIT)$", "", written, flags=re.IGNORECASE)
        if not self._mapping.fields[field].format:
            try:
                return datetime.fromisoformat(written)
            except ValueError:
                pass
        for form in formats:
            try:
                return datetime.strptime(plain, form)
            except ValueError:
                continue
        raise Wrong(
            self._column(field), "this time is not understood; write 27/11/2024 07:05 or 2024-11-27T07:05:00+07:00"
        )

    def _id(self, found: dict[str, Any], report: dict[str, Any], reported: str, cells: Cells[str, Any]) -> str:
        given = str(found.get("report_id") or "")
        if given:
            try:
                return str(UUID(given))
            except ValueError:
                return str(uuid5(SPACE, f"{self._source}\0{given}"))
        if self._mapping.id:
            own = [str(cells.get(name, "")).strip() for name in self._mapping.id]
            if not all(own):
                raise Wrong(", ".join(self._mapping.id), "the row has no id; fill it in")
            return str(uuid5(SPACE, "\0".join((self._source, *own))))
        said = orjson.dumps([report, reported], option=orjson.OPT_SORT_KEYS).decode()
        return str(uuid5(SPACE, f"{self._source}\0{said}"))

    def _checked(self, report: dict[str, Any], now: datetime) -> None:
        try:
            self._check(orjson.dumps(report), int(now.timestamp() * 1000))
        except Invalid as error:
            field = {"reporter.role": "role", "reporter.institution": "institution"}.get(error.field, error.field)
            raise Wrong(self._column(field), error.detail or str(error)) from None

    def _column(self, field: str) -> str:
        column = self._mapping.fields.get(field)
        return " + ".join(column.columns) if column and column.columns else field
