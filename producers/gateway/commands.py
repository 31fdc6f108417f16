"""`posko gateway`."""

from __future__ import annotations

import typer

from posko.options import ClickHouse, Data, Election, Host, Kafka, LogLevel, Partitions, PortBase


def register(app: typer.Typer) -> None:
    """Add the role to the `posko` command."""
    app.command()(gateway)


def gateway(
    data: Data = None,
    port_base: PortBase = None,
    host: Host = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
    election: Election = None,
    partitions: Partitions = None,
    log_level: LogLevel = None,
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
