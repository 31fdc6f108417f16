from __future__ import annotations

import io
from pathlib import Path

import orjson
import pytest

from producers.simulator.events import HOUR_MS, Span
from producers.simulator.message import Message
from producers.simulator.output import Lines, Truth
from producers.simulator.pace import Pace
from producers.simulator.play import play
from producers.simulator.progress import JsonLines, Quiet

SPAN = Span(start=4 * HOUR_MS, end=24 * HOUR_MS, midnight=0)


class FastClock:
    """A wall clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = 100.0

    def monotonic(self) -> float:
        return self.now

    def time(self) -> float:
        return 1_700_000_000 + self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


class Timed:
    """Notes when each message was sent."""

    def __init__(self, clock: FastClock) -> None:
        self.clock, self.sent, self.closed = clock, [], False

    def send(self, key: bytes, value: bytes | None) -> None:
        self.sent.append(round(self.clock.now - 100, 2))

    def close(self) -> None:
        self.closed = True


def message(at: int, value: bytes | None = b"{}", kind: str = "first") -> Message:
    expected = "rejected" if kind == "garbage" else "accepted"
    return Message(at, b"16.71.01", value, f"id-{at}", "E1", kind, expected, "", "logistics", "late", "", "")


def hourly() -> list[Message]:
    return [message(hour * HOUR_MS) for hour in range(4, 24)]


@pytest.mark.parametrize(
    ("pace", "second", "last"),
    [
        (Pace(duration=100), 5.0, 95.0),
        (Pace(speed=3600), 1.0, 19.0),
        (Pace(rate=10), 0.1, 1.9),
        (Pace(), 0.0, 0.0),
    ],
    ids=["duration", "speed", "rate", "at-once"],
)
def test_messages_are_sent_when_the_pace_says(pace: Pace, second: float, last: float) -> None:
    clock = FastClock()
    target = Timed(clock)
    played = play(hourly(), SPAN, target, None, pace, Quiet(), clock=clock)
    assert (target.sent[1], target.sent[-1]) == (pytest.approx(second, abs=0.01), pytest.approx(last, abs=0.01))
    assert target.closed
    assert played.sent == 20


def test_a_limit_ends_the_day_early() -> None:
    clock = FastClock()
    target = Timed(clock)
    assert play(hourly(), SPAN, target, None, Pace(), Quiet(), limit=7, clock=clock).sent == 7


def test_the_truth_has_a_header_with_totals_and_a_line_for_each_message(tmp_path: Path) -> None:
    clock, path = FastClock(), tmp_path / "deep" / "truth.jsonl"
    day = [*hourly(), message(SPAN.end, kind="garbage")]
    play(day, SPAN, Timed(clock), Truth(path, {"seed": 3}), Pace(rate=10), Quiet(), clock=clock)
    header, *lines = map(orjson.loads, path.read_bytes().splitlines())
    assert header["seed"] == 3
    assert header["complete"] is True
    assert header["totals"] == {
        "sent": 21, "messages": {"first": 20, "garbage": 1}, "expected": {"accepted": 20, "rejected": 1}, "events": 1,
    }  # fmt: skip
    assert [line["report_id"] for line in lines] == [one.report_id for one in day]
    assert lines[10]["sent_at"] == pytest.approx((1_700_000_000 + 101) * 1000, abs=10)


def test_a_day_that_broke_off_says_so(tmp_path: Path) -> None:
    class Broken(Timed):
        def send(self, key: bytes, value: bytes | None) -> None:
            super().send(key, value)
            if len(self.sent) == 5:
                raise ConnectionError("gone")

    clock, path = FastClock(), tmp_path / "truth.jsonl"
    with pytest.raises(ConnectionError):
        play(hourly(), SPAN, Broken(clock), Truth(path, {}), Pace(), Quiet(), clock=clock)
    header = orjson.loads(path.read_bytes().splitlines()[0])
    assert (header["complete"], header["totals"]["sent"]) == (False, 4)


def test_a_file_gets_no_null_values_and_no_wall_clock(tmp_path: Path) -> None:
    stream, path = io.BytesIO(), tmp_path / "truth.jsonl"
    day = [message(SPAN.start), message(SPAN.start, value=None, kind="garbage"), message(SPAN.start + 1, b'{"a":1}')]
    play(day, SPAN, Lines(stream), Truth(path, {}), Pace(), Quiet(), live=False, clock=FastClock())
    assert stream.getvalue() == b'{}\n{"a":1}\n'
    lines = [orjson.loads(line) for line in path.read_bytes().splitlines()[1:]]
    assert [line["sent_at"] for line in lines] == [None, None]


def test_progress_is_a_line_a_second_and_one_at_the_end() -> None:
    from zoneinfo import ZoneInfo

    clock, shown = FastClock(), io.StringIO()
    progress = JsonLines(shown, SPAN, ZoneInfo("Asia/Jakarta"), clock.monotonic())
    play(hourly(), SPAN, Timed(clock), None, Pace(duration=10), progress, clock=clock)
    lines = [orjson.loads(line) for line in shown.getvalue().splitlines()]
    assert 8 <= len(lines) <= 11
    assert [line["done"] for line in lines] == [False] * (len(lines) - 1) + [True]
    assert lines[-1]["sent"] == 20
    assert lines[-1]["complete"] is True
    assert lines[0]["simulated"].endswith("+07:00")
