"""Subcommands of this room."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from producers.simulator import commands as simulator


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command()(send)
    simulator.register(app)


def send(
    file: Annotated[str, typer.Argument(metavar="FILE|-", help="One report a line, as JSON; - is standard input.")],
    key: Annotated[str | None, typer.Option(help="Kafka key of every message, instead of each report's own.")] = None,
    data: Annotated[Path | None, typer.Option(help="Folder of the instance.")] = None,
    port_base: Annotated[int | None, typer.Option(help="First of the ports of the instance.")] = None,
    kafka: Annotated[str | None, typer.Option(help="Kafka's address, host:port[,host:port].")] = None,
    topic: Annotated[str, typer.Option(help="Topic to send to.")] = "reports",
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Send a file of JSON lines to Kafka; returns when every line is acknowledged."""
    from posko import log, settings
    from producers import send_command

    known = settings.load(data=data, port_base=port_base, kafka=kafka, log_level=log_level)
    log.configure(known.log_level)
    raise typer.Exit(send_command.run(file, known, topic, key))
