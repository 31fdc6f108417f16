"""The answer to a question of `posko sql` or `posko query`: to the screen or a file, in the format asked for."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

import typer

from posko.errors import first_line
from sinks.options import failed

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

TABLE = "PrettyCompactMonoBlock"
BINARY_OF_CLICKHOUSE = ("Parquet", "Arrow", "ArrowStream", "ORC", "Avro", "Native", "RowBinary", "MsgPack", "BSON")
SAY_AFTER, SAY_EVERY = 1.0, 0.5  # seconds


def give(client: Client, asked: str, given: dict[str, Any], output: str, out: Path | None) -> None:
    """Ask and write the answer as it comes, so that a large one needs little memory. `out` is whole or unchanged.

    `output`: table, one of `sinks.exports.FORMATS`, or a format of ClickHouse's. Raises typer.Exit with what was wrong.
    """
    from sinks import exports

    if out is None and is_screen() and (output in exports.BINARY or output.startswith(BINARY_OF_CLICKHOUSE)):
        raise failed(f"{output} is nothing for a screen; name a file with --out, or send it on with | or >", 2)
    try:
        with _opened(out) as (stream, progress):
            if output in exports.FORMATS:
                _exported(client, asked, given, output, stream, progress)
            else:
                _raw(client, asked, given, TABLE if output == "table" else output, stream, progress)
    except BrokenPipeError:
        # Whoever read has enough (`| head`); what Python still holds must not be tried again at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise typer.Exit(0) from None
    except exports.TooLarge as error:
        raise failed(str(error)) from error
    except OSError as error:
        raise failed(f"{out or 'standard output'} cannot be written: {error.strerror or error}", 2) from error
    except typer.Exit:
        raise
    except Exception as error:
        raise failed(first_line(error, 1000)) from error


def is_screen() -> bool:
    """Whether a person would see what is written to standard output."""
    return sys.stdout.isatty()


class Progress:
    """One line on standard error of a terminal, for what takes longer than a second."""

    def __init__(self, unit: str = "rows") -> None:
        self._began = self._said = time.monotonic()
        self._unit, self._count, self._shows = unit, 0, False

    def add(self, count: int, unit: str) -> None:
        """So many more were written."""
        self._count, self._unit = self._count + count, unit
        now = time.monotonic()
        if now - self._began >= SAY_AFTER and now - self._said >= SAY_EVERY and sys.stderr.isatty():
            self._said, self._shows = now, True
            sys.stderr.write(f"\r\x1b[K{self._count:,} {self._unit} ...")
            sys.stderr.flush()

    def end(self) -> None:
        """Take the line away."""
        if self._shows:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()


def _exported(
    client: Client, asked: str, given: dict[str, Any], name: str, stream: BinaryIO, progress: Progress
) -> None:
    from sinks import exports

    with client.query_row_block_stream(asked, parameters=given or None) as blocks:
        source = blocks.source
        columns = [
            exports.Column(column, kind.name)
            for column, kind in zip(source.column_names, source.column_types, strict=True)
        ]
        writer = exports.open_writer(name, stream, columns)
        try:
            for rows in blocks:
                writer.add(rows)
                progress.add(len(rows), "rows")
        except BaseException:
            writer.drop()
            raise
    writer.end()


def _raw(client: Client, asked: str, given: dict[str, Any], name: str, stream: BinaryIO, progress: Progress) -> None:
    # As a default, so that a FORMAT written in the query is what counts.
    with client.raw_stream(asked, parameters=given or None, transport_settings={"X-ClickHouse-Format": name}) as answer:
        for block in answer:
            stream.write(block)
            progress.add(len(block), "bytes")
    stream.flush()


@contextmanager
def _opened(out: Path | None) -> Iterator[tuple[BinaryIO, Progress]]:
    """Where to write. A file appears, or changes, when everything is in it."""
    progress = Progress()
    try:
        if out is None:
            yield sys.stdout.buffer, progress
            return
        partial = out.with_name(f".{out.name}.{os.getpid()}.part")
        try:
            with partial.open("wb") as stream:
                yield stream, progress
                stream.flush()
                os.fsync(stream.fileno())
            partial.replace(out)
        finally:
            partial.unlink(missing_ok=True)
    finally:
        progress.end()
