"""`chaos.jsonl`: everything that happened, a line each, for whoever has to find out why."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson


class Journal:
    """Written as it happens, so that it is complete however a run ends."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)
        self._began = time.monotonic()

    @property
    def seconds(self) -> float:
        """Since the run began."""
        return time.monotonic() - self._began

    def add(self, event: str, **fields: Any) -> None:
        """One line."""
        at = datetime.now(UTC).isoformat(timespec="milliseconds")
        self._file.write(orjson.dumps({"at": at, "s": round(self.seconds, 2), "event": event, **fields}) + b"\n")

    def close(self) -> None:
        """Give the file back."""
        self._file.close()
