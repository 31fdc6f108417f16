"""Where messages go: Kafka or a file of JSON lines; and the truth beside them."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Any, BinaryIO, Protocol

import orjson

from producers.simulator.message import Message

HEADER_BYTES = 4096  # room for the header line, which is written again at the end with the totals


class Target(Protocol):
    """Takes messages; `close` returns when all of them have arrived."""

    def send(self, key: bytes, value: bytes | None) -> None: ...
    def close(self) -> None: ...


class Lines:
    """JSON lines in a binary stream. A null value has no line: a file has no word for it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream

    def send(self, key: bytes, value: bytes | None) -> None:
        if value is not None:
            self._stream.write(value + b"\n")

    def close(self) -> None:
        self._stream.flush()


class Truth:
    """The truth file while it is written: a header line, then a line for every message in the order of sending.

    The header is padded with blanks and written again by `close`, with the totals and `"complete": true`.
    """

    def __init__(self, path: Path, header: dict[str, Any]) -> None:
        self._header = header
        self._messages: Counter[str] = Counter()
        self._expected: Counter[str] = Counter()
        self._events: set[str] = set()
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("wb", buffering=1 << 20)
        self._write_header(complete=False)

    def add(self, message: Message, sent_at: int | None) -> None:
        """One message that was sent; `sent_at` is the wall clock in ms, None when it went to a file."""
        self._file.write(orjson.dumps(message.truth(sent_at)) + b"\n")
        self._messages[message.message] += 1
        self._expected[message.expected] += 1
        if message.event_id:
            self._events.add(message.event_id)

    def close(self, complete: bool) -> None:
        """Write the totals. `complete` says that the whole day, or as much as was asked for, has been sent."""
        self._file.seek(0)
        self._write_header(complete)
        self._file.close()

    def _write_header(self, complete: bool) -> None:
        totals = {
            "sent": self._messages.total(),
            "messages": dict(sorted(self._messages.items())),
            "expected": dict(sorted(self._expected.items())),
            "events": len(self._events),
        }
        line = orjson.dumps({"truth": 1, "complete": complete, **self._header, "totals": totals})
        self._file.write(line.ljust(HEADER_BYTES - 1) + b"\n")
