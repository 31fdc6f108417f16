"""What goes wrong on the way: resends, edits, conflicts, reports that are odd but kept. Garbage has its own file."""

from __future__ import annotations

import random as standard
from collections.abc import Callable, Iterator
from typing import Any

from producers.simulator.events import HOUR_MS
from producers.simulator.message import Message
from producers.simulator.reporting import encode

Report = dict[str, Any]

RESENT = 0.045  # with good signal; silence and thin networks add to it
RESENT_SILENT = 0.14
EDITED = 0.006
CONFLICTING = 0.0012
GARBAGE = 0.012
MARKED = 0.009
MARKS = ("outside_area", "tps_unknown", "clock_ahead", "late")


def resends(
    message: Message, report: Report, chance: float, rng: standard.Random, new_id: Callable[[], str]
) -> Iterator[Message]:
    """The same bytes again, one to three times; rarely the same words edited under a new id; very rarely the same id
    with
    other content. `chance` is that of a plain resend."""
    draw = rng.random()
    if draw < chance:
        at = message.at
        for _ in range(1 + (rng.random() < 0.25) + (rng.random() < 0.1)):
            at += 2_000 + int(rng.expovariate(1 / 150_000))
            yield message._replace(at=at, message="resend", reason="")
    elif draw < chance + EDITED:
        fresh = new_id()
        edited = {**report, "report_id": fresh, "text": _edited(report["text"], rng)}
        yield message._replace(
            at=message.at + 20_000 + int(rng.expovariate(1 / 240_000)), value=encode(edited), report_id=fresh,
            message="edited_resend", reason="",
        )  # fmt: skip
    elif draw < chance + EDITED + CONFLICTING:
        other = {**report, "text": _edited(report["text"], rng) + " (ralat)"}
        yield message._replace(at=message.at + 60_000, value=encode(other), message="conflict", reason="")


def _edited(text: str, rng: standard.Random) -> str:
    """The same words, slightly changed by the same person."""
    return rng.choice(
        (f"{text}. mohon segera", f"ulang: {text}", f"{text} (belum ada balasan)", f"maaf kirim ulang, {text}",
         f"{text} tks", f"{text[:-1]}" if len(text) > 30 else f"{text} ya", f"{text}. ini kiriman kedua")
    )  # fmt: skip


def beyond(village: str, known: int, rng: standard.Random) -> str:
    """A polling station far beyond the `known` number of a kelurahan, which may be an estimate."""
    return f"{village}/{min(999, 4 * known + 60 + rng.randrange(60)):03d}"


def hours_off(sent: int, mark: str, rng: standard.Random) -> int:
    """What a clock that is hours off shows at `sent` (ms): `clock_ahead` or `late`."""
    off = int((2 + 7 * rng.random()) * HOUR_MS)
    return sent + off if mark == "clock_ahead" else sent - off
