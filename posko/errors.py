"""What an error says, for logs and for people at a terminal."""

from __future__ import annotations


def first_line(error: BaseException | None, most: int = 300) -> str:
    """What an error says, in one line of at most `most` characters; its kind when it says nothing."""
    return (str("" if error is None else error).strip().splitlines() or [type(error).__name__])[0][:most]
