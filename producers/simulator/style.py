"""How a person's thumbs bend a sentence: dialect, short forms, typing errors, capitals."""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TypeVar

from producers.simulator.grammar import Random, read

_WORD = re.compile(r"[A-Za-z]+(?:-[A-Za-z]+)*")
_SENTENCE = re.compile(r"(?:^|[.!?]\s+|\n)([a-z])")


@dataclass(frozen=True, slots=True)
class Hand:
    """Writing habits of one person; shares are probabilities a word, from 0 to 1."""

    dialect: float
    short: float
    typos: float
    capitals: str  # `lower`, `sentence`, `upper`, `as_written`
    stop: str  # what stands between two sentences


class Style:
    """The bending tables of one province, chosen by its code; provinces without an own dialect speak like towns."""

    def __init__(self, province: str) -> None:
        data = read("style")
        dialect = data["dialects"].get(province) or data["dialects"][""]
        self._phrases = [(plain, tuple(forms)) for plain, forms in dialect["phrases"].items()]
        self._dialect = {plain: tuple(forms) for plain, forms in dialect["words"].items()}
        self._short = {plain: tuple(forms) for plain, forms in data["short"].items()}
        self._near: dict[str, str] = data["keyboard"]

    def bend(self, text: str, hand: Hand, random: Random) -> str:
        """`text` (plain, lower case, names capitalised) as this hand would type it. Digits are never touched."""
        if hand.dialect > 0.2:
            for plain, forms in self._phrases:
                if plain in text and random() < hand.dialect:
                    text = text.replace(plain, pick(forms, random))
        if hand.dialect or hand.short or hand.typos:
            text = self._words(text, hand, random)
        if hand.capitals == "sentence":
            return _SENTENCE.sub(lambda found: found[0].upper(), text)
        if hand.capitals == "lower":
            return text.lower()
        return text.upper() if hand.capitals == "upper" else text

    def _words(self, text: str, hand: Hand, random: Random) -> str:
        dialect, short, typos = hand.dialect, hand.short, hand.typos
        dialects, shorts = self._dialect if dialect else {}, self._short if short else {}
        until_slip = _gap(typos, random)  # one draw for each error instead of one for each word

        def bend(found: re.Match[str]) -> str:
            nonlocal until_slip
            word = found[0]
            if word in dialects and random() < dialect:
                word = pick(dialects[word], random)
            elif word in shorts and random() < short:
                return pick(shorts[word], random)
            if len(word) > 3:
                until_slip -= 1
                if until_slip < 0:
                    until_slip = _gap(typos, random)
                    return self._slip(word, random)
            return word

        return _WORD.sub(bend, text)

    def _slip(self, word: str, random: Random) -> str:
        """One typing error: a neighbouring key, a letter lost, doubled or swapped, a vowel left out. The first
        letter stays."""
        at = 1 + int(random() * (len(word) - 2))
        letter, what = word[at], random()
        if letter == "-" or what < 0.25:
            return word[:at] + letter + word[at:] if letter != "-" else word.replace("-", " ")
        if what < 0.5:
            return word[:at] + pick(self._near.get(letter.lower(), letter), random) + word[at + 1 :]
        if what < 0.7:
            return word[:at] + word[at + 1] + letter + word[at + 2 :]
        vowels = [index for index in range(1, len(word)) if word[index] in "aeiou"]
        lost = pick(vowels, random) if vowels else at
        return word[:lost] + word[lost + 1 :]


def _gap(share: float, random: Random) -> int:
    """How many words stay right before the next error, when each is wrong with probability `share` (geometric)."""
    return int(math.log(1 - random()) / math.log(1 - share)) if share > 0 else 1_000_000


T = TypeVar("T")


def pick(options: Sequence[T], random: Random) -> T:
    """One of a sequence, each as likely as the others."""
    return options[int(random() * len(options))]


@cache
def of_province(province: str) -> Style:
    """The style of a province, made once."""
    return Style(province)
