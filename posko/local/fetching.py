"""Shows how Kafka's jars come: a bar in a terminal, a line now and then elsewhere, nothing when they are there."""

from __future__ import annotations

import threading
from types import TracebackType

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn

LINES = 4  # plain lines on the way


class Bar:
    """An `embedded.Progress` for people, used as a context manager."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._progress: Progress | None = None
        self._task = TaskID(0)
        self._guard = threading.Lock()
        self._jars = self._done = self._bytes = 0

    def __enter__(self) -> Bar:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._progress is not None:
            self._progress.stop()

    def waiting(self) -> None:
        self._console.print("Another start is fetching Kafka's jars; waiting for it")

    def started(self, jars: int) -> None:
        self._jars = jars
        if not self._console.is_terminal:
            self._console.print(f"Fetching Apache Kafka, {jars} jars, once for this user")
            return
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn("jars, {task.fields[megabytes]:.1f} MB"),
            console=self._console,
        )
        self._task = self._progress.add_task("Fetching Apache Kafka (once)", total=jars, megabytes=0.0)
        self._progress.start()

    def archiving(self) -> None:
        self._console.print("Preparing Kafka to start faster (once, about 10 s)")

    def received(self, size: int) -> None:
        with self._guard:
            self._bytes += size
            if self._progress is not None:
                self._progress.update(self._task, megabytes=self._bytes / 1e6)

    def finished(self, filename: str) -> None:
        with self._guard:
            self._done += 1
            if self._progress is not None:
                self._progress.update(self._task, completed=self._done)
            elif self._done == self._jars or self._done % max(1, self._jars // LINES) == 0:
                self._console.print(f"  {self._done} of {self._jars} jars, {self._bytes / 1e6:.0f} MB")
