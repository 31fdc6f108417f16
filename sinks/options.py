"""What the subcommands of this room share: options that lead to an instance, and how a command fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from posko.settings import Settings

Data = Annotated[Path | None, typer.Option(help="The instance's folder.")]
PortBase = Annotated[int | None, typer.Option(help="First port of the instance.")]
Kafka = Annotated[str | None, typer.Option(help="Kafka's address, host:port[,host:port].")]
ClickHouse = Annotated[str | None, typer.Option("--clickhouse", help="ClickHouse's address, http(s)://host:port.")]


def settings_of(data: Path | None, port_base: int | None, clickhouse: str | None, kafka: str | None = None) -> Settings:
    """Settings for these options."""
    from posko import settings

    return settings.load(data=data, port_base=port_base, clickhouse=clickhouse, kafka=kafka)


def failed(text: str, status: int = 1) -> typer.Exit:
    """Say on standard error why the command fails; to be raised."""
    typer.echo(f"posko: {text}", err=True)
    return typer.Exit(status)
