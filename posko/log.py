"""Structured logs: one JSON object a line on standard error. They name report, incident, offset, never a person."""

from __future__ import annotations

import logging
import sys
import time
from collections import Counter

import structlog
import structlog.tracebacks

# Frames without their local variables: these may hold texts and names of people.
TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


CHATTY = ("aiokafka", "kafka")  # an absent broker moves them to hundreds of lines a minute
CHATTY_S = 60.0  # of each of them one line in this many seconds


class Sparse(logging.Filter):
    """Lets one record a minute of each chatty library through, and counts what they say."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: Counter[str] = Counter()
        self._next: dict[str, float] = {}

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether the record is written."""
        library = record.name.partition(".")[0]
        if library not in CHATTY or record.levelno < logging.WARNING:
            return True
        self.heard[library] += 1
        now = time.monotonic()
        if now < self._next.get(library, now):
            return False
        self._next[library] = now + CHATTY_S
        return True


_sparse = Sparse()


def complaints(library: str) -> int:
    """How many warnings and errors a chatty library has uttered so far, written or not."""
    return _sparse.heard[library]


def configure(level: str = "info") -> None:
    """Send structlog's and the standard library's records to standard error as JSON; `level` is a level's name."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, TRACEBACKS, structlog.processors.JSONRenderer()],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level.upper()]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                TRACEBACKS,
                structlog.processors.JSONRenderer(),
            ],
        )
    )
    if level.lower() != "debug":
        handler.addFilter(_sparse)
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING if level.lower() == "info" else level.upper())


def get(room: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry the room (`streams`, `sinks`, ...) they come from."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(room=room)
    return logger
