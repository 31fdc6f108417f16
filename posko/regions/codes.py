"""Kemendagri region codes: `16`, `16.71`, `16.71.01`, `16.71.01.1001` (Permendagri 58/2021 and its yearly decrees)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

LEVELS = ("province", "regency", "district", "village")
_BY_LENGTH = {2: "province", 5: "regency", 8: "district", 13: "village"}
_CUTS = (2, 5, 8, 13)
_SEPARATORS = re.compile(r"[.\s\-]+")
_DIGITS = re.compile(r"[0-9]+")


@lru_cache(maxsize=65_536)
def normalise(text: str) -> str | None:
    """The dotted form of a code written with dots, spaces, hyphens or as KPU's plain digits; None if it is no code.

    Only the form is judged. Groups may be joined (`1671.01.1001`) but never cut in the middle (`1.671`).
    """
    if not isinstance(text, str) or len(text) > 32:
        return None
    groups = _SEPARATORS.split(text.strip())
    digits = "".join(groups)
    if len(digits) not in (2, 4, 6, 10) or not _DIGITS.fullmatch(digits):
        return None
    end = 0
    for group in groups:
        end += len(group)
        if end not in (2, 4, 6, 10):
            return None
    return ".".join(part for part in (digits[:2], digits[2:4], digits[4:6], digits[6:]) if part)


def level_of(code: str) -> str:
    """`province`, `regency`, `district` or `village`; KeyError when `code` is not in the dotted form."""
    return _BY_LENGTH[len(code)]


def chain(code: str) -> tuple[str, str, str, str]:
    """The codes of province, regency, district and village above and including `code`; `""` below it."""
    length = len(code)
    return (
        code[:2] if length >= 2 else "",
        code[:5] if length >= 5 else "",
        code[:8] if length >= 8 else "",
        code if length >= 13 else "",
    )


def parent(code: str) -> str:
    """The code one level up, `""` for a province."""
    return code.rpartition(".")[0]


def related(one: str, other: str) -> bool:
    """Whether one region is the other or lies in it; `""` is all of Indonesia."""
    return one.startswith(other) or other.startswith(one)


def covers(outer: str, inner: str) -> bool:
    """Whether `inner` is `outer` or lies in it; `""` is all of Indonesia. Both dotted: groups have fixed widths."""
    return inner.startswith(outer)


def common(codes: Sequence[str]) -> str:
    """The smallest region that holds all of `codes`, `""` when only Indonesia does."""
    first, last = min(codes), max(codes)
    for cut in reversed(_CUTS):
        if cut <= len(first) and first[:cut] == last[:cut]:
            return first[:cut]
    return ""
