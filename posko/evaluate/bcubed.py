"""B-cubed precision and recall: how pure and how complete the incident of an average report is."""

from __future__ import annotations

from collections.abc import Iterable

from posko.evaluate.counts import Count, Score


def bcubed(reports: Iterable[Count]) -> Score:
    """B-cubed precision, recall and F1, each report with the same weight and itself included; 1 without reports.

    Sources: Bagga and Baldwin, Algorithms for Scoring Coreference Chains (1998); Amigo, Gonzalo, Artiles and Verdejo, A
    comparison of extrinsic clustering evaluation metrics based on formal constraints (2009).
    """
    precision = recall = number = 0.0
    for count in reports:
        precision += (count.right + 1) / (count.together + 1)
        recall += (count.right + 1) / (count.belonging + 1)
        number += 1
    return Score.of(precision / number, recall / number) if number else Score.of(1.0, 1.0)
