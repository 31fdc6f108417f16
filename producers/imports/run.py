"""One import: every row is a report on its way to Kafka, or a line in the file of mistakes."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TextIO

import orjson

from posko.context import Context
from producers.client import Client, OutboxFull
from producers.imports import mapping as mappings
from producers.imports import tables
from producers.imports.convert import Converter, Wrong
from producers.imports.mapping import Mapping, MappingError
from producers.imports.memory import Done, Memory, key_of
from producers.imports.tables import Row, Unusable

AT_ONCE = 200  # reports in one step: what is sent again at most when it is cut off
FULL_S = 5.0  # the outbox is full: Kafka is given so long to take some of it
SHOWN = 3  # reports that a dry run shows
HEADING = ("row", "column", "problem")

Moved = Callable[[int], None]  # told the number of rows that were looked at


@dataclass
class Outcome:
    """What became of a file. `examples`: its first reports, of a dry run; `mistakes`: where the wrong rows are."""

    sent: int = 0
    wrong: int = 0
    before: int = 0  # rows that an earlier, cut off run had done
    again: bool = False  # it was imported already; nothing was done
    mistakes: Path | None = None
    examples: list[dict[str, Any]] = field(default_factory=list)


class Import:
    """Imports files for one election."""

    def __init__(self, context: Context, mapping: Path | None) -> None:
        """Raises MappingError when the mapping file cannot be used."""
        self._context, self._mapping_file = context, mapping
        self._mapping = mappings.load(mapping) if mapping else None

    def dry(self, file: Path, moved: Moved = lambda rows: None) -> Outcome:
        """Look at every row and send nothing. Raises Unusable, MappingError."""
        outcome = Outcome()
        with self._written(file, 0) as write:
            for row, report in self._reports(file, 0, moved):
                if isinstance(report, Wrong):
                    outcome.wrong += 1
                    write(row, report)
                else:
                    outcome.sent += 1
                    if len(outcome.examples) < SHOWN:
                        outcome.examples.append(report)
        outcome.mistakes = mistakes_of(file) if outcome.wrong else None
        return outcome

    def run(
        self, file: Path, client: Client, memory: Memory, again: bool = False, moved: Moved = lambda rows: None
    ) -> Outcome:
        """Import a file, from where it was cut off; `again`: from the beginning even if it was finished.

        Every report is on disk, on its way to Kafka, when this returns. Raises Unusable, MappingError.
        """
        key = key_of(file, self._mapping_file)
        if again:
            memory.forget(key)
        done = memory.of(key)
        if done.finished:
            return Outcome(done.sent, done.wrong, done.row, True, mistakes_of(file) if done.wrong else None)
        outcome = Outcome(done.sent, done.wrong, done.row)
        batch: list[dict[str, Any]] = []
        last = done.row
        with self._written(file, done.row) as write:
            for row, report in self._reports(file, done.row, moved):
                if isinstance(report, Wrong):
                    outcome.wrong += 1
                    write(row, report)
                else:
                    batch.append(report)
                last = row.number
                if len(batch) >= AT_ONCE:
                    self._put(batch, client, outcome)
                    memory.put(key, Done(last, outcome.sent, outcome.wrong, False))
            self._put(batch, client, outcome)
        memory.put(key, Done(last, outcome.sent, outcome.wrong, True))
        outcome.mistakes = mistakes_of(file) if outcome.wrong else None
        return outcome

    def _put(self, batch: list[dict[str, Any]], client: Client, outcome: Outcome) -> None:
        while batch:
            try:
                client.put_all(batch)
                break
            except OutboxFull:
                client.drain(FULL_S)
        outcome.sent += len(batch)
        batch.clear()

    def _reports(self, file: Path, after: int, moved: Moved) -> Iterator[tuple[Row, dict[str, Any] | Wrong]]:
        stand_in = datetime.fromtimestamp(file.stat().st_mtime, UTC)  # the same in every run: so are the reports
        sheet = self._mapping.sheet if self._mapping else ""
        convert: Converter | None = None
        looked = 0
        for row in tables.rows(file, sheet):
            looked += 1
            moved(looked)
            if row.number <= after:
                continue
            if row.problem:
                yield row, Wrong("", row.problem)
                continue
            try:
                if convert is None:
                    convert = Converter(self._mapping_for(row), self._context, file.stem)
                yield row, convert(row.cells, stand_in)
            except Wrong as wrong:
                yield row, wrong

    def _mapping_for(self, row: Row) -> Mapping:
        if self._mapping is None:
            return mappings.usual(row.cells)
        missing = self._mapping.named - row.cells.keys()
        if missing == self._mapping.named:
            raise MappingError(f"No column of the mapping is in the file; it has {', '.join(list(row.cells)[:30])}")
        return self._mapping

    @contextmanager
    def _written(self, file: Path, after: int) -> Iterator[Callable[[Row, Wrong], None]]:
        """Writes wrong rows into the file of mistakes beside `file`, behind those up to row `after` that an earlier run
        found; without any there is no such file."""
        path = mistakes_of(file)
        _cut(path, after)
        out: TextIO | None = None

        def write(row: Row, wrong: Wrong) -> None:
            nonlocal out
            if out is None:
                new = not path.exists()
                out = path.open("a", encoding="utf-8", newline="")
                if new:
                    csv.writer(out).writerow(HEADING)
            csv.writer(out).writerow((row.number, wrong.column, wrong.problem))

        try:
            yield write
        finally:
            if out is not None:
                out.close()


def _cut(path: Path, after: int) -> None:
    """Leave the mistakes up to row `after`: what follows is found again."""
    if not path.exists():
        return
    with path.open(encoding="utf-8", newline="") as old:
        heading, *rows = [*csv.reader(old)] or [list(HEADING)]
    kept = [row for row in rows if row and row[0].isdecimal() and int(row[0]) <= after]
    if not kept:
        path.unlink()
        return
    with path.open("w", encoding="utf-8", newline="") as new:
        csv.writer(new).writerows([heading, *kept])


def mistakes_of(file: Path) -> Path:
    """Where the wrong rows of a file are listed."""
    return file.with_name(f"{file.name}.errors.csv")


def shown(examples: Sequence[dict[str, Any]]) -> str:
    """Reports as a dry run shows them."""
    return "\n".join(orjson.dumps(one, option=orjson.OPT_INDENT_2).decode() for one in examples)


__all__ = ["Import", "MappingError", "Outcome", "Unusable", "mistakes_of", "shown"]
