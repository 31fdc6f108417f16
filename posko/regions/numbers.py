"""Numbers in Indonesian: as words, digits and roman numerals."""

from __future__ import annotations

from collections.abc import Sequence

_UNIT_WORDS = ("satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan")
UNITS = {word: value for value, word in enumerate(_UNIT_WORDS, start=1)}
WORDS = {**UNITS, "sepuluh": 10, "sebelas": 11}
ROMAN = (
    "i",
    "ii",
    "iii",
    "iv",
    "v",
    "vi",
    "vii",
    "viii",
    "ix",
    "x",
    "xi",
    "xii",
    "xiii",
    "xiv",
    "xv",
    "xvi",
    "xvii",
    "xviii",
)
FROM_ROMAN = {numeral: value for value, numeral in enumerate(ROMAN, start=1)}


def read(words: Sequence[str], at: int = 0) -> tuple[int, int]:
    """The number written as words from `words[at]` on, and how many words it takes; (0, 0) when there is none.

    Up to 99: `tiga puluh lima` is (35, 3), `dua belas` (12, 2). `sembilan sepuluh` are two numbers: (9, 1).
    """
    value = WORDS.get(words[at])
    if value is None:
        return 0, 0
    if value > 9 or at + 1 == len(words):
        return value, 1
    if words[at + 1] == "belas":
        return 10 + value, 2
    if words[at + 1] != "puluh":
        return value, 1
    unit = UNITS.get(words[at + 2], 0) if at + 2 < len(words) else 0
    return 10 * value + unit, 3 if unit else 2


def fold(words: Sequence[str]) -> list[str]:
    """`words` with every number as plain digits: `tiga puluh lima ilir` becomes `35 ilir`, `ilir barat ii` `ilir barat
    2`."""
    folded = []
    at = 0
    while at < len(words):
        value, length = read(words, at)
        if not length:
            word = words[at]
            value, length = FROM_ROMAN.get(word, 0), 1
            folded.append(str(value) if value else word.lstrip("0") or "0" if word.isdigit() else word)
        else:
            folded.append(str(value))
        at += length
    return folded
