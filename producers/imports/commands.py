"""`posko import reports FILE` and `posko import watch FOLDER`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from posko.claim_commands import import_app
from posko.options import Data

DRAIN_S = 600.0  # Kafka may take so long; what it does not take then stays on disk
MappingOption = Annotated[
    Path | None, typer.Option("--mapping", help="YAML file that says which column is what; see docs/doors.md.")
]


def register(app: typer.Typer) -> None:
    """Importing these commands has added them to `posko import`."""


@import_app.command()
def reports(
    file: Annotated[Path, typer.Argument(help="CSV, XLSX, GeoJSON or JSON lines.", exists=True, dir_okay=False)],
    mapping: MappingOption = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look at the rows; nothing is sent.")] = False,
    again: Annotated[bool, typer.Option("--again", help="Import a file that was imported before.")] = False,
    data: Data = None,
) -> None:
    """Send the rows of a file as reports: status 0, or 1 when rows are wrong (they are listed beside the file)."""
    from posko import context, log, settings
    from producers.client import Client
    from producers.imports.memory import FILE, Memory
    from producers.imports.run import Import, MappingError, Unusable, shown

    known = settings.load(data=data)
    log.configure(known.log_level)
    try:
        importing = Import(context.load(known.election), mapping)
        if dry_run:
            with _progress(file.name) as moved:
                outcome = importing.dry(file, moved)
            typer.echo(shown(outcome.examples))
            typer.echo(f"{outcome.sent} rows are reports, {outcome.wrong} are wrong; nothing was sent")
        else:
            known.data.mkdir(parents=True, exist_ok=True)
            with Client.of(known, "import") as client:
                with _progress(file.name) as moved:
                    outcome = importing.run(file, client, Memory(known.data / FILE), again, moved)
                if outcome.again:
                    typer.echo("This file was imported already; --again sends it once more (reports keep their ids)")
                elif not client.drain(DRAIN_S):
                    typer.echo(
                        f"Kafka does not answer; {client.waiting} reports wait on disk for the next import", err=True
                    )
            typer.echo(f"{outcome.sent} reports imported, {outcome.wrong} rows are wrong")
    except (Unusable, MappingError) as error:
        _fail(str(error))
    if outcome.mistakes:
        typer.echo(f"What is wrong with which row: {outcome.mistakes}", err=True)
        raise typer.Exit(1)


@import_app.command()
def watch(
    folder: Annotated[Path, typer.Argument(help="Files that come here are imported.", exists=True, file_okay=False)],
    mapping: MappingOption = None,
    data: Data = None,
) -> None:
    """Import every file that comes into a folder, until Ctrl-C; files move to its folders done and failed."""
    import signal
    import threading
    import time

    from posko import context, log, settings
    from producers.client import Client
    from producers.imports.memory import FILE, Memory
    from producers.imports.run import Import, MappingError
    from producers.imports.watch import Folder

    known = settings.load(data=data)
    log.configure(known.log_level)
    own = folder / "mapping.yaml"
    try:
        importing = Import(context.load(known.election), mapping or (own if own.exists() else None))
    except MappingError as error:
        _fail(str(error))
    ending = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: ending.set())
    known.data.mkdir(parents=True, exist_ok=True)
    with Client.of(known, "watch") as client:
        looking = Folder(folder, importing, client, Memory(known.data / FILE))
        typer.echo(f"Files that come into {folder} are imported; Ctrl-C ends")
        while not ending.wait(1.0):
            looking.look(time.time(), typer.echo)


@contextmanager
def _progress(name: str) -> Iterator[Callable[[int], None]]:
    """Rows that were looked at, on a terminal, once it takes longer than a second."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    import time

    from rich.console import Console
    from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    began = time.monotonic()
    bar = Progress(
        SpinnerColumn(), TextColumn("{task.description}: {task.completed:,} rows"), TimeElapsedColumn(),
        console=Console(stderr=True), transient=True,
    )  # fmt: skip
    task = bar.add_task(name, total=None)

    def moved(rows: int) -> None:
        if not rows % 100:
            if not bar.live.is_started and time.monotonic() - began > 1.0:
                bar.start()
            bar.update(task, completed=rows)

    try:
        yield moved
    finally:
        bar.stop()


def _fail(why: str) -> NoReturn:
    typer.echo(f"posko: {why}", err=True)
    raise typer.Exit(2)
