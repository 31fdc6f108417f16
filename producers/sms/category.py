"""Which category a message is about: by the code it begins with, else by its words."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from typing import Any, NamedTuple

import yaml

from posko.catalog import Catalog
from posko.matching.kinds import infer
from posko.text import normalise
from producers.sms import repair

_STRONG, _WEAK = 2, 1
_KIND = 2  # points for words that tell a kind of the category; one when the category only repeats what others say
_ENOUGH, _LEAD = 2, 1


class Code(NamedTuple):
    """A word that stands for a category. `kept`: it also says something, so it stays in the text."""

    category: str
    kept: bool


def named(word: str, catalog: Catalog) -> Code | None:
    """The category that a word at the beginning of a message stands for."""
    known = _codes(tuple((code, category.names["id"]) for code, category in catalog.categories.items()))
    return known.get(word.lower()) or known.get(repair.letters(word))


def spelt(code: str, name: str) -> str:
    """The code word that people are told to begin with: `LOG`, `KAM`, `HOAKS`, `ASN`."""
    entry = _table().get(code, {})
    return str(next((word for words in ("short", "words") for word in entry.get(words, ())), name.split()[0])).upper()


def guess(text: str, catalog: Catalog) -> str:
    """The code of the category that the words of `text` speak for, `""` when none does clearly."""
    words = normalise(text)
    scores: dict[str, int] = {}
    for code, category in catalog.categories.items():
        clues = _clues().get(code, {})
        points = sum(value for meaning, value in clues.items() if meaning in words.said)
        if infer(code, words.weights):
            points += _WEAK if category.travels else _KIND
        scores[code] = points
    best, *others = sorted(scores, key=scores.__getitem__, reverse=True)
    lead = scores[best] - (scores[others[0]] if others else 0)
    return best if scores[best] >= _ENOUGH and lead >= _LEAD else ""


@lru_cache(4)
def _codes(categories: tuple[tuple[str, str], ...]) -> dict[str, Code]:
    table, found = _table(), dict[str, Code]()
    for code, name in categories:
        entry = table.get(code, {})
        for word in (code, code.partition("_")[0], *name.lower().split(), *entry.get("words", ())):
            found.setdefault(word, Code(code, True))
        for word in entry.get("short", ()):
            found[word] = Code(code, False)
    return found


@lru_cache(1)
def _clues() -> dict[str, dict[str, int]]:
    """Category -> meaning -> points."""
    return {
        code: {
            meaning: points
            for name, points in (("weak", _WEAK), ("strong", _STRONG))
            for clue in entry.get(name, ())
            for meaning in (_meaning(str(clue)),)
            if meaning
        }
        for code, entry in _table().items()
    }


def _meaning(clue: str) -> str:
    """The meaning of a clue: of a phrase that the vocabulary does not know as one, its rarest word."""
    words = normalise(clue)
    return max(words.weights, key=words.weights.__getitem__) if words.weights else next(iter(words.said), "")


@lru_cache(1)
def _table() -> dict[str, dict[str, Any]]:
    content: dict[str, dict[str, Any]] = yaml.safe_load(
        files("producers").joinpath("sms", "words.yaml").read_text(encoding="utf-8")
    )
    return content
