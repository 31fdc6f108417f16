"""Long messages that arrive in pieces, in any order: what their header says (3GPP TS 23.040, 9.2.3.24.1 and .8)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

MOST = 12  # pieces of one message; a report is shorter
_EIGHT_BIT, _SIXTEEN_BIT = 0x00, 0x08  # information elements: concatenated, with a reference of 8 or 16 bits


class Part(NamedTuple):
    """Which piece of which message: `number` from 1 to `total`; `ref` is the same for all pieces of one."""

    ref: int
    number: int
    total: int


def of_header(header: bytes) -> Part | None:
    """The concatenation in a user data header (with or without its length byte); None when there is none.

    Anything malformed counts as none: the message is then taken as it is.
    """
    elements = header[1:] if header and header[0] == len(header) - 1 else header
    at = 0
    while at + 2 <= len(elements):
        kind, length = elements[at], elements[at + 1]
        value = elements[at + 2 : at + 2 + length]
        if len(value) == length:
            if kind == _EIGHT_BIT and length == 3:
                return checked(value[0], value[2], value[1])
            if kind == _SIXTEEN_BIT and length == 4:
                return checked(int.from_bytes(value[:2]), value[3], value[2])
        at += 2 + length
    return None


def checked(ref: int, number: int, total: int) -> Part | None:
    """A piece of several, None when the numbers make no sense or there is only one."""
    return Part(ref, number, total) if 1 < total <= MOST and 1 <= number <= total else None


def joined(pieces: Mapping[int, str], total: int) -> str:
    """The text of a message from its pieces by number; ` [...] ` stands for each that did not come."""
    return "".join(pieces.get(number, " [...] ") for number in range(1, total + 1)).strip()
