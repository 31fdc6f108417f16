"""Structured logs: one JSON object a line on standard error. They name report, incident, offset, never a person."""

from __future__ import annotations

import logging
import sys

import structlog
import structlog.tracebacks

# Frames without their local variables: these may hold texts and names of people.
TRACEBACKS = structlog.processors.ExceptionRenderer(structlog.tracebacks.ExceptionDictTransformer(show_locals=False))


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
    root = logging.getLogger()
    root.handlers = [handler]
    root.setLevel(logging.WARNING if level.lower() == "info" else level.upper())


def get(room: str) -> structlog.stdlib.BoundLogger:
    """A logger whose lines carry the room (`streams`, `sinks`, ...) they come from."""
    logger: structlog.stdlib.BoundLogger = structlog.get_logger(room=room)
    return logger
