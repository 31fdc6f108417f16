"""What a single word of a text can be in a place name: the words of all names, their short forms, and small slips."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from posko.regions.numbers import FROM_ROMAN, WORDS
from posko.regions.spelling import plain, readings, spellings

CACHE = 20_000  # words that are remembered
LONGEST = 64  # characters of a word that are looked at
MISSPELT = 5  # a word shorter than this is never taken for a misspelt one

Readings = tuple[tuple[str, ...], ...]


@dataclass(frozen=True, slots=True)
class Word:
    """A word of a text. `readings`: word lists it can stand for in a place name, none if it is in no name.

    `opens`: a name can begin with it; `level`: it says the level of the name behind it (`kec`); `slip`: it had to be
    corrected.
    """

    low: str
    readings: Readings
    opens: bool
    level: str
    filler: bool
    slip: bool
    written_number: bool


class Lexicon(dict[str, Word]):
    """The vocabulary of one area's place names: the words of texts that were met, as a dict that learns new ones."""

    def __init__(self, words: Set[str], openers: Set[str]) -> None:
        """`words` are all words of the names in their folded form, `openers` those that stand first."""
        super().__init__()
        self._words = words
        self._openers = openers
        self._known = spellings()
        self._by_shape: dict[tuple[str, int], list[str]] = {}
        for word in sorted(words):
            if len(word) >= MISSPELT - 1:
                self._by_shape.setdefault((word[0], len(word)), []).append(word)

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
        if not usable and not number and (near := self._nearest(low)):
            usable, slip = ((near,),), True
        opens = number or any(one[0] in self._openers for one in usable)
        return Word(low, usable, opens, self._known.prefixes.get(low, ""), low in self._known.fillers, slip, number)

    def _readings(self, low: str) -> Readings:
        if low.isdecimal():
            return ((low.lstrip("0") or "0",),)
        if low in FROM_ROMAN:
            return ((str(FROM_ROMAN[low]),), (low,), *self._known.abbreviations.get(low, ()))
        # `muaradua` is `muara 2`
        return tuple(tuple(str(WORDS.get(part, part)) for part in one) for one in readings(low))

    def _nearest(self, word: str) -> str:
        """The one word of place names that is a single slip away from `word`, `""` if not exactly one is."""
        if len(word) < MISSPELT or word in self._known.never_misspelt or word in self._known.prefixes:
            return ""
        near = [
            other
            for length in (len(word) - 1, len(word), len(word) + 1)
            for other in self._by_shape.get((word[0], length), ())
            if OSA.distance(word, other, score_cutoff=1) == 1
        ]
        return near[0] if len(near) == 1 else ""
