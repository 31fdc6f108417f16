"""Points in the code at which a chaos run strikes: only on order, only once."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from posko import crash

PROGRAM = "from posko import crash; crash.point('a.b'); print('alive')"


def passes(folder: Path | None) -> subprocess.CompletedProcess[str]:
    """A process that passes the point `a.b`."""
    env = {crash.VARIABLE: str(folder)} if folder else {}
    return subprocess.run([sys.executable, "-c", PROGRAM], env=env, capture_output=True, text=True, check=False)


def test_a_process_that_is_ordered_to_dies_at_the_point_and_the_next_one_goes_on(tmp_path: Path) -> None:
    crash.order(tmp_path, "a.b", ["KILL self"])
    assert passes(tmp_path).returncode == -9
    assert passes(tmp_path).stdout == "alive\n"


def test_an_order_for_another_point_is_left_alone(tmp_path: Path) -> None:
    crash.order(tmp_path, "a.c", ["KILL self"])
    assert passes(tmp_path).stdout == "alive\n"
    assert crash.withdraw(tmp_path, "a.c")
    assert not crash.withdraw(tmp_path, "a.c")


def test_without_the_variable_nothing_is_looked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    crash.order(tmp_path, "a.b", ["KILL self"])
    assert passes(None).stdout == "alive\n"


def test_the_signal_can_go_to_another_process_and_one_that_is_gone_is_no_fault(tmp_path: Path) -> None:
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        crash.order(tmp_path, "a.b", [f"KILL {other.pid}"])
        assert passes(tmp_path).stdout == "alive\n"
        assert other.wait(10) == -9
        crash.order(tmp_path, "a.b", [f"KILL {other.pid}"])
        assert passes(tmp_path).stdout == "alive\n"
