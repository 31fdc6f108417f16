"""Tell where an unexpected error came from, not what it was about: an error's text may quote a report."""

from __future__ import annotations

import traceback
from pathlib import Path
from typing import Any

from aiokafka.errors import KafkaError


def describe(error: BaseException) -> dict[str, Any]:
    """Log fields of an error: its type and call stack (file, line, function); the text only of Kafka's own errors."""
    frames = [
        f"{Path(frame.filename).parent.name}/{Path(frame.filename).name}:{frame.lineno} {frame.name}"
        for frame in traceback.extract_tb(error.__traceback__)
    ]
    text = {"text": str(error)[:300]} if isinstance(error, KafkaError) else {}
    return {"error": type(error).__name__, **text, "frames": frames[-12:]}
