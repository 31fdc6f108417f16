"""One written word: its full form, its role and its meaning; and the result of reading a whole text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from rapidfuzz.distance import OSA

from posko.text import vocabulary
from posko.text.vocabulary import (
    CANDIDATE,
    CLOCK,
    CREW,
    DATE_WORD,
    MONEY,
    NASAL,
    NUMBER,
    NUMBER_WORD,
    OFFICE,
    PLACE_NUMBER,
    PLAIN,
    PREFIXES,
    STATION,
    SUFFIXES,
    VOTE,
    WORD,
)

_THREE = re.compile(r"(.)\1{2,}")
_TWO = re.compile(r"(.)\1")
MARKS = frozenset({STATION, CANDIDATE, NUMBER_WORD, PLACE_NUMBER, CLOCK, MONEY, NUMBER, DATE_WORD})  # before a number
# What other words say about a number behind them.
_MARKING = {"jam": CLOCK} | dict.fromkeys(("jari", "telunjuk", "gubernur", "bupati", "walikota"), CANDIDATE)
_MARKING |= dict.fromkeys(("coblos", "dicoblos", "pilih", "memilih", "dukung", "mendukung", "menangkan"), VOTE)
_MARKING |= dict.fromkeys(("kpps", "ptps"), CREW)
_MARKING |= dict.fromkeys(("temuan", "register", "registrasi", "perkara"), PLACE_NUMBER)  # of a file
_ENDINGS = ("nyo", "nya", "lah", "kah", "ny", "x")
_SPOKEN_ENDINGS = (
    ("nipun", ""),
    ("ipun", ""),
    ("annyo", "an"),
    ("nye", ""),
    ("ne", ""),
    ("in", ""),
    ("ake", "kan"),
    ("kno", "kan"),
    ("no", "kan"),
    ("ko", "kan"),
    ("ke", "kan"),
    ("an", ""),
)
_SPOKEN_NASALS = (
    ("nge", ("", "k")),
    ("ng", ("", "k")),
    ("ny", ("s", "c")),
    ("mb", ("b",)),
    ("nd", ("d",)),
    ("nj", ("j",)),
    ("n", ("t",)),
    ("m", ("p",)),
)
_SPOKEN_E = re.compile(r"e(?=(?:[bcdgklmnprst]|ng)$)")
_SHORTEST = 4  # letters of what is left


class Item(NamedTuple):
    """A full word with its role. `known` says that a vocabulary has it, so it is nobody's name.

    The rest is derived, so that no text looks it up again: `weight` of the meaning; `mark`: what the word says about a
    number behind it, -1 for nothing; `phrases` that begin with it, by the full word that follows: (all that follow,
    the item meant), the longest first.
    """

    role: int
    full: str
    meaning: str
    value: float
    known: bool
    weight: int = 0
    mark: int = -1
    phrases: dict[str, list[tuple[list[str], Item]]] | None = None


@dataclass(slots=True)
class Words:
    """What a text says.

    `weights`: each content token once, with its weight in tenths, in order of first use. Typed tokens look like
    `tps:4`, `paslon:1`, `menit:120`, `bukan:benar`. `content`: their sum. `amounts`: unit -> numbers (`menit`, `rp`,
    or what was counted). `key`: a 64-bit hash of the normalised words in order, numbers and negation included: the
    same for the same words. `said`: every meaning, those that tell nothing by themselves (stop words) too. `dates`: day
    times 100 plus month, 0 for a month that is not said. `counts`: how many of anything, without clock times, money,
    durations and addresses.
    """

    weights: dict[str, int] = field(default_factory=dict)
    content: int = 0
    stations: tuple[int, ...] = ()
    candidates: frozenset[int] = frozenset()
    people: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    amounts: dict[str, list[float]] = field(default_factory=dict)
    key: int = 0
    said: frozenset[str] = frozenset()
    dates: frozenset[int] = frozenset()
    counts: frozenset[int] = frozenset()


def read(word: str) -> tuple[Item, ...]:
    """The full words behind one written word (lower case)."""
    known = vocabulary.load()
    form = _known_form(word)
    if len(form) > 40:  # a link, a hash, a stuck key
        return ()
    return tuple(_item(full) for full in known.full.get(form, (form,)) if len(full) > 1)


def spoken(token: str) -> str:
    """A token as people say it: `surat_suara` is `surat suara`, `jabatan:camat` is `camat`."""
    kind, _, value = token.partition(":")
    if not value:
        return token.replace("_", " ")
    shown = value.replace("_", " ")
    return {"jabatan": shown, "n": shown, "bukan": f"bukan {shown}"}.get(kind, f"{kind.replace('_', ' ')} {shown}")


def is_everyday(word: str) -> bool:
    """Whether written Indonesian, its short forms or dialects have this word (lower case), so that it is hardly a
    name."""
    known = vocabulary.load()
    return word in known.everyday or vocabulary.stem(word) in known.stems


def number(written: str) -> Item:
    """Digits as written; `10.30` keeps its text, `1.500` and `1,500` are thousands."""
    digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", written)
    try:
        value = float(digits.replace(",", "."))
    except ValueError:
        value = -1.0
    return _begins(Item(NUMBER, written, written, value, True, 0, NUMBER))


@lru_cache(maxsize=1 << 14)
def _item(full: str) -> Item:
    known = vocabulary.load()
    if full in known.offices:
        return _begins(_meant(OFFICE, full, f"jabatan:{known.offices[full]}", True))
    if full in known.roles:
        role, value = known.roles[full]
        return _begins(_meant(role, full, full, True, value))
    if full in known.meanings:
        return _begins(_meant(WORD, full, known.meanings[full], True))
    root = vocabulary.stem(full)
    return _begins(_meant(WORD, full, known.stems.get(root, root), root in known.stems))


def _meant(role: int, full: str, meaning: str, known: bool, value: float = 0) -> Item:
    mark = role if role in MARKS else _MARKING.get(full, -1)
    return Item(role, full, meaning, value, known, vocabulary.load().weight(meaning) if role == WORD else 0, mark)


def _begins(item: Item) -> Item:
    """The item with the phrases that begin with it."""
    found = vocabulary.load().phrases.get(item.full)
    if not found:
        return item
    phrases: dict[str, list[tuple[list[str], Item]]] = {}
    for rest, meaning in found:
        phrases.setdefault(rest[0], []).append((list(rest), _phrase(meaning)))
    return item._replace(phrases=phrases)


@lru_cache(1)
def pairs() -> dict[tuple[str, str], Item]:
    """What two words in a row mean of which one is a stop word, by their full forms."""
    return {both: _phrase(meaning) for both, meaning in vocabulary.load().pairs.items()}


def _phrase(meaning: str) -> Item:
    return _meant(OFFICE if meaning.startswith("jabatan:") else WORD, meaning, meaning, True)


def _known_form(word: str) -> str:
    """The spelling a vocabulary has: without stuck letters, clitics, or the dialect's endings; else the word without
    stuck letters."""
    knows = vocabulary.load().knows
    once = _THREE.sub(r"\1", word)
    for form in (word, _THREE.sub(r"\1\1", word), once, _TWO.sub(r"\1", once)):
        if knows(form):
            return form
        for ending in _ENDINGS if form not in vocabulary.roots() else ():  # "masalah" is not "masa" with a particle
            if form.endswith(ending) and knows(form[: -len(ending)]):
                return form[: -len(ending)]
    stems, forms = vocabulary.load().stems, _dialect_forms(once)
    for form in forms:
        if knows(form):
            return form
    if vocabulary.stem(once) in stems:
        return once
    return _spoken_root(once, forms) or _spoken_affixes(once, forms) or _nearest(once) or once


def _spoken_root(word: str, forms: list[str]) -> str:
    """The word as Indonesian writes it, when only so spelt it is a root of the language (`penjare` is `penjara`)."""
    roots = vocabulary.roots()
    if len(word) < vocabulary.MISSPELT or word in roots:
        return ""
    return next((form for form in forms if form in roots), "")


def _spoken_affixes(word: str, forms: list[str]) -> str:
    """The word with the affixes of written Indonesian, or without, when only so spelt its root has a meaning here:
    `ngeluarkno` is `keluarkan`, `dipecahke` `dipecahkan`, `tendanipun` `tenda`."""
    if len(word) < vocabulary.MISSPELT or _is_indonesian(word):
        return ""
    known, bare = vocabulary.load(), _bare_forms(word)
    for form in bare:
        if known.knows(form):
            return form
    spelt = (form for form in (*forms, *bare) if len(form) >= _SHORTEST and vocabulary.stem(form) in known.stems)
    return next(spelt, "")


def _is_indonesian(word: str) -> bool:
    """Whether a word is a root of the language, or one with prefix and suffix."""
    roots = vocabulary.roots()
    for before in PREFIXES:
        if word.startswith(before):
            for after in SUFFIXES:
                if word.endswith(after):
                    rest = word[len(before) : len(word) - len(after)]
                    if len(rest) > 2 and any(first + rest in roots for first in NASAL.get(before, PLAIN)):
                        return True
    return vocabulary.stem(word) in roots


def _nearest(word: str) -> str:
    """The one word of the vocabulary that is a slip of the finger away; "" when none is, or several are.

    A letter missing, one too many, a wrong one or two in the wrong order; not in names of places, which no vocabulary
    here has, so only words with the same first letter and at least MISSPELT letters.
    """
    if len(word) < vocabulary.MISSPELT - 1 or not word.isalpha():
        return ""
    if _is_indonesian(word):
        return ""  # another word of the language, not a slip
    shapes = vocabulary.load().shapes
    near = {
        other
        for length in (len(word) - 1, len(word), len(word) + 1)
        for other in shapes.get((word[0], length), ())
        if OSA.distance(word, other, score_cutoff=1) == 1
    }
    if len(near) > 1:  # "tinta" and "tints" are one word when they mean the same
        known = vocabulary.load()
        if len({known.meanings.get(other, known.full.get(other, other)) for other in near}) > 1:
            return ""
    return min(near, default="")


def _dialect_forms(word: str) -> list[str]:
    """Written Indonesian that a dialect spelling may stand for: -o and -e are -a, -ak is -a, -ek is -ik, -ke is -kan,
    be- is ber-, -e and -ne are -nya."""
    forms = []
    if word.endswith(("o", "e")):
        forms.append(word[:-1] + "a")
    if word.endswith("e"):
        forms += dict.fromkeys((word[:-1].removesuffix("n"), word[:-1]))
    if word.endswith("ke"):
        forms.append(word[:-1] + "an")
    if word.endswith("ak"):
        forms.append(word[:-1])
    if word.endswith("ek"):
        forms.append(word[:-2] + "ik")
    if word[:2] in ("be", "te") and word[2:3] != "r":
        forms.append(word[:2] + "r" + word[2:])
    return forms


def _bare_forms(word: str) -> list[str]:
    """The word without the region's endings and spoken nasals, which stand for what meN- swallows (`nikam` is tikam,
    `nyegel` segel, `ngepung` kepung), and with -a- for an -e- in its last syllable (`ditangkep` is ditangkap)."""
    forms = [_SPOKEN_E.sub("a", word)]
    for ending, full in _SPOKEN_ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= _SHORTEST - 1:
            forms.append(word[: -len(ending)] + full)
    for form in (word, *forms):
        for nasal, firsts in _SPOKEN_NASALS:
            if form.startswith(nasal):
                forms += [first + form[len(nasal) :] for first in firsts]
    return [form for form in dict.fromkeys(forms) if len(form) >= _SHORTEST]
