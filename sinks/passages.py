"""How long reports take from place to place, counted as they are stored, and written to ClickHouse now and then.

Statistics, not records: what a sink that is killed has counted and not written, five seconds at most, is lost. What is
stored again after a crash, because its offsets were not noted yet, counts again, too: of a second at most. When
ClickHouse's answer to an insert is lost, those counts are written again and may count double.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from prometheus_client.core import HistogramMetricFamily, Metric

from posko import buckets, log, passage
from posko.errors import first_line
from sinks import clickhouse
from sinks.batch import Record

EVERY_S = 5.0  # between two inserts
WINDOW_S = 10
WINDOWS = 60  # kept at most while they cannot be written
COARSE = 4  # buckets that are one for Prometheus

# The places in the order in which a report passes them, and what lies between two of them.
PLACES = (*passage.CARRIED, "correlate_written", "sink_read", "stored")
HOPS = {
    "send": ("sent", "received"),
    "intake_wait": ("received", "intake_read"),
    "intake": ("intake_read", "intake_written"),
    "correlate_wait": ("intake_written", "correlate_read"),
    "correlate": ("correlate_read", "correlate_written"),
    "sink_wait": ("correlate_written", "sink_read"),
    "store": ("sink_read", "stored"),
    "since_received": ("received", "stored"),
    "total": ("sent", "stored"),
}
_ENDS = {hop: (PLACES.index(begin), PLACES.index(end)) for hop, (begin, end) in HOPS.items()}
_SENSIBLE = 1 << 53
_SCHEMA = pa.schema({
    "at": pa.uint32(), "outcome": pa.string(), "hop": pa.string(),
    "from_ms": pa.uint32(), "most_ms": pa.uint32(), "reports": pa.uint64(),
})  # fmt: skip

Counts = npt.NDArray[np.int64]
Key = tuple[int, str, str]  # window (seconds since 1970), outcome, hop


class Lot(NamedTuple):
    """Records of one topic: `matched` or `rejected`; `read`: so many of them were read at that time, in their order."""

    outcome: str
    records: Sequence[Record]
    read: Sequence[tuple[int, int]]


class Passages:
    """Counts durations by window, outcome and hop. `take` and `add` may be called from different threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[Key, Counts] = {}
        self._ever: dict[tuple[str, str], Counts] = {}

    def add(self, lots: Iterable[Lot], began: int, stored: int) -> None:
        """Count what was stored at `stored`; what was written before `began` is left out. Times in ms since 1970."""
        window = stored // 1000 // WINDOW_S * WINDOW_S
        for lot in lots:
            times = table(lot, stored)
            times = times[times[:, PLACES.index("correlate_written")] >= began]
            for hop, (begin, end) in _ENDS.items():
                known = (times[:, begin] > 0) & (times[:, end] > 0)
                if known.any():
                    self._note((window, lot.outcome, hop), buckets.count((times[:, end] - times[:, begin])[known]))

    def _note(self, key: Key, counts: Counts) -> None:
        with self._lock:
            self._counts[key] = self._counts.get(key, 0) + counts
            self._ever[key[1:]] = self._ever.get(key[1:], 0) + counts
            if len(self._counts) > WINDOWS * 2 * len(HOPS):
                del self._counts[min(self._counts)]

    def take(self) -> dict[Key, Counts]:
        """What was counted since the last call."""
        with self._lock:
            taken, self._counts = self._counts, {}
            return taken

    def put_back(self, taken: dict[Key, Counts]) -> None:
        """What `take` gave could not be written."""
        with self._lock:
            for key, counts in taken.items():
                self._counts[key] = self._counts.get(key, 0) + counts

    def families(self) -> Iterable[Metric]:
        """For Prometheus: everything counted since the process began, in coarser buckets."""
        family = HistogramMetricFamily(
            "posko_latency_seconds", "From place to place on a report's way.", labels=("outcome", "hop")
        )
        with self._lock:
            ever = dict(self._ever)
        for labels, counts in ever.items():
            ends = range(COARSE - 1, buckets.COUNT, COARSE)
            up_to = np.cumsum(counts)
            bounds = [(f"{buckets.MOST[end] / 1000:g}", float(up_to[end])) for end in ends]
            whole = float((counts * (buckets.FROM + buckets.MOST) / 2000).sum())
            family.add_metric(labels, [*bounds, ("+Inf", float(up_to[-1]))], whole)
        yield family


def table(lot: Lot, stored: int) -> npt.NDArray[np.int64]:
    """The times of each record, in the order of PLACES, 0 where one is not known."""
    times = np.zeros((len(lot.records), len(PLACES)), dtype=np.int64)
    carried = b"".join([passage.packed(record.headers) for record in lot.records])
    times[:, : len(passage.CARRIED)] = np.frombuffer(carried, dtype="<i8").reshape(len(lot.records), -1)
    times[:, -3] = [record.timestamp for record in lot.records]
    times[:, -2] = np.repeat([at for _, at in lot.read], [count for count, _ in lot.read])
    times[:, -1] = stored
    times[(times < 0) | (times > _SENSIBLE)] = 0
    return times


async def keep(passages: Passages, insert: Callable[[dict[Key, Counts]], Any]) -> None:
    """Write what was counted every EVERY_S seconds, until cancelled. `insert` runs in a thread."""
    while True:
        await asyncio.sleep(EVERY_S)
        await asyncio.to_thread(write, passages, insert)


def write(passages: Passages, insert: Callable[[dict[Key, Counts]], Any]) -> None:
    """Write what was counted; what cannot be written is kept for the next time.

    No outage grows it: while ClickHouse is away nothing is stored, so nothing is counted, and Storage says that it is.
    """
    taken = passages.take()
    if not taken:
        return
    try:
        insert(taken)
    except Exception as error:
        passages.put_back(taken)
        said = first_line(error)
        log.get("sinks").debug("latencies are written later", error=said, kind=type(error).__name__)


def into(client: Client) -> Callable[[dict[Key, Counts]], None]:
    """Inserts counts into `posko.pipeline`: one row for each bucket that has any."""

    def insert(counted: dict[Key, Counts]) -> None:
        clickhouse.insert(client, "pipeline_rows", rows(counted))

    return insert


def rows(counted: dict[Key, Counts]) -> pa.Table:
    """As rows of `posko.pipeline_rows`."""
    lines = [
        (window, outcome, hop, int(buckets.FROM[place]), int(buckets.MOST[place]), int(counts[place]))
        for (window, outcome, hop), counts in counted.items()
        for place in np.flatnonzero(counts)
    ]
    return pa.table(dict(zip(_SCHEMA.names, zip(*lines, strict=True), strict=True)), schema=_SCHEMA)
