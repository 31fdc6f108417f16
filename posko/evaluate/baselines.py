"""Three simple ways to put reports together, to see what the real one is worth."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from math import log, sqrt
from typing import Any

from rapidfuzz import fuzz

Message = dict[str, Any]
Likeness = Callable[[int, int], float]

WINDOW_MS = 3 * 3_600_000
# Both thresholds give the best B-cubed F1 on the development half, in steps of 5 and of 0.02 (docs/evaluation.md): the
# baselines are shown at their best. Fuzzy token sets gain 0.002 more at 40, where the gates alone decide.
FUZZY = 45.0  # rapidfuzz' token_set_ratio, 0 to 100
COSINE = 0.16
GRAMS = (2, 3, 4)
_SPACE = re.compile(r"\W+")


def exact(reports: Sequence[Message]) -> dict[str, str]:
    """Reports with the same text, but for case, punctuation and blanks."""
    return {report["report_id"]: plain(report["text"]) for report in reports}


def fuzzy(reports: Sequence[Message], threshold: float = FUZZY) -> dict[str, str]:
    """Fuzzy token sets: category and kecamatan the same, 3 hours at most, token_set_ratio from `threshold`."""
    texts = [plain(report["text"]) for report in reports]
    return _grouped(reports, lambda one, other: fuzz.token_set_ratio(texts[one], texts[other]), threshold)


def tfidf(reports: Sequence[Message], threshold: float = COSINE) -> dict[str, str]:
    """TF-IDF of character n-grams inside words (2 to 4): the same gates, cosine from `threshold`.

    Weights are (1 + ln tf) (1 + ln((1 + n) / (1 + df))) over all texts of the file, each text's vector of length 1, as
    scikit-learn's TfidfVectorizer with sublinear_tf and smooth_idf makes them.
    """
    grams = [Counter(_grams(plain(report["text"]))) for report in reports]
    known = Counter(gram for text in grams for gram in text)
    rarity = {gram: 1 + log((1 + len(reports)) / (1 + number)) for gram, number in known.items()}
    vectors = [_unit({gram: (1 + log(number)) * rarity[gram] for gram, number in text.items()}) for text in grams]

    def cosine(one: int, other: int) -> float:
        small, large = sorted((vectors[one], vectors[other]), key=len)
        return sum(weight * large.get(gram, 0.0) for gram, weight in small.items())

    return _grouped(reports, cosine, threshold)


ALL: dict[str, Callable[[Sequence[Message]], dict[str, str]]] = {
    "exact text": exact,
    f"fuzzy token set, {FUZZY:g}": fuzzy,
    f"TF-IDF character n-grams, {COSINE:g}": tfidf,
}


def plain(text: str) -> str:
    """Lower case, words and digits with single blanks; the text itself if it has neither (emojis)."""
    return _SPACE.sub(" ", text.casefold()).strip() or text.strip()


def _grouped(reports: Sequence[Message], likeness: Likeness, threshold: float) -> dict[str, str]:
    """Each report joins the group of the earlier report most like it within the gates, or opens its own."""
    found: dict[str, str] = {}
    rooms: dict[tuple[str, str], list[int]] = {}
    for number, report in enumerate(reports):
        room = rooms.setdefault((report["category"], report["district"]), [])
        best, most = -1, threshold
        for other in _near(reports, room, _at(report)):
            if (like := likeness(number, other)) >= most:
                best, most = other, like
        found[report["report_id"]] = found[reports[best]["report_id"]] if best >= 0 else report["report_id"]
        room.append(number)
    return found


def _near(reports: Sequence[Message], room: Iterable[int], at: int) -> Iterator[int]:
    return (number for number in room if abs(_at(reports[number]) - at) <= WINDOW_MS)


def _at(report: Message) -> int:
    return int(report["reported_at"] if report["occurred_at"] is None else report["occurred_at"])


def _grams(text: str) -> Iterator[str]:
    for word in text.split():
        padded = f" {word} "
        for size in GRAMS:
            for start in range(max(1, len(padded) - size + 1)):
                yield padded[start : start + size]


def _unit(weights: dict[str, float]) -> dict[str, float]:
    length = sqrt(sum(weight * weight for weight in weights.values()))
    return {gram: weight / length for gram, weight in weights.items()}
