"""Durations counted in buckets that are fixed for ever, so that counts of any processes and times can be added.

A bucket holds whole milliseconds from its first to its last; the last is less than 1.2 times the first, or equal to it.
So a quantile read from buckets, as the last millisecond of the bucket it falls in, is at most that much too large.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FACTOR = 1.2
LONGEST_MS = 86_400_000  # longer durations count as this


def _first_of_each() -> list[int]:
    first = [0]
    while first[-1] < LONGEST_MS:
        first.append(min(LONGEST_MS, max(first[-1] + 1, int(first[-1] * FACTOR))))
    return first


FROM = np.array(_first_of_each(), dtype=np.int64)
MOST = np.append(FROM[1:] - 1, LONGEST_MS)
COUNT = len(FROM)


def count(durations: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """How many of `durations` (milliseconds; negative ones, which clocks that differ can make, count as 0) fall into
    each bucket.
    """
    places = np.searchsorted(FROM, np.clip(durations, 0, LONGEST_MS), side="right") - 1
    return np.bincount(places, minlength=COUNT)
