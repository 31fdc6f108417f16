"""TPS (polling stations): their numbers in texts, and how many each kelurahan has when only the total is known."""

from __future__ import annotations

import re
from collections.abc import Sequence

from posko.regions.numbers import FROM_ROMAN, read
from posko.regions.spelling import spellings

MAX_NUMBER = 999  # of a TPS inside its kelurahan; the official form has three digits

# How many TPS a place has compared with a desa: KPU's national figures for 2024 give 4.3 a desa, 9.0 a kelurahan in a
# kabupaten, 18 a kelurahan in a kota. West Sumatra's nagari are as large as kelurahan.
DESA, KELURAHAN, URBAN_KELURAHAN, NAGARI = 1, 2, 4, 2

_MARK = re.compile(r"\btps\s*[:.,#\-]*\s*(?:(?:no|nomor|nmr|nmor|ke)\b\s*[:.,\-]*\s*)?", re.IGNORECASE)
_FIRST = re.compile(r"(\d{1,3})(?!\d)|([a-z]+)", re.IGNORECASE)
_NEXT = re.compile(r"\s*(?:,|&|/|\+|-|dan|dn|sampai|s/d)\s*(?:tps\s*)?(\d{1,3})(?!\d)", re.IGNORECASE)
_WORD = re.compile(r"[\s\-]*([a-z]+)", re.IGNORECASE)


def numbers(text: str) -> list[int]:
    """The TPS numbers named in `text`, in order, each once: `tps 4`, `TPS no. 004`, `tps tujuh`, `TPS 4 dan 5`.

    A number that belongs to a place name is none: `tps 35 ilir`.
    """
    found: list[int] = []
    if "tps" not in text and "TPS" not in text and "tps" not in text.lower():
        return found
    for mark in _MARK.finditer(text):
        first = _FIRST.match(text, mark.end())
        if not first:
            continue
        value, end = (int(first[1]), first.end()) if first[1] else _written(text, mark.end())
        while 0 < value <= MAX_NUMBER and not _is_name(text, end):
            if value not in found:
                found.append(value)
            following = _NEXT.match(text, end)
            if not following:
                break
            value, end = int(following[1]), following.end()
    return found


def number(text: str) -> int | None:
    """The one TPS number named in `text`; None when there is none or more than one."""
    found = numbers(text)
    return found[0] if len(found) == 1 else None


def weight(village: str) -> int:
    """How many TPS a kelurahan or desa is expected to have, compared with an ordinary desa.

    The code tells: its third part begins with 7 in a kota, its last with 1 for a kelurahan, 2 for a desa.
    """
    if village[9] == "1":
        return URBAN_KELURAHAN if village[3] == "7" else KELURAHAN
    return NAGARI if village.startswith("13") and village[3] != "7" else DESA


def share(total: int, weights: Sequence[int]) -> list[int]:
    """`total` shared out in proportion to `weights` by largest remainder, every share at least 1; the sum is `total`.

    Deterministic: of equal remainders the earlier wins. A total smaller than the number of shares gives the heaviest 1
    each. Raises ValueError for a negative total, a weight below zero, or a total without any share.
    """
    if total < 0 or any(one < 0 for one in weights) or (total and not weights):
        raise ValueError(f"cannot share {total} over {len(weights)} weights")
    ranked = sorted(range(len(weights)), key=lambda i: (-weights[i], i))
    if total <= len(weights):
        chosen = set(ranked[:total])
        return [int(i in chosen) for i in range(len(weights))]
    # One each first, then the rest in proportion: so no share has to be corrected afterwards.
    rest, whole = total - len(weights), sum(weights)
    if not whole:
        weights, whole = [1] * len(weights), len(weights)  # nothing says which is larger
    shares = [1 + rest * one // whole for one in weights]
    order = sorted(range(len(weights)), key=lambda i: (-(rest * weights[i] % whole), i))
    for i in order[: total - sum(shares)]:
        shares[i] += 1
    return shares


def _written(text: str, at: int) -> tuple[int, int]:
    """A TPS number written as words or a roman numeral at `at`, and where it ends; (0, at) when there is none."""
    words: list[str] = []
    ends: list[int] = []
    here = at
    while len(words) < 3 and (match := _WORD.match(text, here)):
        words.append(match[1].lower())
        ends.append(match.end())
        here = match.end()
    value, length = read(words)
    if not length and len(words[0]) > 1 and words[0] in FROM_ROMAN:
        value, length = FROM_ROMAN[words[0]], 1
    return (value, ends[length - 1]) if length else (0, at)


def _is_name(text: str, end: int) -> bool:
    """Whether the word behind a number makes it part of a place name: `35 Ilir`."""
    following = _WORD.match(text, end)
    return following is not None and following[1].lower() in spellings().numbered
