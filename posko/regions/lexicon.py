"""What a single word of a text can be in a place name: the words of all names, their short forms, and small slips."""

from __future__ import annotations

from collections.abc import Container, Mapping, Set
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from posko.regions.numbers import FROM_ROMAN, WORDS
from posko.regions.spelling import plain, readings, spellings
from posko.text import is_everyday

CACHE = 20_000  # words that are remembered
LONGEST = 64  # characters of a word that are looked at
MISSPELT = 5  # a word shorter than this is never taken for a misspelt one
SHORTENED = 3  # nor one without vowels that is shorter than this for a short form
FEW = 4  # words that one misspelt word may stand for
JOINED, PART = 8, 3  # letters of a word that may be a name of two written as one, and of each of these
_VOWELS = frozenset("aeiou")

Readings = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. `readings`: word lists it can stand for in a place name, none if it is in no name.

    `opens`: a name can begin with it; `level`: it says the level of the name behind it (`kec`); `slip`: it had to be
    corrected; `everyday`: written Indonesian has the word too, so alone it is hardly a name.
    """

    low: str
    readings: Readings
    opens: bool
    level: str
    filler: bool
    slip: bool
    written_number: bool
    everyday: bool


class Lexicon(dict[str, Word]):
    """The vocabulary of one area's place names: the words of texts that were met, as a dict that learns new ones."""

    def __init__(self, words: Set[str], openers: Mapping[str, Container[str]]) -> None:
        """`words` are all words of the names in their folded form, `openers` those that stand first, each with those
        that may follow it."""
        super().__init__()
        self._words = words
        self._openers = openers
        self._known = spellings()
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        self._by_consonants: dict[str, list[str]] = {}
        for word in sorted(words):
            if len(word) >= MISSPELT - 1:
                self._by_shape.setdefault((word[0], len(word)), []).append(word)
                self._by_consonants.setdefault(_consonants(word), []).append(word)

    def __missing__(self, raw: str) -> Word:
        if len(self) >= CACHE:
            self.clear()
        word = self[raw] = self._learn(raw)
        return word

    def _learn(self, raw: str) -> Word:
        low = plain(raw)[:LONGEST]
        number = low in WORDS
        usable = tuple(one for one in self._readings(low) if all(part in self._words for part in one))
        slip = False
        if not usable and not number:
            usable = self._apart(low)
        if not usable and not number and (near := self._nearest(low)):
            usable, slip = tuple((one,) for one in near), True
        opens = number or any(one[0] in self._openers for one in usable)
        everyday = is_everyday(low) or any(len(one) == 1 and is_everyday(one[0]) for one in usable)
        level = self._known.prefixes.get(low, "")
        return Word(low, usable, opens, level, low in self._known.fillers, slip, number, everyday)

    def _readings(self, low: str) -> Readings:
        if low.isdecimal():
            return ((low.lstrip("0") or "0",),)
        if low[-1] == "2":  # `alang2`, or `plaju2` for Plaju II
            return tuple(reading for one in self._readings(low[:-1]) for reading in (one * 2, (*one, "2"), one))
        if low in FROM_ROMAN:
            return ((str(FROM_ROMAN[low]),), (low,), *self._known.abbreviations.get(low, ()))
        # `muaradua` is `muara 2`
        return tuple(tuple(str(WORDS.get(part, part)) for part in one) for one in readings(low))

    def _apart(self, word: str) -> Readings:
        """The two words of names that are written as one, with the dialect's -o for -a as well: `sekarjayo`."""
        if len(word) < JOINED or word in self._known.never_misspelt or is_everyday(word):
            return ()
        wholes = (word, word[:-1] + "a") if word[-1] == "o" else (word,)
        splits = ((whole[:at], whole[at:]) for whole in wholes for at in range(PART, len(word) - PART + 1))
        return tuple((one, other) for one, other in splits if other in self._openers.get(one, ()))[:FEW]

    def _nearest(self, word: str) -> list[str]:
        """The words of place names that `word` may stand for: one slip away, the dialect's -o for -a, or vowels left
        out. None when there are too many to mean anything."""
        if word in self._known.never_misspelt or word in self._known.prefixes:
            return []
        if len(word) >= SHORTENED and not _VOWELS & set(word):
            return _few(self._by_consonants.get(word, []))
        if word[-1:] == "o" and word[:-1] + "a" in self._words:
            return [word[:-1] + "a"]
        if len(word) < MISSPELT:
            return []
        return _few(
            [
                other
                for length in (len(word) - 1, len(word), len(word) + 1)
                for other in self._by_shape.get((word[0], length), ())
                if OSA.distance(word, other, score_cutoff=1) == 1
            ]
        )


def _consonants(word: str) -> str:
    return "".join(letter for letter in word if letter not in _VOWELS)


def _few(words: list[str]) -> list[str]:
    return words if len(words) <= FEW else []
