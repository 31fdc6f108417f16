"""Kafka out of the user's cache: what is missing there is fetched or made first."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from posko.local import archive, cache, jars
from posko.local.kafka import Broker


class Progress(jars.Progress, Protocol):
    """What is told while a broker is made ready to start."""

    def archiving(self) -> None:
        """The class archive is made, which takes some seconds."""


def broker(folder: Path, port: int, controller_port: int, progress: Progress) -> Broker:
    """A broker that will keep its data in `folder`. Raises LocalError when its jars cannot be had."""
    root = cache.folder()
    files = jars.ensure(progress, root)
    return Broker(folder, port, controller_port, files, archive.ensure(files, root, progress.archiving))
