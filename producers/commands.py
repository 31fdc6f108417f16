"""Subcommands of this room."""

from __future__ import annotations

import typer

from producers.simulator import commands as simulator


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    simulator.register(app)
