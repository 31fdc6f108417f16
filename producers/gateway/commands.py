"""`posko gateway`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add the role to the `posko` command."""
    app.command()(gateway)


def gateway(
    data: Annotated[Path | None, typer.Option(help="Folder of the instance.")] = None,
    port_base: Annotated[int | None, typer.Option(help="First of the ports of the instance.")] = None,
    host: Annotated[str | None, typer.Option(help="Address to listen on.")] = None,
    kafka: Annotated[str | None, typer.Option(help="Kafka's address, host:port[,host:port].")] = None,
    clickhouse: Annotated[str | None, typer.Option(help="ClickHouse's address, http(s)://host:port.")] = None,
    election: Annotated[str | None, typer.Option(help="Election: name of a shipped one, or a file.")] = None,
    partitions: Annotated[int | None, typer.Option(help="Partitions of topics that are made.")] = None,
    log_level: Annotated[str | None, typer.Option(help="debug, info, warning or error.")] = None,
) -> None:
    """Run the gateway, which takes reports over HTTP. SIGTERM stops it."""
    from posko import settings
    from producers.gateway import run

    known = settings.load(
        data=data,
        port_base=port_base,
        host=host,
        kafka=kafka,
        clickhouse=clickhouse,
        election=election,
        partitions=partitions,
        log_level=log_level,
    )
    raise typer.Exit(run.run(known))
