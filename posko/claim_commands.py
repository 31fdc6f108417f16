"""`posko import claims`: known hoaxes and clarifications, so that reports about them show the verdict at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

import_app = typer.Typer(help="Bring in what others have checked.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add `posko import` to the `posko` command."""
    app.add_typer(import_app, name="import")


@import_app.callback()
def group() -> None:
    """Bring in what others have checked."""


@import_app.command()
def claims(
    file: Annotated[Path, typer.Argument(help="CSV with the columns claim, verdict, link, date.")],
    data: Annotated[Path | None, typer.Option(help="The instance's folder; default: that of the running one.")] = None,
    replace: Annotated[bool, typer.Option(help="Forget the claims that were imported before.")] = False,
) -> None:
    """Import known hoaxes and clarifications. Running workers take them up by themselves."""
    from posko import settings
    from posko.claims import read, write

    new = {known.id: known for known in read(file)}
    target = settings.load(data=data).claims_file
    old = {} if replace or not target.exists() else {known.id: known for known in read(target)}
    write(target, [*{**old, **new}.values()])
    typer.echo(f"{len(new)} claims imported, {len({**old, **new})} known; {target}")
