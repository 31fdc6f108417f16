"""Buckets of durations: whatever comes, a quantile read from them is right within one bucket."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posko import buckets

durations = st.lists(st.integers(0, buckets.LONGEST_MS), min_size=1, max_size=300)


def quantile(counts, share: float) -> int:
    """The last millisecond of the bucket in which the quantile lies, as the saved question computes it."""
    return int(buckets.MOST[np.searchsorted(np.cumsum(counts), share * counts.sum())])


@given(durations, st.sampled_from([0.01, 0.5, 0.95, 0.99, 1.0]))
def test_a_quantile_is_never_too_small_and_at_most_a_bucket_too_large(values, share):
    exact = int(np.quantile(values, share, method="inverted_cdf"))
    found = quantile(buckets.count(np.array(values)), share)
    assert exact <= found
    assert found == exact or found < exact * buckets.FACTOR


@given(durations, durations)
def test_counts_of_two_processes_can_be_added(first, second):
    together = buckets.count(np.array(first + second))
    assert (buckets.count(np.array(first)) + buckets.count(np.array(second)) == together).all()


def test_every_millisecond_of_a_day_belongs_to_exactly_one_bucket():
    assert buckets.FROM[0] == 0
    assert buckets.MOST[-1] == buckets.LONGEST_MS
    assert (buckets.FROM[1:] == buckets.MOST[:-1] + 1).all()
    assert buckets.COUNT < 128


def test_what_clocks_that_differ_make_negative_counts_as_nothing_and_what_is_longer_than_a_day_as_a_day():
    counts = buckets.count(np.array([-5_000, 10 * buckets.LONGEST_MS]))
    assert (counts[0], counts[-1], counts.sum()) == (1, 1, 2)
