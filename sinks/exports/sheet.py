"""A spreadsheet (Office Open XML), for those who go on in Excel or LibreOffice."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any, BinaryIO

from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from sinks.exports.shape import FORMULA, Column, Row, TooLarge, Writer, cell, in_utc

# Source: Microsoft, "Excel specifications and limits".
MOST_ROWS, MOST_TEXT = 1_048_576, 32_767
EXACT = 2**53  # whole numbers beyond are rounded by spreadsheets
WIDTH = 8, 60  # of a column, in characters


class Xlsx(Writer):
    """One sheet with a fixed line of names. Texts are texts, whatever they begin with; times are UTC."""

    def __init__(self, output: BinaryIO, columns: list[Column]) -> None:
        super().__init__(output, columns)
        self._book = Workbook(write_only=True)
        self._sheet = self._book.create_sheet("Posko")
        self._sheet.freeze_panes = "A2"
        for number, column in enumerate(columns, 1):
            width = min(max(len(column.name) + 2, WIDTH[0], 22 if "String" in column.kind else 0), WIDTH[1])
            self._sheet.column_dimensions[get_column_letter(number)].width = width
        heads = [self._text(column.name) for column in columns]
        for head in heads:
            head.font = Font(bold=True)
        self._sheet.append(heads)
        self._rows = 1

    def add(self, rows: Sequence[Row]) -> None:
        self._rows += len(rows)
        if self._rows > MOST_ROWS:
            raise TooLarge(
                f"A spreadsheet holds {MOST_ROWS - 1:,} rows and there are more; ask for fewer, or take --format "
                "parquet or csv"
            )
        for row in rows:
            self._sheet.append([self._cell(value) for value in row])

    def end(self) -> None:
        self._book.save(self._output)
        self._output.flush()

    def drop(self) -> None:
        self._sheet.close()

    def _cell(self, value: Any) -> Any:
        if isinstance(value, datetime):
            made = WriteOnlyCell(self._sheet, in_utc(value).replace(tzinfo=None))
            made.number_format = "yyyy-mm-dd hh:mm:ss"
            return made
        if isinstance(value, date):
            return value
        shown = cell(value)
        if isinstance(shown, int) and abs(shown) > EXACT:
            shown = str(shown)
        return self._text(shown) if isinstance(shown, str) else shown

    def _text(self, text: str) -> Any:
        """A cell that stays a text when somebody edits it too."""
        made = WriteOnlyCell(self._sheet, ILLEGAL_CHARACTERS_RE.sub("�", text)[:MOST_TEXT])
        made.data_type = "s"
        if text.startswith(FORMULA):
            made.quotePrefix = True
        return made
