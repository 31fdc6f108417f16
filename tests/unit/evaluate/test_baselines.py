"""The three baselines put together what they should, and keep their gates."""

from __future__ import annotations

from functools import partial

import pytest

from posko.evaluate import baselines
from tests.unit.evaluate.conftest import uuid

GATED = pytest.mark.parametrize(
    "group", [partial(baselines.fuzzy, threshold=60.0), partial(baselines.tfidf, threshold=0.2)], ids=["fuzzy", "tfidf"]
)


def test_exact_text_minds_neither_case_nor_punctuation(message) -> None:
    found = baselines.exact(
        [message(1, "Kotak  belum tiba!"), message(2, "kotak belum tiba"), message(3, "kotak tiba")]
    )
    assert found[uuid(1)] == found[uuid(2)] != found[uuid(3)]


def test_exact_text_keeps_different_emojis_apart(message) -> None:
    found = baselines.exact([message(1, "🔥"), message(2, "🙏")])
    assert found[uuid(1)] != found[uuid(2)]


@GATED
def test_like_words_within_the_gates_are_one_group(message, group) -> None:
    found = group([message(1, "perahu logistik kandas"), message(2, "perahu logistiknya kandas di muara", minute=179)])
    assert found[uuid(1)] == found[uuid(2)]


@GATED
@pytest.mark.parametrize(
    "other", [{"minute": 181}, {"category": "security"}, {"district": "16.02.12"}], ids=["3 h", "category", "kecamatan"]
)
def test_the_same_words_outside_a_gate_are_two_groups(message, group, other) -> None:
    found = group([message(1, "perahu logistik kandas"), message(2, "perahu logistik kandas", **other)])
    assert found[uuid(1)] != found[uuid(2)]


@GATED
def test_the_most_alike_earlier_report_decides(message, group) -> None:
    texts = ["perahu logistik kandas di muara", "listrik padam di sekolah", "listrik di sekolah masih padam"]
    found = group([message(number, text) for number, text in enumerate(texts, 1)])
    assert found[uuid(3)] == found[uuid(2)] != found[uuid(1)]
