"""A progress bar on standard error for what takes longer than a second; nothing is drawn for what is quick."""

from __future__ import annotations

import sys
import time
from collections.abc import Collection, Iterator
from typing import TypeVar

from rich.console import Console
from rich.progress import Progress

Item = TypeVar("Item")
AFTER = 1.0  # seconds


def shown(items: Collection[Item], label: str) -> Iterator[Item]:
    """Give out `items`; from the second second on with a bar, when standard error is a terminal."""
    started = time.monotonic()
    bar: Progress | None = None
    task = None
    try:
        for done, item in enumerate(items):
            if bar is None and sys.stderr.isatty() and time.monotonic() - started > AFTER:
                bar = Progress(console=Console(stderr=True), transient=True)
                bar.start()
                task = bar.add_task(label, total=len(items), completed=done)
            yield item
            if bar is not None and task is not None:
                bar.advance(task)
    finally:
        if bar is not None:
            bar.stop()
