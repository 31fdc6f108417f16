"""`posko engine`: the embedded ClickHouse in the foreground."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posko import settings
from posko.options import Host, LogLevel


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    app.command("engine")(engine)


def engine(
    data: Annotated[
        Path | None, typer.Option(help="The instance's folder; the engine keeps everything in its `clickhouse`.")
    ] = None,
    host: Host = None,
    port_base: Annotated[
        int | None, typer.Option(help="First port of the instance; the engine listens on the third.")
    ] = None,
    log_level: LogLevel = None,
) -> None:
    """Serve ClickHouse's HTTP protocol from an engine inside this process, until SIGTERM."""
    from posko.local.engine import process

    process.run(settings.load(data=data, host=host, port_base=port_base, log_level=log_level))
