"""Dashboards for a Grafana that is configured, once everything is ready: in the background, never in the way."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress

from posko.settings import Settings

PUSH_S = 120.0  # seconds that a push may take
BY_HAND = "by hand: posko dashboards push"


def command() -> list[str]:
    """What is run: the room of dashboards is not ours to import."""
    return [sys.executable, "-P", "-m", "posko", "dashboards", "push"]


async def push(
    settings: Settings, say: Callable[[str], None], run: Sequence[str] | None = None, limit: float = PUSH_S
) -> None:
    """Run a push to its end and say in one line how it went. Whatever goes wrong is said, nothing is raised.

    Cancelled, it ends what it started. `limit`: seconds it may take.
    """
    given = ["--data", str(settings.data), "--port-base", str(settings.port_base), "--election", settings.election]
    given += ["--board", settings.board_address]
    environment = {**os.environ, "POSKO_GRAFANA": settings.grafana}
    if token := settings.grafana_token.get_secret_value():
        environment["POSKO_GRAFANA_TOKEN"] = token
    try:
        process = await asyncio.create_subprocess_exec(
            *(run or [*command(), *given]),
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            env=environment,
            start_new_session=True,
        )
    except OSError as error:
        say(f"Grafana: the dashboards were not pushed ({error}); {BY_HAND}")
        return
    try:
        async with asyncio.timeout(limit):
            output, _ = await process.communicate()
    except TimeoutError:
        say(f"Grafana at {settings.grafana} took longer than {limit:.0f} s; the dashboards may be old. {BY_HAND}")
        return
    finally:
        if process.returncode is None:
            with suppress(ProcessLookupError):
                process.kill()
            await process.wait()
    lines = output.decode("utf-8", "replace").strip().splitlines()
    if process.returncode:
        why = lines[-1].removeprefix("posko: ") if lines else f"status {process.returncode}"
        say(f"Grafana: the dashboards were not pushed. {why} ({BY_HAND})")
    else:
        count = sum(line.startswith("dashboard ") for line in lines)
        say(f"Grafana at {settings.grafana} has the {count} dashboards.")
