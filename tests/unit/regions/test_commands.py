"""`posko regions` on the command line: what a person sees."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from posko.region_commands import register

app = typer.Typer()
register(app)


@app.callback()
def root() -> None:
    """So that typer keeps the name of the only group."""


def run(*words: str) -> str:
    result = CliRunner().invoke(app, ["regions", *words], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_show_tells_what_is_known_about_a_code() -> None:
    shown = run("show", "167101", "--election", "sumsel-2024")
    assert "16.71.01  Kec. Ilir Barat II, Kota Palembang" in shown
    assert "16.71.01.1001  35 Ilir" in shown
    assert "not official" in shown


def test_show_tells_which_places_a_text_names() -> None:
    shown = run("show", "tps 4 ds tj baru kec indralaya utara", "--election", "sumsel-2024")
    assert "16.10.07.2009" in shown
    assert "TPS 4" in shown


def test_a_code_that_does_not_exist_is_a_clear_error() -> None:
    from posko.settings import SettingsError

    with pytest.raises(SettingsError, match=r"There is no region 16\.99"):
        run("show", "16.99", "--election", "sumsel-2024")


def test_boundaries_are_written_measured_and_imported_again(tmp_path: Path) -> None:
    run("boundaries", "--out", str(tmp_path), "--election", "sijunjung-2024")
    path = tmp_path / "boundaries_district.geojson"
    features = json.loads(path.read_text())["features"]
    assert len(features) == 8
    assert features[0]["properties"]["name"].endswith("Kab. Sijunjung")
    assert "8 boundaries of level district" in run("measure", str(path), "--points", "200")
    report = run("import", str(path), "--into", str(tmp_path / "out"))
    assert "8 boundaries of level district" in report
