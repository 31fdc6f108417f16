"""Pairwise precision and recall: of all pairs of reports put together, how many belong together, and the other way."""

from __future__ import annotations

from collections.abc import Iterable

from posko.evaluate.counts import Count, Score


def pairwise(reports: Iterable[Count]) -> Score:
    """Pairwise precision, recall and F1; 1 where there is no pair to judge.

    Source: Manning, Raghavan and Schuetze, Introduction to Information Retrieval (2008), chapter 16.3. Every pair is
    seen from both of its reports, which cancels out; given a part of the reports, it counts for each one in the part.
    """
    right = together = belonging = 0
    for count in reports:
        right, together, belonging = right + count.right, together + count.together, belonging + count.belonging
    return Score.of(right / together if together else 1.0, right / belonging if belonging else 1.0)
