"""What `posko status` says is what docs/operating.md describes."""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

import pytest

from posko import settings
from posko.local import status, status_view
from posko.local.state import ServiceState, State
from posko.local.view import MARKS

DOCUMENT = (Path(__file__).parents[3] / "docs" / "operating.md").read_text()


@pytest.fixture(autouse=True)
def _no_settings_of_the_caller(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("POSKO_")]:
        monkeypatch.delenv(name)


def test_every_field_is_documented(tmp_path: Path) -> None:
    described = status.describe(settings.load(data=tmp_path))
    service = status._service(ServiceState("kafka"), running=False)
    assert [name for name in [*described, *service] if f"`{name}`" not in DOCUMENT] == []


def test_every_setting_of_up_is_documented() -> None:
    for name in ("data", "port_base", "election", "partitions", "workers", "host", "kafka", "clickhouse"):
        assert f"`POSKO_{name.upper()}`" in DOCUMENT


def test_an_instance_that_was_never_started_is_not_running(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert status.show(settings.load(data=tmp_path), as_json=False) == status.NOT_RUNNING
    assert "not running" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("seconds", "said"), [(0, "0 s"), (59, "59 s"), (61, "1 min"), (7_300, "2 h"), (90_000, "1 d")]
)
def test_times_are_said_in_the_largest_unit(seconds: float, said: str) -> None:
    assert status_view.ago(1000.0, 1000.0 + seconds) == said


def test_states_that_are_shown_are_states_that_are_described() -> None:
    assert [name for name in MARKS if f"`{name}`" not in DOCUMENT] == []
    assert {field.name for field in fields(State)} == {"pid", "started", "phase", "services"}
