"""What the subcommands of this room share: the settings that their options lead to, and how a command fails."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import typer

if TYPE_CHECKING:
    from posko.settings import Settings


def settings_of(data: Path | None, port_base: int | None, clickhouse: str | None, kafka: str | None = None) -> Settings:
    """Settings for these options."""
    from posko import settings

    return settings.load(data=data, port_base=port_base, clickhouse=clickhouse, kafka=kafka)


def failed(text: str, status: int = 1) -> typer.Exit:
    """Say on standard error why the command fails; to be raised."""
    typer.echo(f"posko: {text}", err=True)
    return typer.Exit(status)
