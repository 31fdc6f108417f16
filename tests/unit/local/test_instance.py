"""An instance's folder belongs to one supervisor and stays what it was made as."""

from __future__ import annotations

import json
import os
import stat
from pathlib import Path

import pytest

from posko import settings
from posko.local import instance, secrets
from posko.local.errors import LocalError


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in [name for name in os.environ if name.startswith("POSKO_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("POSKO_REGISTRY", str(tmp_path / "registry"))


def test_a_claimed_folder_is_refused_with_the_pid_until_it_is_let_go(tmp_path: Path) -> None:
    with instance.claimed(tmp_path):
        with (
            pytest.raises(LocalError, match=rf"already running in .* \(pid {os.getpid()}\)"),
            instance.claimed(tmp_path),
        ):
            pytest.fail("claimed twice")
        with pytest.raises(LocalError, match=f"pid {os.getpid()}"):
            instance.refuse_if_running(tmp_path)
    instance.refuse_if_running(tmp_path)
    with instance.claimed(tmp_path):
        assert instance.holder_of(tmp_path) == str(os.getpid())


@pytest.mark.parametrize(("name", "other"), [("election", "bengkulu-2024"), ("partitions", 9)])
def test_what_the_data_depend_on_cannot_be_changed(tmp_path: Path, name: str, other: object) -> None:
    instance.note(settings.load(data=tmp_path))
    instance.check_unchanged(settings.load(data=tmp_path))
    with pytest.raises(LocalError, match=f"was made with {name}"):
        instance.check_unchanged(settings.load(data=tmp_path, **{name: other}))


def test_ports_and_workers_may_change_and_are_noted(tmp_path: Path) -> None:
    instance.note(settings.load(data=tmp_path, port_base=31000))
    moved = settings.load(data=tmp_path, port_base=32000, workers=3)
    instance.check_unchanged(moved)
    instance.note(moved)
    known = settings.load(data=tmp_path)
    assert (known.port_base, known.workers) == (32000, 3)


def test_options_win_over_the_environment_and_that_over_the_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    instance.note(settings.load(data=tmp_path, port_base=31000))
    assert settings.load(data=tmp_path).port_base == 31000
    monkeypatch.setenv("POSKO_PORT_BASE", "32000")
    assert settings.load(data=tmp_path).port_base == 32000
    assert settings.load(data=tmp_path, port_base=33000).port_base == 33000


def test_commands_find_a_registered_instance_until_it_ends(tmp_path: Path) -> None:
    with instance.registered(tmp_path / "a"):
        assert settings.running_instances() == [tmp_path / "a"]
    assert settings.running_instances() == []


def test_passwords_are_made_once_for_their_owner_only(tmp_path: Path) -> None:
    folder = tmp_path / "instance"
    path = secrets.ensure(folder)
    first = json.loads(path.read_text())
    assert set(first) == {"clickhouse_password", "dashboard_password"}
    assert len(set(first.values())) == 2
    assert min(map(len, first.values())) >= 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    path.chmod(0o644)
    assert json.loads(secrets.ensure(folder).read_text()) == first
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_broken_password_file_is_named_not_replaced(tmp_path: Path) -> None:
    secrets.path(tmp_path).write_text("{")
    with pytest.raises(LocalError, match=r"secrets\.json"):
        secrets.ensure(tmp_path)
    assert secrets.path(tmp_path).read_text() == "{"
