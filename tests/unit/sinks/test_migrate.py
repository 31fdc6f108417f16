from __future__ import annotations

from pathlib import Path

import pytest

from sinks import migrate
from sinks.migrate import Migration, MigrationError


def folder(path: Path, *names: str) -> Path:
    for name in names:
        (path / name).write_text("SELECT 1;")
    return path


def test_the_shipped_migrations_are_numbered_without_gaps() -> None:
    shipped = migrate.load()
    assert [migration.number for migration in shipped] == list(range(1, len(shipped) + 1))
    assert all(migration.statements for migration in shipped)


def test_semicolons_in_quotes_and_comments_end_no_statement() -> None:
    sql = "-- first; still a comment\nSELECT ';', 'it''s', '\\';' ; -- end;\n\n;SELECT 2"
    assert Migration(1, "x", sql).statements == ["SELECT ';', 'it''s', '\\';'", "SELECT 2"]


@pytest.mark.parametrize("names", [("0001_a.sql", "0003_c.sql"), ("0001_a.sql", "0001_b.sql"), ("0002_b.sql",)])
def test_a_number_left_out_or_used_twice_is_refused(tmp_path: Path, names: tuple[str, ...]) -> None:
    with pytest.raises(MigrationError, match="without gaps"):
        migrate.load(folder(tmp_path, *names))


def test_a_name_out_of_form_says_what_to_call_it(tmp_path: Path) -> None:
    with pytest.raises(MigrationError, match="NNNN_what_it_does"):
        migrate.load(folder(tmp_path, "1-tables.sql"))
