"""`posko send` in a terminal: the file, the progress bar, Ctrl-C, the exit status."""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import BinaryIO

from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn, TimeRemainingColumn

from posko.settings import Settings, SettingsError
from producers.kafka import Sender
from producers.send import Sending

PATIENCE_S = 1.0  # what takes less needs no progress bar


def run(file: str, known: Settings, topic: str, key: str | None) -> int:
    """Send `file` (`-`: standard input); returns the exit status: 0, 1 when a line was not sent, 130 after Ctrl-C."""
    console = Console(stderr=True, soft_wrap=True)
    name = "standard input" if file == "-" else file
    sending = Sending(
        name, lambda text: console.print(text, markup=False, highlight=False), key.encode() if key else None
    )
    sender: Sender | None = None
    try:
        with _opened(file) as stream:
            sender = Sender(known.kafka_address, topic, known.partitions, on_failed=sending.refused)
            with _bar(stream, console) as moved:
                sending.run(stream, sender, moved)
    except KeyboardInterrupt:
        acknowledged = sender.acknowledged if sender else 0
        console.print(f"Interrupted: {acknowledged} of {sending.handed} messages handed over are acknowledged.")
        if sender:
            sender.close(wait=False)
        return 130
    print(sending.summary(sender))
    sender.close()
    return 1 if sending.failed else 0


@contextmanager
def _opened(file: str) -> Iterator[BinaryIO]:
    if file == "-":
        yield sys.stdin.buffer
        return
    try:
        stream = open(file, "rb")  # noqa: SIM115 - closed below; only opening may fail with these words
    except OSError as error:
        raise SettingsError(f"{file} cannot be read: {error.strerror}") from error
    with stream:
        yield stream


@contextmanager
def _bar(stream: BinaryIO, console: Console) -> Iterator[Callable[[int], None]]:
    """A function that is told bytes; after a second it draws a bar, on a terminal."""
    if not console.is_terminal:
        yield lambda size: None
        return
    status = os.fstat(stream.fileno())
    columns = TextColumn("sending"), BarColumn(), DownloadColumn(), TimeRemainingColumn()
    progress = Progress(*columns, console=console, transient=True)
    task = progress.add_task("", total=status.st_size if stat.S_ISREG(status.st_mode) else None)
    begun = time.monotonic()

    def moved(size: int) -> None:
        progress.advance(task, size)
        if not progress.live.is_started and time.monotonic() - begun > PATIENCE_S:
            progress.start()

    try:
        yield moved
    finally:
        progress.stop()
