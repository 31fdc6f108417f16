"""Personal links as addresses and as QR codes."""

from __future__ import annotations

import io
from pathlib import Path

import segno

PATH = "/masuk"  # the key is behind the #, which browsers never send: it is in no log


def address(gateway: str, key: str) -> str:
    """The personal link; `gateway` is the address under which phones reach it."""
    return f"{gateway}{PATH}#{key}"


def drawn(link: str) -> str:
    """The QR code for a terminal."""
    out = io.StringIO()
    segno.make(link, micro=False, error="m").terminal(out, compact=True)
    return out.getvalue()


def save(link: str, file: Path) -> None:
    """The QR code as a picture, SVG or PNG by the name's ending; readable by its owner only. Raises ValueError for
    another ending, OSError."""
    kind = file.suffix.lower().removeprefix(".")
    if kind not in ("svg", "png"):
        raise ValueError(f"{file} is neither .svg nor .png")
    file.touch(mode=0o600)
    with file.open("wb") as out:
        segno.make(link, micro=False, error="m").save(out, kind=kind, scale=8, border=4)
