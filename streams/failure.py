"""Tell where an unexpected error came from, not what it was about: an error's text may quote a report."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from aiokafka import ConsumerRecord
from aiokafka.errors import KafkaError

TRACEBACK = 8 << 10  # bytes


def describe(error: BaseException) -> dict[str, Any]:
    """Log fields of an error: its type and call stack (file, line, function); the text only of Kafka's own errors."""
    frames = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    text = {"text": str(error)[:300]} if isinstance(error, KafkaError) else {}
    return {"error": type(error).__name__, **text, "frames": frames[-12:]}


def where(record: ConsumerRecord) -> dict[str, Any]:
    """A record's place, as fields of a log line."""
    return {"topic": record.topic, "partition": record.partition, "offset": record.offset}


def traceback_of(error: BaseException) -> str:
    """The call stack of an error and of what caused it, innermost last: files, lines and names, no values."""
    told, seen = [], set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        frames = traceback.extract_tb(current.__traceback__)
        told.append("".join(traceback.format_list([_short(frame) for frame in frames])) + type(current).__qualname__)
        current = current.__cause__ or current.__context__
    text = "\n\n".join(reversed(told))
    return text.encode("utf-8", "replace")[-TRACEBACK:].decode("utf-8", "ignore")


def _short(frame: traceback.FrameSummary) -> traceback.FrameSummary:
    path = Path(frame.filename)
    return traceback.FrameSummary(f"{path.parent.name}/{path.name}", frame.lineno, frame.name, line="")
