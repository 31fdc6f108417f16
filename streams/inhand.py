"""What the domain code is working on, noted where it survives the process, and which messages ended processes before.

An exception is caught where it happens. A crash in a C library, an endless regular expression or the kernel's
out-of-memory killer leave no exception: they leave this note. Writing it costs a quarter of a microsecond a message.
"""

from __future__ import annotations

import faulthandler
import fcntl
import json
import mmap
import os
import struct
import time
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO

from posko import log
from posko.settings import Settings
from streams.failure import TRACEBACK

TRIES = 3  # a message that was in hand when so many processes ended is not tried again
HANG_S = 20.0  # domain work of one batch may take so long; a message takes 0.1 ms
REMEMBERED_S = 3600.0  # what ended a process is forgotten after this, and when topics are made anew
MOST = 200  # endings that are remembered

STAGES = ("intake", "correlate")
_NOTE = struct.Struct("<qqqq")  # stage, partition, first and last offset; stage -1: nothing in hand
_STREAK = struct.Struct("<q")  # one a stage, behind the note
_NOTHING = (-1, 0, 0, 0)
_SIZE = _NOTE.size + _STREAK.size * len(STAGES)

logger = log.get("streams")


@dataclass(frozen=True)
class Ending:
    """A process ended while it worked on `first` to `last` of a partition. `at`: seconds since 1970."""

    place: str
    stage: str
    partition: int
    first: int
    last: int
    at: float
    traceback: str


class InHand:
    """The note of this process, and the endings of all processes that share its folder. Made by `opened`.

    Without a folder the note is in memory only: it then serves within this process, which is all that tests need.
    """

    def __init__(self, memory: Any = None, endings: list[Ending] | None = None, place: str = "") -> None:
        self._memory = memory if memory is not None else bytearray(_NOTE.pack(*_NOTHING) + bytes(_SIZE - _NOTE.size))
        self._traceback: BinaryIO | None = None
        self._tries: Counter[tuple[str, int, int]] = Counter()
        self._ranges: dict[tuple[str, int], list[tuple[int, int]]] = defaultdict(list)
        self._tracebacks: dict[tuple[str, int, int], str] = {}
        for ending in endings or ():
            if ending.place == place:
                self._remember(ending)

    def _remember(self, ending: Ending) -> None:
        if ending.first != ending.last:
            self._ranges[ending.stage, ending.partition].append((ending.first, ending.last))
            return
        message = (ending.stage, ending.partition, ending.first)
        self._tries[message] += 1
        self._tracebacks[message] = ending.traceback or self._tracebacks.get(message, "")

    def take(self, stage: str, partition: int, first: int, last: int) -> None:
        """From now on the domain code works on these offsets."""
        _NOTE.pack_into(self._memory, 0, STAGES.index(stage), partition, first, last)

    def drop(self) -> None:
        """The domain code works on nothing."""
        _NOTE.pack_into(self._memory, 0, *_NOTHING)

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Domain work of one batch. When it hangs, the process says where and ends, even if it never comes back to
        Python's own code; what it worked on stays noted.
        """
        if self._traceback is not None:
            faulthandler.dump_traceback_later(HANG_S, exit=True, file=self._traceback)
        try:
            yield
        finally:
            self.drop()
            if self._traceback is not None:
                faulthandler.cancel_dump_traceback_later()

    def poisonous(self, stage: str, partition: int, offset: int) -> bool:
        """Whether this message ended so many processes that it is not to be tried again."""
        return bool(self._tries) and self._tries[stage, partition, offset] >= TRIES

    @property
    def victims(self) -> int:
        """How many messages are poisonous."""
        return sum(count >= TRIES for count in self._tries.values())

    def traceback(self, stage: str, partition: int, offset: int) -> str:
        """Where the last process was that this message ended; "" when that is not known."""
        return self._tracebacks.get((stage, partition, offset), "")

    def alone(self, stage: str, partition: int, offset: int) -> bool:
        """Whether this message has to be worked on by itself: it was among several when two processes ended."""
        if not self._ranges:
            return False
        ranges = self._ranges.get((stage, partition), ())
        return sum(first <= offset <= last for first, last in ranges) > 1

    def failed(self, stage: str, count: int = 1) -> int:
        """`count` more messages of a stage failed without a success between them; how many these are now.

        Earlier lives of the process count: one that starts anew must not set the next few aside each time.
        """
        at = _NOTE.size + _STREAK.size * STAGES.index(stage)
        streak: int = _STREAK.unpack_from(self._memory, at)[0] + count
        _STREAK.pack_into(self._memory, at, streak)
        return streak

    def worked(self, stage: str) -> None:
        """A message of a stage went well."""
        _STREAK.pack_into(self._memory, _NOTE.size + _STREAK.size * STAGES.index(stage), 0)


def opened(folder: Path, name: str, place: str, clock: Callable[[], float] = time.time) -> InHand:
    """The note of the process called `name`, in `folder`, which all workers of an instance share.

    `place` says which Kafka is meant: offsets of another one are other messages. When the folder cannot be written to,
    that is said in the log, and a message that ends processes is then tried for ever.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        stem, note = _claimed(folder, name)
        traceback = (folder / f"{stem}.traceback").open("a+b")
        memory = _mapped(note)
        if ending := _last(memory, traceback, place, clock()):
            logger.error("the process before this one ended while it worked on a message", **_told(ending))
            _append(folder / f"{stem}.endings.json", ending, clock())
        _NOTE.pack_into(memory, 0, *_NOTHING)
        endings = [ending for file in sorted(folder.glob("*.endings.json")) for ending in _read(file, clock())]
    except OSError as error:
        logger.warning("what is worked on cannot be noted", folder=str(folder), error=error.strerror)
        return InHand()
    traceback.truncate(0)
    faulthandler.enable(traceback)
    held = InHand(memory, endings, place)
    held._traceback = traceback
    return held


