"""Which reports were seen: by id for 72 hours of stream time, by a person's own words for 6; and who sends how many."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable
from hashlib import blake2b
from struct import Struct
from typing import Any, NamedTuple

import numpy as np

from posko.correlate.record import Record
from posko.correlate.table import Table
from posko.text import Words

HOUR_MS = 3_600_000
SEEN_HOURS = 72
ECHO_HOURS = 6
SWEEP = 8  # entries of the changelog deleted with each report, at most
SWEEP_EVERY = 16  # reports between two looks at a bucket of the tables
_NEAR_MS = 2 * HOUR_MS  # "near in time" for a person's repeated words: the same or a neighbouring slot of event time
_MASK = (1 << 64) - 1
REPORT = b"r"
_SEEN, _ECHO = Struct(">IIQ"), Struct(">II")
_KEY, _ENTRY = Struct(">II"), Struct(">16sIIQQQ")  # the second: an entry of each table, as they stand there; a voice
_HOUR, _VOICE = np.dtype(">u4"), np.dtype(">u8")


class Seen(NamedTuple):
    """What is known of a report id."""

    record_number: int
    content: int


class Memory:
    """Bounded by time: ids of SEEN_HOURS, echoes of ECHO_HOURS, voices of this hour; 36 bytes an id, 18 more while it
    can still echo, 100 for each voice of the hour.

    What is new goes to the changelog in batches, one entry for all ids of a batch: as many records as batches have to
    be read after a restart, not as many as there were reports.
    """

    def __init__(self) -> None:
        self._seen = Table(16, 16)  # id -> hour, incident's number, hash of the content
        self._echoes = Table(8, 8)  # echo -> hour, incident's number
        self._voices: dict[int, int] = {}  # of this stream hour -> reports
        self._hour = 0
        self._fresh = bytearray()
        self._batches: dict[int, int] = {}  # entries by stream hour
        self._expired: deque[bytes] = deque()
        self._turns = 0

    def __len__(self) -> int:
        return len(self._seen)

    def find(self, report: int, now: int) -> Seen | None:
        """What is known of this id at stream hour `now`."""
        value = self._seen.get(report.to_bytes(16))
        if value is None:
            return None
        hour, number, content = _SEEN.unpack(value)
        return Seen(number, content) if hour >= now - SEEN_HOURS else None

    def heard(self, voice: int, hour: int) -> int:
        """Count a report of this voice received in `hour`: how many it sent in this stream hour; 0 for a late one."""
        if hour != self._hour:
            return 0
        count = self._voices[voice] = self._voices.get(voice, 0) + 1
        return count

    def remember(self, report: int, hour: int, content: int, echo: int, record: Record, voice: int = 0) -> None:
        """Keep an id received in stream hour `hour`, that it is news, and the voice that was `heard` with it."""
        key, number = report.to_bytes(16), record.number
        self._seen.put(key, _SEEN.pack(hour, number, content))
        if echo:
            self._echoes.put(echo.to_bytes(8), _ECHO.pack(hour, number))
        self._fresh += _ENTRY.pack(key, hour, number, content, echo, voice)

    def echoed(self, echo: int, now: int) -> int | None:
        """The number of the incident to which the same person said the same words at the same place, near in time."""
        newest, found = now - ECHO_HOURS - 1, None
        for key in (echo, (echo - 1) & _MASK, (echo + 1) & _MASK):
            value = self._echoes.get(key.to_bytes(8))
            if value is not None:
                hour, number = _ECHO.unpack(value)
                if hour > newest:
                    newest, found = hour, number
        return found

    def advance(self, now: int) -> None:
        """The stream has reached hour `now`: entries of the changelog that are too old wait to be deleted; voices are
        counted anew."""
        self._hour, self._voices = now, {}
        for hour in [hour for hour in self._batches if hour < now - SEEN_HOURS]:
            self._expired.extend(_key(hour, index) for index in range(self._batches.pop(hour)))

    def sweep(self, now: int) -> list[bytes]:
        """Forget a few of what is too old; keys of the changelog to be deleted. Called once a report: none pays for a
        whole hour."""
        self._turns += 1
        if not self._turns % SWEEP_EVERY:
            self._seen.sweep(lambda value: _SEEN.unpack(value)[0] >= now - SEEN_HOURS)
            self._echoes.sweep(lambda value: _ECHO.unpack(value)[0] >= now - ECHO_HOURS)
        return [self._expired.popleft() for _ in range(min(SWEEP, len(self._expired)))]

    def entries(self, now: int) -> dict[bytes, bytes]:
        """What is new since the last call, for the changelog; `now` is the stream hour."""
        if not self._fresh:
            return {}
        index = self._batches.get(now, 0)
        self._batches[now] = index + 1
        fresh, self._fresh = bytes(self._fresh), bytearray()
        return {_key(now, index): fresh}

    def restore(self, entries: Iterable[tuple[bytes, bytes]], now: int) -> None:
        """Take the changelog's entries, all at once."""
        ordered = sorted(entries)
        for key, _ in ordered:
            hour, index = _KEY.unpack(key[1:])
            self._batches[hour] = max(index + 1, self._batches.get(hour, 0))
        rows = np.frombuffer(b"".join(value for _, value in ordered), np.uint8).reshape(-1, _ENTRY.size)
        hours = np.ascontiguousarray(rows[:, 16:20]).view(_HOUR)[:, 0]
        self._seen.fill(rows[hours >= max(0, now - SEEN_HOURS)][:, :32])
        echoes = rows[hours >= max(0, now - ECHO_HOURS)]
        echoes = echoes[echoes[:, 32:40].any(axis=1)]
        self._echoes.fill(np.hstack([echoes[:, 32:40], echoes[:, 16:24]]))
        self.advance(now)
        voices = np.ascontiguousarray(rows[hours == now][:, 40:]).view(_VOICE)[:, 0]
        who, counts = np.unique(voices[voices > 0], return_counts=True)
        self._voices = dict(zip(who.tolist(), counts.tolist(), strict=True))


def _key(hour: int, index: int) -> bytes:
    return REPORT + _KEY.pack(hour, index)


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
