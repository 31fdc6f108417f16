"""Options that many commands share, so that they are called and explained alike everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Data = Annotated[Path | None, typer.Option(help="Folder of the instance.")]
PortBase = Annotated[int | None, typer.Option(help="First of the ports of the instance.")]
Host = Annotated[str | None, typer.Option(help="Address to listen on.")]
Kafka = Annotated[str | None, typer.Option(help="Kafka's address, host:port[,host:port].")]
ClickHouse = Annotated[str | None, typer.Option(help="ClickHouse's address, http(s)://host:port.")]
Election = Annotated[str | None, typer.Option(help="Election: name of a shipped one, or a file.")]
Partitions = Annotated[int | None, typer.Option(help="Partitions of topics that are made.")]
LogLevel = Annotated[str | None, typer.Option(help="debug, info, warning or error.")]
