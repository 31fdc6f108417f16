"""The stream's hour in the changelog, and with it the format in which the state beside it is written."""

from __future__ import annotations

from struct import Struct

FORMAT = 1  # of the changelog's entries; another one for every change after which older entries cannot be read
CLOCK = b"t"  # key of the entry
_CLOCK = Struct(">HI")


class OtherFormat(Exception):
    """The state was written by a version of Posko whose entries this one cannot read."""

    def __init__(self, found: int) -> None:
        super().__init__(
            f"The state of this partition was written in format {found}; this version of Posko reads format {FORMAT}."
            " Go on with the version that wrote it until the election is over, or begin anew with another data folder."
        )


def packed(hour: int) -> bytes:
    """The entry for this hour of stream time."""
    return _CLOCK.pack(FORMAT, hour)


def hour_of(entry: bytes) -> int:
    """The stream's hour. Raises OtherFormat."""
    written, hour = _CLOCK.unpack(entry) if len(entry) == _CLOCK.size else (0, 0)
    if written != FORMAT:
        raise OtherFormat(written)
    return int(hour)
