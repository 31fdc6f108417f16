"""What place a claim itself is about: "di gudang KPU Ogan Ilir", and not where it is told: "beredar di Muba"."""

from __future__ import annotations

import re
from functools import lru_cache

from posko.regions import Regions
from posko.shipped import content

REGENCY = 5  # length of the code of a kabupaten/kota
CERTAIN = 0.5  # score of a mention that means one region
_WORD = re.compile(r"[^\W\d_]+")
_AROUND = 60  # characters on each side in which words are looked for,
_BEFORE, _BEHIND = 5, 4  # and how many words
_HEADLINE = 20  # characters before a place that stands in front of a message: "Lahat: ..."


def about(regions: Regions, text: str) -> str:
    """The kabupaten/kota that a claim is about; `""` when it names none, several, or only those where it is told."""
    found, told = "", _words()["told"]
    for mention in regions.find(text):
        if len(mention.code) < REGENCY or mention.score < CERTAIN:
            continue
        start, end = mention.span
        before = _WORD.findall(text[max(0, start - _AROUND) : start].lower())[-_BEFORE:]
        behind = _WORD.findall(text[end : end + _AROUND].lower())[:_BEHIND]
        headline = text[end : end + 1] == ":" and start < _HEADLINE
        around = not told.isdisjoint(before) or not told.isdisjoint(behind)
        if headline or (around and not _is_subject(before)):
            continue
        if found and mention.code[:REGENCY] != found:
            return ""
        found = mention.code[:REGENCY]
    return found


def _is_subject(before: list[str]) -> bool:
    """Whether an election, an office or a candidate is named right before the place: the claim is about that place."""
    levels = _words()["levels"]
    direct = next((word for word in reversed(before) if word not in levels), "")
    return direct in _words()["of"]


@lru_cache(maxsize=1)
def _words() -> dict[str, frozenset[str]]:
    return {name: frozenset(words.split()) for name, words in content("text/told.yaml").items()}
