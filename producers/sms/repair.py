"""Slips of small keyboards: O for 0, I or l for 1 where a number is meant, and the other way round in a code."""

from __future__ import annotations

import re

_DIGITS = str.maketrans({"O": "0", "o": "0", "I": "1", "i": "1", "l": "1", "|": "1"})
_LETTERS = str.maketrans({"0": "o", "1": "i", "5": "s", "4": "a", "3": "e"})
NUMBER = r"[0-9OoIil|]{1,3}(?![0-9A-Za-z])"  # of a polling station, as it may be typed
_STATION = re.compile(rf"\b(tps|tp5)(\s*[.:#\-]*\s*(?:(?:no|nomor|nmr)\b\s*[.:]?\s*)?)({NUMBER})", re.IGNORECASE)


def number(written: str) -> int:
    """The number that is meant by `4`, `O4`, `l2`; 0 when it is none."""
    digits = written.translate(_DIGITS)
    return int(digits) if digits.isdecimal() and digits.isascii() else 0


def letters(written: str) -> str:
    """A code word in lower case with letters for the digits in it: `L0G` is `log`, `H0AX` `hoax`."""
    return written.lower().translate(_LETTERS)


def stations(text: str) -> str:
    """`text` with every number behind the word TPS in digits: `TPS O4` becomes `TPS 04`, `tp5 l` `tps 1`."""

    def mended(found: re.Match[str]) -> str:
        mark, between, written = found.groups()
        return f"{mark[:2]}{'S' if mark.isupper() else 's'}{between}{written.translate(_DIGITS)}"

    return _STATION.sub(mended, text)
