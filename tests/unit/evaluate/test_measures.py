"""Pairwise and B-cubed measures against worked examples, and the properties they promise."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.evaluate.bcubed import bcubed
from posko.evaluate.counts import Score, counts
from posko.evaluate.pairs import pairwise


def grouped(*groups: str) -> dict[str, int]:
    """`grouped("ab", "c")`: a and b in group 0, c in group 1."""
    return {item: number for number, group in enumerate(groups) for item in group}


def both(truth: dict[str, int], found: dict[str, int]) -> tuple[Score, Score]:
    counted = counts(truth, found).values()
    return pairwise(counted), bcubed(counted)


def labelled(*clusters: str) -> tuple[dict[str, str], dict[str, int]]:
    """Clusters written as the classes of their items: `labelled("xxo")` is one cluster with two x and one o."""
    items = [(f"{number}-{at}", kind, number) for number, text in enumerate(clusters) for at, kind in enumerate(text)]
    return {name: kind for name, kind, _ in items}, {name: number for name, _, number in items}


def of_labels(*clusters: str) -> Score:
    """B-cubed; items called `.` are each of a class of their own."""
    classes, found = labelled(*clusters)
    truth = {name: name if kind == "." else kind for name, kind in classes.items()}
    return bcubed(counts(truth, found).values())


def test_pairs_of_the_textbook_example() -> None:
    # Manning, Raghavan, Schuetze (2008), chapter 16.3: TP 20, FP 20, FN 24
    truth, found = labelled("xxxxxo", "xooood", "xxddd")
    score = pairwise(counts(truth, found).values())
    assert score.precision == pytest.approx(20 / 40)
    assert score.recall == pytest.approx(20 / 44)
    assert score.f1 == pytest.approx(0.476, abs=0.001)


@pytest.mark.parametrize(
    ("found", "precision"),
    [(grouped("12345", "6789ABC"), 16 / 21), (grouped("1234589ABC", "67"), 7 / 12)],
    ids=["small chain merged", "large chains merged"],
)
def test_bcubed_of_bagga_and_baldwin(found: dict[str, int], precision: float) -> None:
    # Bagga and Baldwin (1998): 76 % and 58 % precision, both with full recall
    score = bcubed(counts(grouped("12345", "67", "89ABC"), found).values())
    assert score.precision == pytest.approx(precision)
    assert score.recall == 1


@pytest.mark.parametrize(
    ("worse", "better"),
    [
        (("aaabbb", "ccc"), ("aaa", "bbb", "ccc")),  # homogeneity
        (("aaa", "aa", "bbb"), ("aaaaa", "bbb")),  # completeness
        (("aaaax", "pqrs"), ("aaaa", "xpqrs")),  # rag bag: disorder belongs where there is disorder
        (("aaaa", "bb", "cc", "dd", "ee"), ("aaaa", "bb", "cc", "dd", "ee")),
    ],
    ids=["homogeneity", "completeness", "rag bag", "the same"],
)
def test_bcubed_keeps_the_constraints_of_amigo_et_al(worse: tuple[str, ...], better: tuple[str, ...]) -> None:
    # Amigo, Gonzalo, Artiles, Verdejo (2009), section 3
    if worse == better:
        assert of_labels(*worse).f1 == 1
    else:
        assert of_labels(*worse).f1 < of_labels(*better).f1


def test_bcubed_minds_one_large_error_less_than_many_small_ones() -> None:
    # Amigo et al. (2009): cluster size against quantity; four pairs halved cost more than one item of five split off
    many = of_labels("aaaaa", "b", "b", "c", "c", "d", "d", "e", "e")
    one = of_labels("aaaa", "a", "bb", "cc", "dd", "ee")
    assert many.f1 < one.f1


def test_a_report_that_is_in_no_incident_stands_alone() -> None:
    pairs, cubed = both(grouped("abc"), {"a": 1, "b": 1})
    assert pairs.precision == cubed.precision == 1
    assert pairs.recall == pytest.approx(1 / 3)
    assert cubed.recall == pytest.approx((2 / 3 + 2 / 3 + 1 / 3) / 3)


def test_reports_the_truth_does_not_know_change_nothing() -> None:
    truth = grouped("ab", "c")
    assert both(truth, grouped("ab", "c")) == both(truth, grouped("abxyz", "cw"))


PARTITIONS = st.dictionaries(
    st.sampled_from("abcdefghijkl"), st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=1
)


@given(PARTITIONS)
def test_identical_groups_score_one(groups: dict[str, tuple[int, int]]) -> None:
    truth = {item: event for item, (event, _) in groups.items()}
    renamed = {item: f"incident {event}" for item, event in truth.items()}
    counted = counts(truth, renamed).values()
    assert pairwise(counted) == bcubed(counted) == Score(1, 1, 1)


@given(PARTITIONS, st.randoms(use_true_random=False))
def test_the_order_of_reports_and_the_names_of_groups_change_nothing(
    groups: dict[str, tuple[int, int]], chance
) -> None:
    truth = {item: event for item, (event, _) in groups.items()}
    found = {item: incident for item, (_, incident) in groups.items()}
    items = list(groups)
    chance.shuffle(items)
    again = both({item: -truth[item] for item in items}, {item: found[item] + 100 for item in items})
    for one, other in zip(both(truth, found), again, strict=True):
        assert one == pytest.approx(other)


@given(PARTITIONS)
def test_precision_and_recall_change_places_with_the_two_sides(groups: dict[str, tuple[int, int]]) -> None:
    truth = {item: event for item, (event, _) in groups.items()}
    found = {item: incident for item, (_, incident) in groups.items()}
    for one, other in zip(both(truth, found), both(found, truth), strict=True):
        assert (one.precision, one.recall) == pytest.approx((other.recall, other.precision))
        assert 0 <= one.f1 <= 1


@given(PARTITIONS)
def test_pairs_counted_one_by_one_give_the_same(groups: dict[str, tuple[int, int]]) -> None:
    pairs = [(groups[a], groups[b]) for a in groups for b in groups if a < b]
    right = sum(one == other for one, other in pairs)
    together = sum(one[1] == other[1] for one, other in pairs)
    belonging = sum(one[0] == other[0] for one, other in pairs)
    truth = {item: event for item, (event, _) in groups.items()}
    score = pairwise(counts(truth, {item: incident for item, (_, incident) in groups.items()}).values())
    assert score.precision == pytest.approx(right / together if together else 1)
    assert score.recall == pytest.approx(right / belonging if belonging else 1)
