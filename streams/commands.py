"""Subcommands of this room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(stream)


def stream(
    data: Annotated[Path | None, typer.Option(help="Folder of the instance.")] = None,
    port_base: Annotated[int | None, typer.Option(help="First of the ports of the instance.")] = None,
    kafka: Annotated[str | None, typer.Option(help="Kafka's address, host:port[,host:port].")] = None,
    election: Annotated[str | None, typer.Option(help="Election: name of a shipped one, or a file.")] = None,
    partitions: Annotated[int | None, typer.Option(help="Partitions of topics that are made.")] = None,
    stream_batch: Annotated[int | None, typer.Option(help="Reports in one transaction, at most.")] = None,
    stream_age: Annotated[float | None, typer.Option(help="Seconds between two batches of a partition.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Run a stream worker: reports in, enriched and rejected reports, matches and incidents out. SIGTERM stops it."""
    from posko import settings
    from streams import run

    given = settings.load(
        data=data,
        port_base=port_base,
        kafka=kafka,
        election=election,
        partitions=partitions,
        stream_batch=stream_batch,
        stream_age=stream_age,
        log_level=log_level,
    )
    run.leave(run.run(given))
