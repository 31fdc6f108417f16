"""When a report passed which place on its way, carried along in Kafka's headers (docs/messages.md).

Times are integers, milliseconds since 1970 UTC; 0 stands for one that is not known. Whatever a header holds, nothing
here fails: times are statistics, and no report is refused or delayed for their sake.
"""

from __future__ import annotations

from collections.abc import Iterable
from struct import Struct

SENT = "sent_at"  # on `reports`: digits, for any producer to write
TIMES = "t"  # behind intake: packed
# In the header, in this order. Kafka's own timestamp of the record that carries it is when it was written.
CARRIED = ("sent", "received", "intake_read", "intake_written", "correlate_read")

DAY_MS = 86_400_000
AHEAD_MS = 1_000  # a sender's clock may be so far ahead of the broker's
_INTAKE, _CORRELATE = Struct("<3q"), Struct("<2q")
SIZE = _INTAKE.size + _CORRELATE.size
_DIGITS = 15

Headers = Iterable[tuple[str, bytes | None]]


def sent(now: int) -> tuple[str, bytes]:
    """The header of a message that is sent at `now`."""
    return SENT, b"%d" % now


def read_by_intake(headers: Headers, received: int, read: int) -> tuple[str, bytes]:
    """The header behind intake of a message of `reports` that the broker received and intake read at these times.

    A time of sending that is garbage, or more than a day before or a second after the receipt, is taken as not known.
    """
    at = 0
    for name, value in headers:
        if name == SENT and value is not None and len(value) <= _DIGITS and value.isdigit():
            at = int(value)
            if not received - DAY_MS <= at <= received + AHEAD_MS:
                at = 0
    return TIMES, _INTAKE.pack(at, received, read)


def read_by_correlate(headers: Headers, written: int, read: int) -> tuple[str, bytes]:
    """The header behind correlate of an enriched report that intake wrote and correlate read at these times."""
    return TIMES, packed(headers)[: _INTAKE.size] + _CORRELATE.pack(written, read)


def packed(headers: Headers) -> bytes:
    """The times of CARRIED as little-endian 64-bit integers, SIZE bytes; those that are missing are 0."""
    for name, value in headers:
        if name == TIMES and value is not None and len(value) % 8 == 0:
            return value if len(value) == SIZE else value[:SIZE].ljust(SIZE, b"\0")
    return bytes(SIZE)
