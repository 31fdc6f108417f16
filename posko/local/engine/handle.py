"""One connection to chDB: runs a statement, streams a result, takes an INSERT's data. Used by one thread at a time."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import chdb

from posko.local.engine import sql
from posko.local.engine.auth import Role
from posko.local.engine.errors import CANNOT_WRITE_TO_FILE, SYNTAX_ERROR, UNKNOWN_SETTING, ClickHouseError

_SETTING = re.compile(r"[A-Za-z_][A-Za-z0-9_.]*\Z")
_DEFAULT_DATABASE = "default"
SPOOL = "tmp"  # folder in the engine's own, which is the process's working directory


@dataclass
class Progress:
    """What a statement has read and written so far."""

    read_rows: int = 0
    read_bytes: int = 0
    written_rows: int = 0
    written_bytes: int = 0
    result_rows: int = 0
    result_bytes: int = 0


class Handle:
    """A connection with a role, a current database and settings."""

    def __init__(self, address: str, role: Role, base: Mapping[str, str]) -> None:
        """Connect to `address`, a chDB connection string, as `role`; `base` are the settings it starts from."""
        self.role = role
        self._base = dict(base)
        self._connection = chdb.connect(address)
        self._raw: Any = self._connection._conn  # classify_query has no public wrapper
        self._database = _DEFAULT_DATABASE
        self._settings: dict[str, str] = {}
        self._run(f"SET ROLE {role.value}")
        self._apply(self._base)
        if role is Role.READER:
            self._run("SET readonly = 2")  # from here on it cannot write, nor become able to

    def prepare(self, database: str, settings: Mapping[str, str]) -> None:
        """Make `database` the current one, and exactly `settings` those that differ from the base."""
        self._apply({**self._base, **settings})
        if stale := [name for name in self._settings if name not in settings and name not in self._base]:
            self._run("SET " + ", ".join(f"{name} = DEFAULT" for name in stale))
            for name in stale:
                del self._settings[name]
        self.use(database)

    def use(self, database: str) -> None:
        """Make `database` the current one."""
        if database != self._database:
            self._run(f"USE {sql.identifier(database)}")
            self._database = database

    def set_parameters(self, parameters: Mapping[str, str]) -> None:
        """Set query parameters for the rest of this connection's life: an INSERT with data has no other way."""
        for name, value in parameters.items():
            self._run(f"SET param_{_named(name)} = {sql.literal(value)}")

    def classify(self, query: str) -> tuple[str, int]:
        """See `gate.Parser`."""
        try:
            report = self._raw.classify_query(query)
        except Exception as error:
            raise ClickHouseError.of(error) from None
        return report["query_class"].name, report["statement_count"]

    def canonical(self, query: str) -> str:
        """See `gate.Parser`."""
        parameters = {"posko_query": sql.parameter(query)}
        try:
            result = self._run("SELECT formatQuery({posko_query:String})", "RawBLOB", parameters)
        except ClickHouseError as error:
            text = error.text.partition(": In scope SELECT formatQuery(")[
                0
            ]  # the mistake is in their query, not in ours
            raise ClickHouseError(error.code, f"{text.removesuffix(' (SYNTAX_ERROR)')} (SYNTAX_ERROR)") from None
        return bytes(result.bytes()).decode()

    def run(self, query: str, output: str, parameters: Mapping[str, str], progress: Progress) -> bytes:
        """Run a statement and return its whole result in the format `output`, unless the query names another."""
        result = self._run(query, output, parameters)
        data: bytes = result.bytes()
        _count(progress, result, len(data))
        return data

    def stream(self, query: str, output: str, parameters: Mapping[str, str], progress: Progress) -> Iterator[bytes]:
        """Run a SELECT and yield its result block by block; only for formats that can be joined from pieces."""
        try:
            blocks = self._connection.send_query(query, output, params=dict(parameters))
        except Exception as error:
            raise ClickHouseError.of(error) from None
        try:
            for block in blocks:
                data = block.bytes()
                _count(progress, block, len(data))
                yield data
        except GeneratorExit:
            raise
        except Exception as error:
            raise ClickHouseError.of(error) from None
        finally:
            with suppress(Exception):
                blocks.close()

    def insert(self, head: str, format_name: str, data: Iterable[bytes], progress: Progress) -> None:
        """Insert `data` in format `format_name`; `head` is the INSERT without FORMAT. Returns when rows are stored.

        By way of a file, because chDB's streaming insert (26.9) reports rows as written whose block it could not store:
        an error in the last step, such as a full disk, is swallowed. A statement of its own tells of every error.
        """
        try:
            with tempfile.NamedTemporaryFile(dir=SPOOL, prefix="insert-") as file:
                for piece in data:
                    file.write(piece)
                file.flush()
                result = self._run(f"{sql.from_infile(head, file.name)} FORMAT {format_name}")
        except OSError as error:
            text = f"The data could not be kept in {SPOOL}: {error.strerror}"
            raise ClickHouseError.say(CANNOT_WRITE_TO_FILE, text) from None
        progress.written_rows, progress.written_bytes = result.rows_written(), result.bytes_written()

    def close(self) -> None:
        self._connection.close()

    def _apply(self, settings: Mapping[str, str]) -> None:
        changed = {name: value for name, value in settings.items() if self._settings.get(name) != value}
        if changed:  # in one statement: each is a turn of chDB's threads, which counts when the machine is busy
            self._run("SET " + ", ".join(f"{_named(name)} = {sql.literal(value)}" for name, value in changed.items()))
            self._settings |= changed

    def _run(self, query: str, output: str = "TabSeparated", parameters: Mapping[str, str] | None = None) -> Any:
        try:
            return self._connection.query(query, output, params=dict(parameters or {}))
        except Exception as error:
            raise ClickHouseError.of(error) from None


def _named(setting: str) -> str:
    if not _SETTING.match(setting):
        code = UNKNOWN_SETTING if setting else SYNTAX_ERROR
        raise ClickHouseError.say(code, f"Unknown setting {setting!r}")
    return setting


def _count(progress: Progress, result: Any, size: int) -> None:
    progress.result_rows += result.rows_read()
    progress.result_bytes += size
    progress.read_rows = max(progress.read_rows, result.storage_rows_read())
    progress.read_bytes = max(progress.read_bytes, result.storage_bytes_read())
    progress.written_rows = max(progress.written_rows, result.rows_written())
    progress.written_bytes = max(progress.written_bytes, result.bytes_written())
