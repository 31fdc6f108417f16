"""A service's log: what it writes to standard output and error, in files that do not grow without end."""

from __future__ import annotations

import asyncio
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


def write(handler: RotatingFileHandler, line: str) -> None:
    """Add one line."""
    handler.handle(LogRecord("", 0, "", 0, line, None, None))


class _Quiet(RotatingFileHandler):
    def handleError(self, record: LogRecord) -> None:
        """The supervisor's own output is no place for a service's log lines, whatever the disk says."""
