"""`posko chaos`: its options. Everything heavy is imported when it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def chaos(
    kills: Annotated[int, typer.Option(min=0, help="How often something is killed (SIGKILL).")] = 20,
    pauses: Annotated[
        int | None, typer.Option(min=0, help="How often something is paused for 5 to 30 s; default: kills / 4.")
    ] = None,
    reports: Annotated[int, typer.Option(min=100, help="Messages of the simulated day.")] = 200_000,
    rate: Annotated[float, typer.Option(min=1, help="Messages a second, in the mean of the day.")] = 1000,
    workers: Annotated[int, typer.Option(min=1, max=64, help="Stream workers.")] = 2,
    partitions: Annotated[int, typer.Option(min=1, max=512, help="Partitions of each topic.")] = 4,
    seed: Annotated[int, typer.Option(help="The same seed strikes the same way, in the same day.")] = 1,
    election: Annotated[str, typer.Option(help="Election: name of a shipped one, or a file.")] = "sumsel-2024",
    data: Annotated[
        Path | None, typer.Option(help="Folder of the instance, new or empty; default: a temporary one.")
    ] = None,
    port_base: Annotated[int | None, typer.Option(help="First of its ports; default: free ones.")] = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep the folder even when nothing is at fault.")] = False,
) -> None:
    """Kill and pause everything under load, then compare what was sent with what is stored. Exit status 1: a fault."""
    import tempfile

    from rich.console import Console

    from posko.settings import SettingsError
    from tests.chaos import run
    from tests.processes import NotStarted, free_ports

    folder = data.expanduser().resolve() if data else Path(tempfile.mkdtemp(prefix="posko-chaos-"))
    if folder.exists() and any(folder.iterdir()):
        raise SettingsError(f"{folder} is not empty; name a new folder with --data")
    try:
        base = port_base or free_ports()
    except NotStarted as error:
        raise SettingsError(str(error)) from error
    options = run.Options(
        data=folder,
        port_base=base,
        election=str(Path(election).resolve()) if Path(election).is_file() else election,
        seed=seed,
        reports=reports,
        rate=rate,
        kills=kills,
        pauses=kills // 4 if pauses is None else pauses,
        workers=workers,
        partitions=partitions,
    )
    raise typer.Exit(run.run(options, Console(), keep))
