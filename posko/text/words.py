"""One written word: its full form, its role and its meaning; and the result of reading a whole text."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import NamedTuple

from posko.text import vocabulary
from posko.text.vocabulary import NUMBER, OFFICE, WORD

_THREE = re.compile(r"(.)\1{2,}")
_TWO = re.compile(r"(.)\1")
_ENDINGS = ("nyo", "nya", "lah", "kah", "ny", "x")


class Item(NamedTuple):
    """A full word with its role. `known` says that a vocabulary has it, so it is nobody's name."""

    role: int
    full: str
    meaning: str
    value: float
    known: bool


@dataclass(slots=True)
class Words:
    """What a text says.

    `weights`: each content token once, with its weight in tenths, in order of first use. Typed tokens look like
    `tps:4`, `paslon:1`, `menit:120`, `bukan:benar`. `content`: their sum. `amounts`: unit -> numbers (`menit`, `rp`,
    or what was counted). `key`: a 64-bit hash of the normalised words in order, numbers and negation included: the
    same for the same words.
    """

    weights: dict[str, int] = field(default_factory=dict)
    content: int = 0
    stations: tuple[int, ...] = ()
    candidates: frozenset[int] = frozenset()
    people: frozenset[str] = frozenset()
    offices: frozenset[str] = frozenset()
    amounts: dict[str, list[float]] = field(default_factory=dict)
    key: int = 0


@lru_cache(maxsize=1 << 16)
def read(word: str) -> tuple[Item, ...]:
    """The full words behind one written word (lower case). Bounded memory: the 65,536 words used last."""
    known = vocabulary.load()
    form = _known_form(word)
    if len(form) > 40:  # a link, a hash, a stuck key
        return ()
    return tuple(_item(full, known) for full in known.full.get(form, (form,)) if len(full) > 1)


def number(written: str) -> Item:
    """Digits as written; `10.30` keeps its text, `1.500` and `1,500` are thousands."""
    digits = re.sub(r"[.,](?=\d{3}(?:\D|$))", "", written)
    try:
        value = float(digits.replace(",", "."))
    except ValueError:
        value = -1.0
    return Item(NUMBER, written, written, value, True)


def _item(full: str, known: vocabulary.Vocabulary) -> Item:
    if full in known.offices:
        return Item(OFFICE, full, f"jabatan:{known.offices[full]}", 0, True)
    if full in known.roles:
        role, value = known.roles[full]
        return Item(role, full, full, value, True)
    if full in known.meanings:
        return Item(WORD, full, known.meanings[full], 0, True)
    root = vocabulary.stem(full)
    return Item(WORD, full, known.stems.get(root, root), 0, root in known.stems)


def _known_form(word: str) -> str:
    """The spelling a vocabulary has: without stuck letters, clitics, or the dialect's endings; else the word without
    stuck letters."""
    knows = vocabulary.load().knows
    once = _THREE.sub(r"\1", word)
    for form in (word, _THREE.sub(r"\1\1", word), once, _TWO.sub(r"\1", once)):
        if knows(form):
            return form
        for ending in _ENDINGS:
            if form.endswith(ending) and knows(form[: -len(ending)]):
                return form[: -len(ending)]
    for form in _dialect_forms(once):
        if knows(form):
            return form
    return once


def _dialect_forms(word: str) -> list[str]:
    """Written Indonesian that a dialect spelling may stand for: -o is -a, -ak is -a, -ek is -ik, -ke is -kan, be- is
    ber-."""
    forms = []
    if word.endswith("o"):
        forms.append(word[:-1] + "a")
    if word.endswith("ke"):
        forms.append(word[:-1] + "an")
    if word.endswith("ak"):
        forms.append(word[:-1])
    if word.endswith("ek"):
        forms.append(word[:-2] + "ik")
    if word[:2] in ("be", "te") and word[2:3] != "r":
        forms.append(word[:2] + "r" + word[2:])
    return forms
