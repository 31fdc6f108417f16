"""What people type: posko sql, query, migrate."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from posko.settings import Settings
from sinks import answer, commands, queries
from tests.integration.sink_tables import empty


@pytest.fixture
def posko(engine: Settings, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    empty(engine).close()
    monkeypatch.setenv("POSKO_DATA", str(engine.data))
    monkeypatch.setenv("POSKO_PORT_BASE", str(engine.port_base))
    app = typer.Typer()
    commands.register(app)
    return app


def run(app: typer.Typer, *words: str) -> tuple[int, str, str]:
    done = CliRunner().invoke(app, list(words))
    return done.exit_code, done.stdout, done.stderr


def test_sql_answers_in_the_format_asked_for_with_parameters_sent_apart(posko: typer.Typer) -> None:
    text = "it's; DROP TABLE posko.reports"
    status, answer, _ = run(posko, "sql", "SELECT {x:String} AS x", "--param", f"x={text}", "--format", "JSONEachRow")
    assert (status, json.loads(answer)) == (0, {"x": text})


def test_a_mistake_in_sql_is_one_line_and_status_1(posko: typer.Typer) -> None:
    status, answer, complaint = run(posko, "sql", "SELECT nothing FROM posko.reports")
    assert (status, answer) == (1, "")
    assert complaint.startswith("posko: ")
    assert len(complaint.splitlines()) == 1
    assert "nothing" in complaint


def test_a_saved_question_is_asked_by_name(posko: typer.Typer) -> None:
    status, answer, _ = run(posko, "query", "totals", "--format", "JSONEachRow")
    assert status == 0
    assert json.loads(answer) == {"reports": 0, "incidents": 0, "open": 0, "resends": 0, "rejected": 0}


def test_the_list_shows_every_question(posko: typer.Typer) -> None:
    status, answer, _ = run(posko, "query", "--list")
    assert status == 0
    assert all(name in answer.splitlines() for name in queries.names())


@pytest.mark.parametrize(
    ("words", "complaint"),
    [
        (["nothing"], "There is no saved question"),
        (["totals", "--param", "x=1"], "it has none"),
        (["totals", "--param", "x"], "name=value"),
    ],
    ids=["unknown name", "unknown parameter", "no value"],
)  # fmt: skip
def test_a_wrong_name_or_parameter_says_what_there_is(posko: typer.Typer, words: list[str], complaint: str) -> None:
    status, _, said = run(posko, "query", *words)
    assert status == 2
    assert complaint in said


def test_migrate_says_where_the_schema_is(posko: typer.Typer) -> None:
    status, answer, said = run(posko, "migrate")
    assert (status, answer) == (0, "")
    assert said.startswith("0 applied")


@pytest.mark.parametrize("form", ["csv", "json", "parquet", "xlsx", "table"])
def test_an_answer_becomes_a_file(posko: typer.Typer, tmp_path: Path, form: str) -> None:
    out = tmp_path / f"totals.{form}"
    status, answer, said = run(posko, "query", "totals", "--format", form, "--out", str(out))
    assert (status, answer, said) == (0, "", "")
    content = out.read_bytes()
    if form == "json":
        assert json.loads(content) == [{"reports": 0, "incidents": 0, "open": 0, "resends": 0, "rejected": 0}]
    elif form == "csv":
        assert content == b"reports,incidents,open,resends,rejected\r\n0,0,0,0,0\r\n"
    elif form == "table":
        assert "resends" in content.decode()
    else:
        assert content[:4] == {"parquet": b"PAR1", "xlsx": b"PK\x03\x04"}[form]
    assert list(tmp_path.iterdir()) == [out]


def test_a_question_that_fails_leaves_the_file_of_before(posko: typer.Typer, tmp_path: Path) -> None:
    out = tmp_path / "kept.parquet"
    out.write_text("yesterday's")
    asked = "SELECT throwIf(number > 200000) FROM numbers(300000)"
    status, _, complaint = run(posko, "sql", asked, "--format", "parquet", "--out", str(out))
    assert (status, out.read_text()) == (1, "yesterday's")
    assert complaint.startswith("posko: ")
    assert list(tmp_path.iterdir()) == [out]


@pytest.mark.parametrize("form", ["parquet", "xlsx", "Native"])
def test_what_is_nothing_for_a_screen_is_not_written_to_one(
    posko: typer.Typer, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.setattr(answer, "is_screen", lambda: True)
    status, answered, complaint = run(posko, "query", "totals", "--format", form)
    assert (status, answered) == (2, "")
    assert "--out" in complaint
