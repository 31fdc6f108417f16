"""The `posko` command. Each room adds its own subcommands through the entry-point group `posko.commands`."""

from __future__ import annotations

import sys
from importlib.metadata import entry_points
from typing import Annotated

import typer

from posko import __version__, settings

app = typer.Typer(
    name="posko",
    help="Reports from election day, turned into incidents that a command post can act on.",
    no_args_is_help=True,
    pretty_exceptions_show_locals=False,
    rich_markup_mode="rich",
)


def _version(shown: bool) -> None:
    if shown:
        typer.echo(f"posko {__version__}")
        raise typer.Exit


@app.callback()
def root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version.")
    ] = False,
) -> None:
    """Reports from election day, turned into incidents that a command post can act on."""


def main() -> None:
    """Run the command line; a known failure is one clear line on standard error and status 2, not a traceback."""
    for entry in sorted(entry_points(group="posko.commands"), key=lambda entry: entry.name):
        entry.load()(app)
    try:
        app()
    except settings.SettingsError as error:
        typer.echo(f"posko: {error}", err=True)
        sys.exit(2)
