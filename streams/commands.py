"""Subcommands of this room."""

from __future__ import annotations

from typing import Annotated

import typer

from posko.options import Data, Election, Kafka, LogLevel, Partitions, PortBase


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(stream)


def stream(
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    election: Election = None,
    partitions: Partitions = None,
    stream_batch: Annotated[int | None, typer.Option(help="Reports in one transaction, at most.")] = None,
    stream_age: Annotated[float | None, typer.Option(help="Seconds between two batches of a partition.")] = None,
    log_level: LogLevel = None,
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