def of(settings: Settings) -> InHand:
    """The note of this worker in its instance's folder; a supervised worker is called as its ready file is."""
    name = Path(os.environ.get("POSKO_READY_FILE", "stream")).stem
    return opened(settings.data / "run", name, settings.kafka_address)


def _claimed(folder: Path, name: str) -> tuple[str, BinaryIO]:
    """The first of name, name.2, ... that no other living process uses. It is held until this process ends."""
    for number in range(1, 1000):
        stem = name if number == 1 else f"{name}.{number}"
        note = (folder / f"{stem}.inhand").open("a+b")
        try:
            fcntl.flock(note, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            note.close()
            continue
        return stem, note
    raise BlockingIOError(f"{folder} has a thousand workers called {name}")


def _mapped(note: BinaryIO) -> mmap.mmap:
    if os.fstat(note.fileno()).st_size != _SIZE:
        note.truncate(0)
        note.write(_NOTE.pack(*_NOTHING) + bytes(_SIZE - _NOTE.size))
        note.flush()
    memory = mmap.mmap(note.fileno(), _SIZE)
    _held.append(note)
    return memory


_held: list[BinaryIO] = []  # files whose lock has to last as long as the process


def _last(memory: mmap.mmap, traceback: BinaryIO, place: str, now: float) -> Ending | None:
    stage, partition, first, last = _NOTE.unpack_from(memory, 0)
    if not 0 <= stage < len(STAGES):
        return None
    traceback.seek(0)
    text = traceback.read(TRACEBACK).decode("utf-8", "replace")
    return Ending(place, STAGES[stage], partition, first, last, now, text)


def _told(ending: Ending) -> dict[str, Any]:
    return {key: value for key, value in asdict(ending).items() if key not in ("at", "place")}


def _append(file: Path, ending: Ending, now: float) -> None:
    kept = [asdict(one) for one in [*_read(file, now), ending][-MOST:]]
    fresh = file.with_suffix(".new")
    fresh.write_text(json.dumps(kept))
    fresh.replace(file)


def _read(file: Path, now: float) -> list[Ending]:
    try:
        found = [Ending(**entry) for entry in json.loads(file.read_text())]
    except (OSError, ValueError, TypeError):
        return []
    return [ending for ending in found if now - ending.at < REMEMBERED_S]
