"""`posko hook` as it is typed."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import typer
from typer.testing import CliRunner, Result

from posko.settings import SettingsError
from producers.hooks import commands
from producers.hooks.store import Store
from producers.officers import Officer, Officers

Run = Callable[..., Result]
URL = "https://siaga.example/posko"


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    monkeypatch.setenv("POSKO_DATA", str(tmp_path))
    monkeypatch.setenv("POSKO_ELECTION", "sijunjung-2024")
    officers = Officers(tmp_path / "officers.sqlite3")
    officers.put(Officer("siaga", "Siaga", "", "polda", "polri", "13.03", program=True), 1)
    officers.put(Officer("kpps-1", "Nama", "", "kpps", "kpu", "13.03.03"), 1)
    app = typer.Typer()
    commands.register(app)

    def run(*words: Any, ok: bool = True) -> Result:
        done = CliRunner().invoke(app, ["hook", *map(str, words)])
        if ok:
            assert done.exit_code == 0, done.output or done.exception
        return done

    return run


def shown(text: str) -> str:
    return re.findall(r"Secret, shown only now: (\S{43})", text)[0]


def test_a_secret_is_shown_once_and_a_change_keeps_it(run: Run, tmp_path: Path) -> None:
    said = run("add", "siaga", "--url", URL, "--events", "opened,closed", "--severity-from", 3).output
    secret = shown(said)
    assert "/hooks/siaga" in said
    assert secret not in run("add", "siaga", "--url", URL, "--category", "logistics").output + run("list").output
    [known] = Store(tmp_path / "hooks.sqlite3").hooks()
    assert known.secret == secret
    assert (known.area, known.categories, known.severity_from) == ("13.03", ("logistics",), 1)
    assert shown(run("secret", "siaga").output) != secret


def test_list_says_what_waits_and_why_one_is_off(run: Run, tmp_path: Path) -> None:
    run("add", "siaga", "--url", URL, "--area", "")
    assert run("list").output.split("\n")[0].split("\t") == [
        "siaga", "siaga", URL, "opened,changed,closed", "", "", "1", "0", "0", "on",
    ]  # fmt: skip
    store = Store(tmp_path / "hooks.sqlite3")
    store.failed("siaga", "status 500", 1_732_665_900_000)
    assert "failing since 2024-11-27T00:05:00+00:00: status 500" in run("list").output
    store.switch_off("siaga", "gone")
    assert "off: gone" in run("list").output
    run("remove", "siaga")
    assert run("list").output == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("add", "kpps-1", "--url", URL), "no program kpps-1"),
        (("add", "siaga", "--url", "http://siaga.example/"), "--url: .*https"),
        (("add", "siaga", "--url", "https://127.0.0.1/"), "--private"),
        (("add", "siaga", "--url", URL, "--events", "opened,gone"), "--events"),
        (("add", "siaga", "--url", URL, "--category", "cuaca"), "--category cuaca"),
        (("add", "siaga", "--url", URL, "--area", "99.99"), "--area 99.99"),
        (("add", "siaga", "--url", URL, "--name", "a/b"), "no name"),
        (("remove", "siaga"), "no hook siaga"),
        (("test", "siaga"), "no hook siaga"),
    ],
)
def test_what_cannot_be_used_is_said(run: Run, words: tuple[str, ...], says: str) -> None:
    done = run(*words, ok=False)
    assert isinstance(done.exception, SettingsError)
    assert re.search(says, str(done.exception))


def test_test_says_what_the_other_side_answered(run: Run) -> None:
    run("add", "siaga", "--url", "http://127.0.0.1:9/", "--private")
    done = run("test", "siaga", ok=False)
    assert done.exit_code == 1
    assert "not accepted, ConnectError" in done.output
