"""Which reports were seen: by id for 72 hours of stream time, by a person's own words for 6."""

from __future__ import annotations

from collections import deque
from hashlib import blake2b
from typing import Any, NamedTuple

from posko.correlate.record import Record
from posko.text import Words

HOUR_MS = 3_600_000
SEEN_HOURS = 72
ECHO_HOURS = 6
SWEEP = 8  # forgotten ids for each report, at most: no report pays for a whole hour
_NEAR_MS = 2 * HOUR_MS  # "near in time" for a person's repeated words: the same or a neighbouring slot of event time
_MASK = (1 << 64) - 1
REPORT = b"r"


class Seen(NamedTuple):
    """What is known of a report id."""

    record_number: int
    content: int


class Memory:
    """Bounded by time: ids of SEEN_HOURS, echoes of ECHO_HOURS. About 160 bytes an id, 100 more while it can still
    echo.

    An id is one integer in a dict with hour, record and content packed into another integer.
    """

    def __init__(self) -> None:
        self._seen: dict[int, int] = {}
        self._by_hour: dict[int, list[int]] = {}
        self._expired: deque[int] = deque()
        self._echoes: dict[int, dict[int, Record]] = {}

    def __len__(self) -> int:
        return len(self._seen)

    def find(self, report: int, now: int) -> Seen | None:
        """What is known of this id at stream hour `now`."""
        value = self._seen.get(report)
        if value is None or (value >> 96) < now - SEEN_HOURS:
            return None
        return Seen(value >> 64 & 0xFFFFFFFF, value & _MASK)

    def remember(self, report: int, hour: int, content: int, echo: int, record: Record) -> None:
        """Keep an id received in stream hour `hour`."""
        self._seen[report] = hour << 96 | record.number << 64 | content
        self._by_hour.setdefault(hour, []).append(report)
        if echo:
            self._echoes.setdefault(hour, {})[echo] = record

    def echoed(self, echo: int, now: int) -> Record | None:
        """The incident to which the same person said the same words at the same place, near in time."""
        before, after = (echo - 1) & _MASK, (echo + 1) & _MASK
        for hour in range(now, now - ECHO_HOURS - 1, -1):
            found = self._echoes.get(hour)
            if found:
                record = found.get(echo) or found.get(before) or found.get(after)
                if record is not None:
                    return record
        return None

    def advance(self, now: int) -> None:
        """The stream has reached hour `now`: what is too old waits to be swept."""
        for hour in [hour for hour in self._by_hour if hour < now - SEEN_HOURS]:
            self._expired.extend(self._by_hour.pop(hour))
        for hour in [hour for hour in self._echoes if hour < now - ECHO_HOURS]:
            del self._echoes[hour]

    def sweep(self, now: int) -> list[int]:
        """Forget a few expired ids; those forgotten."""
        gone: list[int] = []
        if not self._expired:
            return gone
        for _ in range(min(SWEEP, len(self._expired))):
            report = self._expired.popleft()
            if self._seen.get(report, now << 96) >> 96 < now - SEEN_HOURS:  # else it came again later
                del self._seen[report]
                gone.append(report)
        return gone


def report_number(report_id: str) -> int:
    """The UUID as a number."""
    return int(report_id.replace("-", ""), 16)


def echo_of(report: dict[str, Any], who: int, words: Words, at: int) -> int:
    """64 bits for who said what about which place, plus the slot of event time, so that neighbouring slots are
    neighbours."""
    said = str(words.key) if words.weights else report["text"]
    where = report["tps"] or report["village"] or report["district"] or report["regency"]
    if report["place_by"] == "point":
        where = f"{report['lat']:.2f} {report['lng']:.2f}"
    text = f"{who}\0{report['scope']}\0{report['category']}\0{where}\0{said}"
    base = int.from_bytes(blake2b(text.encode("utf-8", "replace"), digest_size=8).digest())
    return (base + at // _NEAR_MS) & _MASK or 1


def packed(hour: int, content: int, echo: int, incident_id: str) -> bytes:
    """The changelog's value of a report id."""
    return hour.to_bytes(4) + content.to_bytes(8) + echo.to_bytes(8) + incident_id.encode()


def unpacked(value: bytes) -> tuple[int, int, int, str]:
    """Hour, content, echo and incident id from a changelog's value."""
    return int.from_bytes(value[:4]), int.from_bytes(value[4:12]), int.from_bytes(value[12:20]), value[20:].decode()
