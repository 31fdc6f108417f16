"""Subcommands of this room: `up`, `down`, `status`, and the engine's."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posko.local.engine import commands as engine_commands
from posko.options import Data, Election, Host, Partitions, PortBase


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(up)
    app.command()(down)
    app.command()(status)
    engine_commands.register(app)


def up(
    data: Data = None,
    port_base: PortBase = None,
    election: Election = None,
    workers: Annotated[int | None, typer.Option(help="Stream workers.")] = None,
    partitions: Partitions = None,
    host: Host = None,
    detach: Annotated[bool, typer.Option("--detach", help="Return when everything is ready.")] = False,
) -> None:
    """Start the whole system and keep it running until Ctrl-C. Started again, it goes on where it was."""
    from rich.console import Console

    from posko import settings
    from posko.local import instance
    from posko.local import up as starting

    given = settings.load(
        data=instance.folder(data),
        port_base=port_base,
        election=_election(election),
        workers=workers,
        partitions=partitions,
        host=host,
    )
    console = Console()
    if detach:
        starting.detached(given, console)
    else:
        starting.foreground(given, console)


def _election(given: str | None) -> str | None:
    """A file is noted with its whole path: the instance may be started from another folder later."""
    return str(Path(given).resolve()) if given and Path(given).is_file() else given


def down(data: Data = None) -> None:
    """Stop the system cleanly; nothing is lost."""
    from rich.console import Console

    from posko import settings
    from posko.local import down as stopping

    stopping.down(settings.load(data=data).data, Console())


def status(
    data: Data = None,
    as_json: Annotated[bool, typer.Option("--json", help="As JSON, see docs/operating.md.")] = False,
    watch: Annotated[bool, typer.Option("--watch", help="Look again every two seconds, until Ctrl-C.")] = False,
) -> None:
    """Show each service, what waits to be processed, and what is stored. Exit status 3 when nothing is running."""
    from posko import settings
    from posko.local import status as looking

    raise typer.Exit(looking.show(settings.load(data=data), as_json, watch))
