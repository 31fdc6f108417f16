"""`posko officer` as it is typed."""

from __future__ import annotations

import re
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from posko.settings import SettingsError
from producers.officers import Officers, commands

Run = Callable[..., Result]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("POSKO_DATA", str(tmp_path))
    monkeypatch.setenv("POSKO_ELECTION", "sijunjung-2024")
    app = typer.Typer()
    commands.register(app)

    def run(*words: Any, ok: bool = True) -> Result:
        done = CliRunner().invoke(app, ["officer", *map(str, words)])
        if ok:
            assert done.exit_code == 0, done.output or done.exception
        return done

    return run


def added(run: Run) -> str:
    said = run("add", "kpps-1", "--name", "Nama", "--role", "kpps", "--phone", "08123456789", "--area", "13.03").output
    return re.findall(r"http://127\.0\.0\.1:29003/masuk#([\w-]{43})", said)[0]


def test_add_prints_a_link_that_signs_in(run: Run, tmp_path: Path) -> None:
    key = added(run)
    officer, _ = Officers(tmp_path / "officers.sqlite3").sign_in(key, "", 1)
    assert officer.id == "kpps-1"
    assert "masuk" not in run("add", "kpps-1", "--name", "Nama", "--role", "kpps").output  # a phone is signed in


def test_list_hides_phone_numbers_unless_asked(run: Run) -> None:
    added(run)
    assert run("list").output == "kpps-1\tNama\t...789\tkpps\tkpu\t13.03\t0\n"
    assert "+628123456789" in run("list", "--phones").output


def test_link_draws_a_code_and_writes_it_for_its_owner_only(run: Run, tmp_path: Path) -> None:
    added(run)
    for name in ("code.svg", "code.png"):
        said = run("link", "kpps-1", "--qr", tmp_path / name).output
        assert "masuk#" in said
        assert "█" in said
        assert stat.S_IMODE((tmp_path / name).stat().st_mode) == 0o600
    assert (tmp_path / "code.svg").read_bytes().startswith(b"<?xml")
    assert (tmp_path / "code.png").read_bytes().startswith(b"\x89PNG")
    assert isinstance(run("link", "kpps-1", "--qr", tmp_path / "code.gif", ok=False).exception, SettingsError)
    assert isinstance(run("link", "nobody", ok=False).exception, SettingsError)


def test_revoke_says_whom_it_did_not_find(run: Run) -> None:
    added(run)
    done = run("revoke", "kpps-1", "nobody", ok=False)
    assert (done.exit_code, "1 revoked" in done.output, "nobody" in done.output) == (1, True, True)
    assert run("list").output == ""
    assert "kpps-1" in run("list", "--revoked").output


def test_import_takes_all_or_names_every_mistake_and_a_dry_run_takes_nothing(run: Run, tmp_path: Path) -> None:
    file = tmp_path / "officers.csv"
    file.write_text("id,name,role\nkpps-1,Nama,kpps\n,Nama,raja\n")
    done = run("import", file, ok=False)
    assert f"{file}:3: id:" in done.output
    assert f"{file}:3: role:" in done.output
    assert isinstance(done.exception, SettingsError)
    file.write_text("id,name,role\nkpps-1,Nama,kpps\n")
    assert "1 officers, no mistakes" in run("import", file, "--dry-run").output
    assert run("list").output == ""
    assert run("import", file).output == "1 added, 0 changed, 0 same, 0 revoked\n"
    assert run("import", file).output == "0 added, 0 changed, 1 same, 0 revoked\n"


def test_a_program_gets_a_token(run: Run, tmp_path: Path) -> None:
    said = run("add", "siaga", "--name", "Aplikasi Siaga", "--role", "polda", "--program").output
    token = said.rsplit(maxsplit=1)[1]
    officer = Officers(tmp_path / "officers.sqlite3").by_token(token)
    assert officer
    assert (officer.id, officer.program) == ("siaga", True)
