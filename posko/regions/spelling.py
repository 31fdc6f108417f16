"""How place names are written: their words in one form in which all spellings meet, and the form for people."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from itertools import product

from posko.regions.numbers import ROMAN, WORDS, fold, read
from posko.shipped import content

SPELLINGS = "regions/spellings.yaml"
WORD = re.compile(r"[^\W\d_]+(?:['’`][^\W\d_]+)*|\d+")
_NO_APOSTROPHES = str.maketrans("", "", "'’`")
_MAX_FORMS = 8  # spellings kept of one official name that itself holds abbreviations


@dataclass(frozen=True)
class Spellings:
    """The content of `spellings.yaml`, ready for use: words to the word lists they can stand for."""

    abbreviations: Mapping[str, tuple[tuple[str, ...], ...]]
    heads: tuple[str, ...]
    prefixes: Mapping[str, str]
    sorts: Mapping[str, str]
    fillers: frozenset[str]
    aliases: Mapping[str, tuple[str, ...]]
    ordinary: frozenset[str]
    doubtful: frozenset[str]
    phrases: frozenset[str]
    never_misspelt: frozenset[str]
    numbered: frozenset[str]
    counted: frozenset[str]


@cache
def spellings() -> Spellings:
    """The shipped spellings; read once."""
    data = content(SPELLINGS)
    return Spellings(
        abbreviations={
            short: tuple(tuple(long.split()) for long in longs) for short, longs in data["abbreviations"].items()
        },
        heads=tuple(sorted(data["heads"], key=len, reverse=True)),
        prefixes={word: level for level, words in data["prefixes"].items() for word in words},
        sorts={word: digit for digit, words in data["sorts"].items() for word in words},
        aliases={code: tuple(names) for code, names in data["aliases"].items()},
        **{
            key: frozenset(data[key])
            for key in ("fillers", "ordinary", "doubtful", "phrases", "never_misspelt", "numbered", "counted")
        },
    )


@lru_cache(65_536)
def readings(word: str) -> tuple[tuple[str, ...], ...]:
    """What one lower-case word can stand for, likeliest first: `tj` is `tanjung`, `tanjungraja` is `tanjung raja`."""
    known = spellings()
    short = known.abbreviations.get(word)
    if short:
        return short
    for head in known.heads:
        if word.startswith(head) and len(word) >= len(head) + 3:
            return ((head, *readings(word[len(head) :])[0]),)
    return ((word,),)


def words_of(text: str) -> list[str]:
    """The lower-case words and numbers of `text`, apostrophes removed."""
    return [plain(word) for word in WORD.findall(text)]


def plain(word: str) -> str:
    """A word in lower case without apostrophes."""
    return word.lower().translate(_NO_APOSTROPHES)


def forms(name: str, level: str = "") -> set[tuple[str, ...]]:
    """The word lists under which an official name is found: `Tiga-puluh-lima Ilir` under (`35`, `ilir`).

    A regency is also found without its kind: people leave `Kabupaten` and `Kota` away.
    """
    words = words_of(name)
    if level == "regency":
        while len(words) > 1 and words[0] in ("kabupaten", "kota", "administrasi"):
            words = words[1:]
    return _combined(tuple(words))


def display(name: str) -> str:
    """An official name as people write it: `Tiga-puluh-lima Ilir` is `35 Ilir`, `Ilir Barat Dua` is `Ilir Barat II`."""
    words = name.replace("-", " ").split() if "puluh" in name or "belas" in name else name.split()
    known = spellings()
    lower = [word.lower() for word in words]
    shown: list[str] = []
    at = 0
    while at < len(words):
        value, length = read(lower, at)
        ahead = at + length
        if length and (
            ahead < len(words) and (lower[ahead] in known.numbered or _numbers_until(lower, ahead, known.numbered))
        ):
            if shown and shown[-1].isdigit():
                shown[-1] += f"-{value}"  # `Tiga Empat Ulu`: 3-4 Ulu
            else:
                shown.append(str(value))
        elif length and ahead == len(words) and at and lower[at - 1] in known.counted:
            shown.append(ROMAN[value - 1].upper() if value <= len(ROMAN) else str(value))
        else:
            shown.extend(words[at : at + max(length, 1)])
        at += max(length, 1)
    return " ".join(shown)


def _numbers_until(words: list[str], at: int, numbered: frozenset[str]) -> bool:
    """Whether only numbers stand between `at` and one of `numbered`: `Sembilan Sepuluh Ulu`."""
    while at < len(words) and words[at] in WORDS:
        at += 1
    return at < len(words) and words[at] in numbered


def _combined(words: tuple[str, ...]) -> set[tuple[str, ...]]:
    found: set[tuple[str, ...]] = set()
    for reading in product(*(readings(word) for word in fold(words))):
        folded = tuple(fold([word for part in reading for word in part]))
        found.add(folded)
        if len(folded) == 3 and folded[0].isdigit() and folded[2].isdigit():
            found.add((*folded[:2], "d", folded[2]))  # `20 Ilir Satu` is written `20 Ilir D.I`
        if len(found) >= _MAX_FORMS:
            break
    return found
