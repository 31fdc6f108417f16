"""Points between two steps of the work, at which a chaos run strikes. Unless POSKO_CRASH_ORDERS is set they do nothing.

The variable names a folder. A process that reaches `point("sink.rows_written")` while the folder holds a file of that
name takes the file and sends the signals written in it, one a line: `KILL self`, `STOP 4711`. An order is carried out
once, by whichever process is there first; a process that is started again goes on.
"""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from pathlib import Path

VARIABLE = "POSKO_CRASH_ORDERS"
_FOLDER = os.environ.get(VARIABLE, "")


def point(name: str) -> None:
    """Here a chaos run may strike."""
    if _FOLDER:
        _carry_out(Path(_FOLDER), name)


def order(folder: Path, name: str, lines: list[str]) -> None:
    """Order signals for the next process that passes the point `name`, for example `["KILL self"]`."""
    draft = folder / f"{name}.draft"
    draft.write_text("\n".join(lines))
    draft.rename(folder / name)


def withdraw(folder: Path, name: str) -> bool:
    """Take an order back; False when it was carried out already."""
    try:
        (folder / name).unlink()
    except FileNotFoundError:
        return False
    return True


def _carry_out(folder: Path, name: str) -> None:
    taken = folder / f"{name}.{os.getpid()}"
    try:
        (folder / name).rename(taken)  # of several processes only one succeeds
    except FileNotFoundError:
        return
    for line in taken.read_text().splitlines():
        number, target = line.split()
        with suppress(ProcessLookupError):
            os.kill(os.getpid() if target == "self" else int(target), signal.Signals[f"SIG{number}"])
