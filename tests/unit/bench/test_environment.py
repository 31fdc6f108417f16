"""The environment of the other stream processors."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.bench import environment

LOCK = (environment.ROOT / "requirements.lock").read_text()
PEERS = environment.REQUIREMENTS.read_text()
# What the domain functions are made of: both sides have to run the same.
_, SAME = (environment.ROOT / "tests/bench/peers.in").read_text().split("\n\n", 1)


def version(lock: str, name: str) -> str:
    found = re.search(rf"^{name}==(\S+)", lock, re.MULTILINE)
    assert found, name
    return found[1]


@pytest.mark.parametrize("name", [line for line in SAME.splitlines() if not line.startswith("#")])
def test_the_domain_runs_on_the_same_libraries_on_both_sides(name: str) -> None:
    assert version(PEERS, name) == version(LOCK, name)


def test_every_package_is_pinned_and_has_hashes_and_no_address() -> None:
    packages = re.split(r"^(?=[a-z])", PEERS, flags=re.MULTILINE)[1:]
    assert len(packages) > 40
    assert [one for one in packages if "==" not in one.splitlines()[0] or "--hash=sha256:" not in one] == []
    assert "://" not in PEERS


def test_what_is_installed_once_is_not_installed_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "peers.txt"
    requirements.write_text("")
    installed: list[Path] = []

    def install(folder: Path, _: Path) -> None:
        folder.mkdir(parents=True)
        installed.append(folder)

    monkeypatch.setattr(environment, "_install", install)
    first = environment.ensure(lambda _: None, requirements, tmp_path)
    assert environment.ensure(lambda _: None, requirements, tmp_path) == first
    assert len(installed) == 1


def test_other_requirements_make_another_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "peers.txt"
    monkeypatch.setattr(environment, "_install", lambda folder, _: folder.mkdir(parents=True))
    requirements.write_text("")
    first = environment.ensure(lambda _: None, requirements, tmp_path)
    requirements.write_text("# newer\n")
    assert environment.ensure(lambda _: None, requirements, tmp_path) != first


def test_an_installation_that_was_interrupted_is_made_anew(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    requirements = tmp_path / "peers.txt"
    requirements.write_text("")

    def interrupted(folder: Path, _: Path) -> None:
        folder.mkdir(parents=True)
        raise environment.NotInstalled("the network is gone")

    monkeypatch.setattr(environment, "_install", interrupted)
    with pytest.raises(environment.NotInstalled):
        environment.ensure(lambda _: None, requirements, tmp_path)
    monkeypatch.setattr(environment, "_install", lambda folder, _: folder.mkdir(parents=True))
    assert environment.ensure(lambda _: None, requirements, tmp_path).parent.parent.is_dir()


def test_settings_of_the_person_who_measures_do_not_reach_the_measured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("POSKO_STREAM_BATCH", "7")
    assert not any(name.startswith("POSKO_") for name in environment.variables())
