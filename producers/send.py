"""Sending a file of JSON lines: each line one message, and nothing is said to be sent that is not acknowledged."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, BinaryIO

import orjson

from posko import topics
from producers.kafka import OVERHEAD, Sender, TooLarge, key_of

LONGEST_LINE = topics.MAX_MESSAGE - OVERHEAD  # bytes
SHOWN = 10  # complaints of one kind; the rest is counted
BOM = b"\xef\xbb\xbf"

Warn = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Line:
    """A line of a file. `content` has no line end, and is None when the line is longer than any message."""

    number: int
    content: bytes | None
    size: int


def lines(stream: BinaryIO, longest: int = LONGEST_LINE) -> Iterator[Line]:
    """The lines of `stream` that are not blank; never more than `longest` bytes of one in memory."""
    number = 0
    while part := stream.readline(longest + 3):
        number, size = number + 1, len(part)
        cut = not part.endswith(b"\n") and size > longest
        while cut and (rest := stream.readline(1 << 20)):
            size += len(rest)
            cut = not rest.endswith(b"\n")
        content = part.rstrip(b"\r\n")
        if size > len(part) or len(content) > longest:
            yield Line(number, None, size)
        elif content.strip():
            yield Line(number, content, size)


@dataclass
class Sending:
    """One run of `posko send`. `name` is what people call the file; `warn` gets each complaint as a sentence.

    `sender` must have been made with `on_failed=` this object's `refused`.
    """

    name: str
    warn: Warn
    key: bytes | None = None
    not_json: int = 0
    failed: int = 0
    handed: int = 0
    started: float = field(default_factory=time.monotonic)

    def run(self, stream: BinaryIO, sender: Sender, moved: Callable[[int], None] = lambda taken: None) -> None:
        """Send every line of `stream` and return when all are acknowledged. `moved` is told the bytes of each line."""
        for line in lines(stream):
            self._one(line, sender)
            moved(line.size)
        sender.flush()

    def refused(self, line: Any, error: Exception) -> None:
        """Kafka did not take a line for good."""
        self._fail(line, str(error) or type(error).__name__)

    def _one(self, line: Line, sender: Sender) -> None:
        if line.content is None:
            self._fail(line.number, f"it has {line.size} bytes, more than the {LONGEST_LINE} of a message")
            return
        try:
            sender.send(line.content, self.key or self._key(line.number, line.content), line.number)
        except TooLarge as error:
            self._fail(line.number, str(error))
        else:
            self.handed += 1

    def _key(self, number: int, content: bytes) -> bytes | None:
        try:
            return key_of(orjson.loads(content.removeprefix(BOM))).encode() or None
        except orjson.JSONDecodeError as error:
            self.not_json += 1
            if self.not_json <= SHOWN:
                self.warn(
                    f"{self.name}:{number} is not JSON ({error}); it is sent as it is and will be kept as rejected"
                )
            return None

    def _fail(self, number: int, why: str) -> None:
        self.failed += 1
        if self.failed <= SHOWN:
            self.warn(f"{self.name}:{number} was not sent: {why}")

    def summary(self, sender: Sender) -> str:
        """One line: what was acknowledged, what was not, how long it took."""
        seconds = time.monotonic() - self.started
        rate = sender.acknowledged / seconds if seconds else 0
        text = f"sent {sender.acknowledged} messages, {sender.acknowledged_bytes} bytes, {seconds:.1f} s ({rate:.0f}/s)"
        if self.not_json:
            text += f"; {self.not_json} are not JSON"
        if self.failed:
            text += f"; {self.failed} NOT SENT"
        return text
