"""A map from bytes to bytes of fixed widths in little memory, for millions of entries, that never stops to grow."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import pairwise

import numpy as np
import numpy.typing as npt

_FULL = 48  # entries of a bucket, on average, before another bucket is opened


class Table:
    """Entries of `key + value` bytes in buckets, each a bytearray that is searched in C.

    Linear hashing (Litwin 1980): whenever the buckets are full on average, one more is opened and takes its share of
    one other. So an entry costs its own bytes and about a quarter more, and no insertion pays for all. `key` and
    `value` are widths in bytes, that of keys 8 or 16; keys have to be evenly spread, as hashes and random UUIDs are.
    """

    def __init__(self, key: int, value: int) -> None:
        self._key, self._width = key, key + value
        self._buckets: list[bytearray] = [bytearray()]
        self._round = 1  # buckets at the beginning of this round of splits, a power of two
        self._count = 0
        self._swept = 0  # the bucket to be swept next

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[bytes]:
        """All entries, `key + value`."""
        width = self._width
        for bucket in self._buckets:
            for at in range(0, len(bucket), width):
                yield bytes(bucket[at : at + width])

    @property
    def size(self) -> int:
        """Memory of the buckets in bytes."""
        return sum(bucket.__sizeof__() for bucket in self._buckets) + self._buckets.__sizeof__()

    def get(self, key: bytes) -> bytes | None:
        """The value of a key."""
        bucket = self._buckets[self._place(key)]
        at = self._find(bucket, key)
        return None if at < 0 else bytes(bucket[at + self._key : at + self._width])

    def put(self, key: bytes, value: bytes) -> None:
        """Set the value of a key."""
        bucket = self._buckets[self._place(key)]
        at = self._find(bucket, key)
        if at >= 0:
            bucket[at + self._key : at + self._width] = value
            return
        bucket += key
        bucket += value
        self._count += 1
        if self._count > _FULL * len(self._buckets):
            self._split()

    def drop(self, key: bytes) -> None:
        """Take out a key, if it is there."""
        bucket = self._buckets[self._place(key)]
        at = self._find(bucket, key)
        if at >= 0:
            del bucket[at : at + self._width]
            self._count -= 1

    def fill(self, entries: npt.NDArray[np.uint8]) -> None:
        """Put many entries into an empty table at once: rows of `key + value`, the last of a key counts."""
        assert not self._count
        if not len(entries):
            return
        ends = np.ascontiguousarray(entries[:, : self._key]).view(">u8").reshape(len(entries), -1)
        spread = ends[:, -1].astype(np.uint64)
        spread ^= spread >> np.uint64(32)
        count = len(entries) // _FULL + 1
        self._round = 1 << (count.bit_length() - 1)
        places = (spread & np.uint64(2 * self._round - 1)).astype(np.int64)
        places[places >= count] -= self._round
        order = np.lexsort((*ends.T, places))
        ordered = ends[order]
        last = np.append((ordered[1:] != ordered[:-1]).any(axis=1), True)[: len(order)]
        order = order[last]
        packed = memoryview(entries[order].tobytes())
        edges = (np.searchsorted(places[order], np.arange(count + 1)) * self._width).tolist()
        self._buckets = [bytearray(packed[begin:end]) for begin, end in pairwise(edges)]
        self._count = len(order)

    def sweep(self, keep: Callable[[bytes], bool]) -> None:
        """Look through one bucket, the next in turn, and drop the entries whose value `keep` does not want."""
        self._swept = (self._swept + 1) % len(self._buckets)
        bucket, width, key = self._buckets[self._swept], self._width, self._key
        for at in range(len(bucket) - width, -1, -width):
            if not keep(bytes(bucket[at + key : at + width])):
                del bucket[at : at + width]
                self._count -= 1

    def _place(self, key: bytes) -> int:
        spread = int.from_bytes(key[-8:], "big")
        spread ^= spread >> 32
        at = spread & (2 * self._round - 1)
        return at if at < len(self._buckets) else at - self._round

    def _find(self, bucket: bytearray, key: bytes) -> int:
        at = bucket.find(key)
        while at > 0 and at % self._width:  # bytes of two neighbours, or of a value
            at = bucket.find(key, at + 1)
        return at

    def _split(self) -> None:
        """Open one more bucket and give it its share of the one it belongs to."""
        full = self._buckets[len(self._buckets) - self._round]
        entries = [bytes(full[at : at + self._width]) for at in range(0, len(full), self._width)]
        full.clear()
        self._buckets.append(bytearray())
        for entry in entries:
            self._buckets[self._place(entry[: self._key])] += entry
        if len(self._buckets) == 2 * self._round:
            self._round *= 2
