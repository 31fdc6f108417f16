"""What a process worked on when it ended is known to the next one, with real processes that really end."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from streams import inhand
from streams.inhand import REMEMBERED_S, TRIES, InHand

PLACE = "127.0.0.1:9092"
LIFE = """
import os, re, sys
from pathlib import Path
from streams import inhand
inhand.HANG_S = 0.2
held = inhand.opened(Path(sys.argv[1]), sys.argv[2], "127.0.0.1:9092")
with held.watched():
    held.take("correlate", 3, int(sys.argv[3]), int(sys.argv[4]))
    {ending}
"""
ENDINGS = {
    "exit": "os._exit(9)",
    "killed": "os.kill(os.getpid(), 9)",
    "segmentation fault": "import ctypes; ctypes.string_at(0)",
    "hangs in C": "re.match('(a*)*b', 'a' * 200)",
    "hangs": "while True: pass",
}


def live(folder: Path, ending: str, first: int = 7, last: int = 7, name: str = "stream-1") -> None:
    command = [sys.executable, "-c", LIFE.format(ending=ENDINGS[ending]), str(folder), name, str(first), str(last)]
    assert subprocess.run(command, capture_output=True, timeout=60, check=False).returncode != 0


@pytest.fixture
def next_life(tmp_path: Path) -> Callable[..., InHand]:
    return lambda name="other", place=PLACE, **more: inhand.opened(tmp_path, name, place, **more)


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_message_that_ends_every_process_is_poisonous_after_some_tries(
    tmp_path: Path, next_life: Callable[..., InHand], ending: str
) -> None:
    for _ in range(TRIES - 1):
        live(tmp_path, ending)
    assert not next_life("before").poisonous("correlate", 3, 7)
    live(tmp_path, ending)
    held = next_life("stream-1")
    assert held.poisonous("correlate", 3, 7)
    assert held.victims == 1
    assert not held.poisonous("correlate", 3, 8)
    assert not held.poisonous("intake", 3, 7)
    assert ("File" in held.traceback("correlate", 3, 7)) == (ending not in ("exit", "killed"))


def test_workers_that_share_a_folder_count_together(tmp_path: Path, next_life: Callable[..., InHand]) -> None:
    for number in range(TRIES):
        live(tmp_path, "exit", name=f"stream-{number}")
    for number in range(TRIES):
        held = next_life(f"stream-{number}")
    assert held.poisonous("correlate", 3, 7)


def test_what_went_well_is_not_counted(tmp_path: Path, next_life: Callable[..., InHand]) -> None:
    held = next_life("stream-1")
    with held.watched():
        held.take("intake", 0, 1, 1)
    live(tmp_path, "exit", name="stream-2")
    assert list(tmp_path.glob("*.endings.json")) == []
    assert next_life("stream-2").victims == 0


def test_several_in_hand_at_two_endings_are_worked_on_alone(tmp_path: Path, next_life: Callable[..., InHand]) -> None:
    live(tmp_path, "exit", 10, 30)
    assert not next_life("a").alone("correlate", 3, 20)
    live(tmp_path, "exit", 10, 20)
    held = next_life("stream-1")
    assert [held.alone("correlate", 3, offset) for offset in (9, 10, 20, 21)] == [False, True, True, False]
    assert not held.poisonous("correlate", 3, 10)


def test_endings_at_another_kafka_or_long_ago_do_not_count(tmp_path: Path, next_life: Callable[..., InHand]) -> None:
    for _ in range(TRIES):
        live(tmp_path, "exit")
    assert next_life("stream-1").victims == 1
    assert next_life("a", "elsewhere:9092").victims == 0
    assert next_life("b", clock=lambda: 1e12 + REMEMBERED_S).victims == 0


def test_a_second_process_of_the_same_name_has_a_note_of_its_own(next_life: Callable[..., InHand]) -> None:
    first, second = next_life("stream"), next_life("stream")
    first.take("intake", 0, 1, 1)
    second.drop()
    assert first._memory[:8] != second._memory[:8]


def test_a_run_of_failures_is_known_to_the_next_life(tmp_path: Path, next_life: Callable[..., InHand]) -> None:
    first = next_life("stream-1")
    assert [first.failed("intake", 5), first.failed("intake")] == [5, 6]
    first.worked("correlate")
    program = "import sys; from pathlib import Path; from streams import inhand; "
    program += "print(inhand.opened(Path(sys.argv[1]), 'stream-2', '').failed('intake', 5))"
    command = [sys.executable, "-c", program, str(tmp_path)]
    said = [subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip() for _ in range(2)]
    assert said == ["5", "10"]


def test_a_folder_that_cannot_be_written_is_said_and_does_not_stop_the_worker(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "file").touch()
    held = inhand.opened(tmp_path / "file", "stream-1", PLACE)
    held.take("intake", 0, 1, 1)
    assert "cannot be noted" in "".join(capsys.readouterr())
