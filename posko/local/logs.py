"""A service's log: what it writes to standard output and error, in files that do not grow without end."""

from __future__ import annotations

import asyncio
import json
import os
from logging import LogRecord
from logging.handlers import RotatingFileHandler
from pathlib import Path

FILE_SIZE = 10 << 20  # bytes
KEPT = 3  # older files of that size
LINE = 64 << 10  # bytes of one line, at most


async def follow(stream: asyncio.StreamReader, path: Path) -> None:
    """Write the lines of `stream` to `path` until it ends. A full disk loses lines, never stops the service."""
    handler = _Quiet(path, maxBytes=FILE_SIZE, backupCount=KEPT, encoding="utf-8", errors="replace")
    pending = b""
    try:
        while chunk := await stream.read(LINE):
            *lines, pending = (pending + chunk).split(b"\n")
            if len(pending) > LINE:
                lines, pending = [*lines, pending], b""
            for line in lines:
                write(handler, line.decode("utf-8", "replace"))
        if pending:
            write(handler, pending.decode("utf-8", "replace"))
    finally:
        handler.close()


def last_words(path: Path) -> str:
    """The last line of a log, for people: of a line of ours what happened, else the line; "" when there is none."""
    try:
        with path.open("rb") as file:
            file.seek(max(0, file.seek(0, os.SEEK_END) - LINE))
            lines = file.read().decode("utf-8", "replace").strip().splitlines()
    except OSError:
        return ""
    if not lines:
        return ""
    try:
        said = json.loads(lines[-1])["event"]
    except (ValueError, KeyError, TypeError):
        said = lines[-1]
    return str(said)[:500]


def write(handler: RotatingFileHandler, line: str) -> None:
    """Add one line."""
    handler.handle(LogRecord("", 0, "", 0, line, None, None))


class _Quiet(RotatingFileHandler):
    def handleError(self, record: LogRecord) -> None:
        """The supervisor's own output is no place for a service's log lines, whatever the disk says."""
