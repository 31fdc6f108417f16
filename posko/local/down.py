"""`posko down`: stop an instance cleanly, from another terminal or by a script."""

from __future__ import annotations

import time
from pathlib import Path

from rich.console import Console

from posko.local import leftovers, state, view
from posko.local.errors import LocalError

LIMIT = 120.0  # seconds; the services' own graces end earlier


def down(data: Path, console: Console) -> None:
    """Ask the supervisor of `data` to stop and wait until it has. Raises LocalError when it does not."""
    known = state.read(data)
    process = state.alive(known.pid, known.started) if known else None
    if process is None:
        left = leftovers.stop(data)
        console.print(f"Stopped {left} service(s) left in {data}" if left else f"Nothing is running in {data}")
        return
    process.terminate()
    deadline = time.monotonic() + LIMIT
    with view.Screen(console) as screen:
        while state.alive(process.pid, known.started if known else None):
            if (current := state.read(data)) and current.phase in ("stopping", "stopped"):
                screen.update(current)
            if time.monotonic() > deadline:
                raise LocalError(
                    f"The supervisor (pid {process.pid}) did not end in {LIMIT:.0f} s; see {data / 'logs'}"
                )
            time.sleep(0.1)
        if current := state.read(data):
            screen.update(current)
    console.print(f"Stopped. posko up --data {data} goes on where it was", highlight=False, soft_wrap=True)
