"""`posko bench`: its subcommands and their options. What they do is imported when they run."""

from __future__ import annotations

import sys
from enum import StrEnum
from typing import Annotated

import typer

bench = typer.Typer(
    help="Measure: against other stream processors, step by step, latency, the sink, the engine.",
    invoke_without_command=True,
)


class Side(StrEnum):
    """Who is measured; the values name modules."""

    ours = "ours"
    quix = "quix"
    bytewax = "bytewax_flow"


class Row(StrEnum):
    """A row of the comparison."""

    parse = "parse"
    intake = "intake"
    correlate = "correlate"
    queryable = "queryable"


Json = Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")]
PortBase = Annotated[int, typer.Option(help="First of the ports to use; 0 takes free ones.")]
Election = Annotated[str, typer.Option(help="A shipped election or a file.")]


@bench.callback()
def compare(
    context: typer.Context,
    row: Annotated[list[Row] | None, typer.Option(help="Only these rows.")] = None,
    side: Annotated[list[Side] | None, typer.Option(help="Only these sides; ratios need ours.")] = None,
    reports: Annotated[int, typer.Option(min=1000, help="Reports in the topic.")] = 40_000,
    repeat: Annotated[int, typer.Option(min=1, help="Repetitions, side after side.")] = 3,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topics.")] = 2,
    election: Election = "sumsel-2024",
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """Compare the stream worker with Quix Streams and Bytewax that run the same domain functions on the same topic."""
    if context.invoked_subcommand:
        return
    import orjson
    from rich.console import Console

    from posko.local.errors import LocalError
    from posko.settings import SettingsError
    from tests.bench import compare as comparison
    from tests.bench import environment, servers, table

    errors = Console(stderr=True)

    def say(text: str) -> None:
        errors.print(text, style="dim", highlight=False, markup=False)

    rows = row or list(Row)
    sides = [str(one) for one in side or ()]
    options = comparison.Options([str(one) for one in rows], reports, repeat, partitions, election, port_base, sides)
    try:
        peers = environment.ensure(say)
        figures = comparison.measure(options, str(peers), sys.executable, say)
    except (environment.NotInstalled, servers.NotStarted, LocalError) as error:
        raise SettingsError(str(error)) from error
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(table.as_json(figures, comparison.machine()), option=orjson.OPT_INDENT_2))
    else:
        Console().print(table.shown(figures, comparison.TITLES))
    if any(figure.failed for figure in figures):
        raise typer.Exit(1)
