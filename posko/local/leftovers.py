"""Services that outlived their supervisor.

On Linux the kernel ends them with it; on other systems, and to be sure, they are stopped here.
"""

from __future__ import annotations

from pathlib import Path

import psutil

from posko.local import state

GRACE = 10.0  # seconds


def any_alive(data: Path) -> bool:
    """Whether a process of the last run in `data` is still there."""
    return bool(_alive(data))


def stop(data: Path) -> int:
    """Stop what is left of the last run in `data`, last started first. Returns how many there were.

    Call it only while no supervisor works in `data`. A process is known by its pid and its creation time.
    """
    left = _alive(data)
    for process in reversed(left):
        _stop(process)
    return len(left)


def _alive(data: Path) -> list[psutil.Process]:
    known = state.read(data)
    found = [state.alive(service.pid, service.started) for service in known.services] if known else []
    return [process for process in found if process is not None]


def _stop(process: psutil.Process) -> None:
    try:
        process.terminate()
        process.wait(GRACE)
    except psutil.TimeoutExpired:
        process.kill()
        process.wait(GRACE)
    except psutil.NoSuchProcess:
        pass
