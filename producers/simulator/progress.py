"""How far the day is: a line of JSON a second for other programs, or a bar for people."""

from __future__ import annotations

from datetime import datetime, tzinfo
from typing import IO, Protocol

import orjson
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from producers.simulator.events import Span

EVERY = 1.0  # seconds between two lines


class Shown(Protocol):
    """Told about each step; times are seconds of a monotonic clock, `at` is simulated time in ms."""

    def tick(self, sent: int, at: int, now: float) -> None: ...
    def end(self, sent: int, now: float, complete: bool) -> None: ...


class Quiet:
    """Shows nothing."""

    def tick(self, sent: int, at: int, now: float) -> None:
        return

    def end(self, sent: int, now: float, complete: bool) -> None:
        return


class JsonLines:
    """One JSON object a line: sent, rate (messages/s since the last line), simulated (ISO time), share of the day,
    done."""

    def __init__(self, stream: IO[str], span: Span, zone: tzinfo, now: float) -> None:
        self._stream, self._span, self._zone = stream, span, zone
        self._last, self._last_sent, self._at = now, 0, span.start

    def tick(self, sent: int, at: int, now: float) -> None:
        self._at = at
        if now - self._last >= EVERY:
            self._line(sent, now, False, None)

    def end(self, sent: int, now: float, complete: bool) -> None:
        self._line(sent, now, True, complete)

    def _line(self, sent: int, now: float, done: bool, complete: bool | None) -> None:
        span = self._span
        line = {
            "sent": sent,
            "rate": round((sent - self._last_sent) / max(now - self._last, 0.001), 1),
            "simulated": datetime.fromtimestamp(self._at // 1000, self._zone).isoformat(),
            "share": 1.0 if complete else round((self._at - span.start) / (span.end - span.start), 4),
            "done": done,
            **({} if complete is None else {"complete": complete}),
        }
        self._stream.write(orjson.dumps(line).decode() + "\n")
        self._stream.flush()
        self._last, self._last_sent = now, sent


class Bar:
    """A bar on the terminal, with the simulated time and the number of messages."""

    def __init__(self, span: Span, zone: tzinfo) -> None:
        self._span, self._zone = span, zone
        columns = (
            TextColumn("{task.fields[clock]}"), BarColumn(bar_width=None), TextColumn("{task.fields[sent]:>7,} sent"),
            TimeElapsedColumn(),
        )  # fmt: skip
        self._bar = Progress(*columns, console=Console(stderr=True), transient=False)
        self._task = self._bar.add_task("", total=span.end - span.start, clock="", sent=0)
        self._bar.start()

    def tick(self, sent: int, at: int, now: float) -> None:
        shown = datetime.fromtimestamp(at // 1000, self._zone).strftime("%H:%M")
        self._bar.update(self._task, completed=at - self._span.start, clock=shown, sent=sent)

    def end(self, sent: int, now: float, complete: bool) -> None:
        if complete:
            self._bar.update(self._task, completed=self._span.end - self._span.start, sent=sent)
        self._bar.stop()
