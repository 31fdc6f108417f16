from __future__ import annotations

from pathlib import Path

import orjson
import pytest
import typer
from typer.testing import CliRunner

from posko.settings import SettingsError
from producers.simulator.commands import register


@pytest.fixture
def app(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> typer.Typer:
    monkeypatch.setenv("POSKO_REGISTRY", str(tmp_path / "none"))
    app = typer.Typer()
    register(app)
    return app


def simulated(app: typer.Typer, folder: Path, *options: str) -> tuple[bytes, bytes]:
    """What `posko simulate` writes: the messages and the truth."""
    folder.mkdir()
    out, truth = folder / "reports.jsonl", folder / "truth.jsonl"
    arguments = ["simulate", "--election", "sijunjung-2024", "--out", str(out), "--truth", str(truth), *options]
    found = CliRunner().invoke(app, arguments, catch_exceptions=False)
    assert found.exit_code == 0, found.output
    return out.read_bytes(), truth.read_bytes()


def test_two_runs_write_the_same_files(app: typer.Typer, tmp_path: Path) -> None:
    assert simulated(app, tmp_path / "a") == simulated(app, tmp_path / "b")


def test_reports_limits_the_number_of_messages(app: typer.Typer, tmp_path: Path) -> None:
    reports, truth = simulated(app, tmp_path / "a", "--reports", "150")
    assert len(reports.splitlines()) == 150
    assert orjson.loads(truth.splitlines()[0])["totals"]["sent"] == 150


def test_a_perfect_assignment_scores_one_and_a_lost_report_fails(app: typer.Typer, tmp_path: Path) -> None:
    _, truth = simulated(app, tmp_path / "a")
    known = {
        entry["report_id"]: entry["event_id"]
        for entry in map(orjson.loads, truth.splitlines()[1:])
        if entry["expected"] == "accepted"
    }
    tsv = "".join(f"{report}\t{event}\n" for report, event in known.items())
    arguments = ["truth", "score", "--truth", str(tmp_path / "a" / "truth.jsonl"), "--json", "-"]
    perfect = CliRunner().invoke(app, arguments, input=tsv)
    assert (perfect.exit_code, orjson.loads(perfect.stdout)["recall"]) == (0, 1.0)
    lossy = CliRunner().invoke(app, arguments, input=tsv.partition("\n")[2])
    assert (lossy.exit_code, orjson.loads(lossy.stdout)["lost"]) == (1, 1)


@pytest.mark.parametrize(
    ("options", "complaint"),
    [
        (["--size", "huge"], "--size 'huge' is none"),
        (["--hours", "9-4"], "--hours '9-4' is no span"),
        (["--speed", "2", "--rate", "5"], "--speed goes with neither"),
    ],
)
def test_options_that_cannot_be_are_explained(app: typer.Typer, options: list[str], complaint: str) -> None:
    found = CliRunner().invoke(app, ["simulate", "--election", "sijunjung-2024", "--out", "-", *options])
    assert isinstance(found.exception, SettingsError)
    assert complaint in str(found.exception)
