"""Subcommands of this room: `posko demo`, `posko dashboards`, `posko board`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from dashboards.board.commands import board
from dashboards.grafana.commands import dashboards
from dashboards.sitrep.commands import sitrep


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(demo)
    app.command()(sitrep)
    app.add_typer(dashboards, name="dashboards")
    app.add_typer(board, name="board")


def demo(
    exit_: Annotated[bool, typer.Option("--exit", help="Stop everything after the summary.")] = False,
    seconds: Annotated[int, typer.Option(min=10, max=86_400, help="How long the day takes to play.")] = 110,
    election: Annotated[str, typer.Option(help="The election to play.")] = "sumsel-2024",
    seed: Annotated[int, typer.Option(help="Another seed is another day.")] = 1,
    reports: Annotated[int, typer.Option(min=0, help="How many messages; 0: what fits a day.")] = 0,
    workers: Annotated[int, typer.Option(min=1, max=16, help="Stream workers.")] = 1,
    data: Annotated[Path | None, typer.Option(help="Folder of the demo; emptied first if a demo made it.")] = None,
    port_base: Annotated[int | None, typer.Option(help="First port; default: the first free ones.")] = None,
) -> None:
    """Start everything, play an election day in about two minutes, and check that nothing was lost."""
    from rich.console import Console

    from dashboards.terminal import demo as terminal
    from dashboards.terminal.errors import DemoError

    console = Console()
    try:
        plan = terminal.Plan(
            data=(data or terminal.default_data()).expanduser().resolve(),
            port_base=port_base or terminal.free_port_base(),
            election=election,
            seconds=seconds,
            seed=seed,
            reports=reports,
            workers=workers,
        )
        status = terminal.run(plan, leave=exit_, console=console)
    except DemoError as error:
        typer.echo(f"posko demo: {error}", err=True)
        raise typer.Exit(2) from error
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    raise typer.Exit(status)
