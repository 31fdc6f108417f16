"""Migrations: numbered SQL files in `sinks/schema`, applied once each, in order, and recorded in `posko.migrations`."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from clickhouse_connect.driver.client import Client

from posko import log

FOLDER = Path(__file__).parent / "schema"
_NAME = re.compile(r"(\d{4})_([a-z0-9_]+)\.sql")
# A quoted text, a comment to the end of the line, or a semicolon: only a bare semicolon ends a statement.
_TOKEN = re.compile(r"'(?:[^'\\]|\\.|'')*'|--[^\n]*|;")
_RECORD = """
CREATE TABLE IF NOT EXISTS posko.migrations
(
    number UInt32,
    name String,
    sha256 String,
    applied_at DateTime64(3, 'UTC') DEFAULT now64(3)
)
ENGINE = ReplacingMergeTree
ORDER BY number
"""


class MigrationError(Exception):
    """The schema in ClickHouse and the files do not fit together; the text says where and what to do."""


@dataclass(frozen=True)
class Migration:
    """One file: its number, its name without number and suffix, and its text."""

    number: int
    name: str
    sql: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.sql.encode()).hexdigest()

    @property
    def statements(self) -> list[str]:
        return list(_statements(self.sql))


def load(folder: Path = FOLDER) -> list[Migration]:
    """The migrations of a folder by number. Raises MigrationError for a name out of form, a number used twice or left
    out.
    """
    found = []
    for path in sorted(folder.glob("*.sql")):
        named = _NAME.fullmatch(path.name)
        if not named:
            raise MigrationError(
                f"{path}: call it NNNN_what_it_does.sql (four digits, lower-case letters, digits, underscores)"
            )
        found.append(Migration(int(named[1]), named[2], path.read_text()))
    for expected, migration in enumerate(found, 1):
        if migration.number != expected:
            raise MigrationError(
                f"{folder}: expected number {expected:04d} but found {migration.number:04d}_{migration.name}.sql; "
                "numbers start at 0001, without gaps, each used once"
            )
    return found


def apply(client: Client, migrations: list[Migration] | None = None) -> list[Migration]:
    """Apply what is not yet applied and return it.

    Several sinks may do this at once: every statement is idempotent (IF NOT EXISTS, OR REPLACE), and a number
    recorded twice collapses. A file that was interrupted half way is run again from its first statement. Raises
    MigrationError when an applied file was changed or is unknown here.
    """
    migrations = load() if migrations is None else migrations
    client.command("CREATE DATABASE IF NOT EXISTS posko")
    client.command(_RECORD)
    applied = {
        number: (name, sha256)
        for number, name, sha256 in client.query("SELECT number, name, sha256 FROM posko.migrations FINAL").result_rows
    }
    _compare(applied, migrations)
    fresh = [migration for migration in migrations if migration.number not in applied]
    for migration in fresh:
        for statement in migration.statements:
            client.command(statement)
        client.command(
            "INSERT INTO posko.migrations (number, name, sha256) "
            "SELECT {number:UInt32}, {name:String}, {sha256:String}",
            parameters={"number": migration.number, "name": migration.name, "sha256": migration.sha256},
        )
        log.get("sinks").info("migration applied", number=migration.number, name=migration.name)
    return fresh


def _compare(applied: dict[int, tuple[str, str]], migrations: list[Migration]) -> None:
    known = {migration.number: migration for migration in migrations}
    for number, (name, sha256) in sorted(applied.items()):
        if number not in known:
            raise MigrationError(
                f"posko.migrations has {number:04d}_{name}, which this version does not know: "
                "the database was made by a newer version of posko; install that version"
            )
        if known[number].sha256 != sha256:
            raise MigrationError(
                f"sinks/schema/{number:04d}_{known[number].name}.sql was changed after it was applied (as {name}): "
                "put the file back as it was, and make the change in a new file with the next number"
            )


def _statements(sql: str) -> Iterator[str]:
    """The statements of a file: split at semicolons outside quotes and comments; comments are left out."""
    start, kept = 0, []
    for token in _TOKEN.finditer(sql):
        if token[0].startswith("'"):
            continue
        kept.append(sql[start : token.start()])
        start = token.end()
        if token[0] == ";":
            if statement := "".join(kept).strip():
                yield statement
            kept = []
    kept.append(sql[start:])
    if statement := "".join(kept).strip():
        yield statement
