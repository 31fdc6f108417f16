"""`posko bench`: its subcommands and their options. What they do is imported when they run."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tests.bench.table import Figure

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
    from tests.bench import compare as comparison
    from tests.bench import environment

    rows = row or list(Row)
    sides = [str(one) for one in side or ()]
    options = comparison.Options([str(one) for one in rows], reports, repeat, partitions, election, port_base, sides)
    with _clear_errors():
        peers = environment.ensure(_say)
        figures = comparison.measure(options, str(peers), sys.executable, _say)
    _show(figures, comparison.TITLES, as_json)


@bench.command()
def sink(
    rows: Annotated[int, typer.Option(min=1000, help="Matched reports to store.")] = 200_000,
    repeat: Annotated[int, typer.Option(min=1, help="Repetitions, side after side.")] = 3,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topic.")] = 2,
    election: Election = "sumsel-2024",
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """Rows a second of the sink, from the matched topic into the engine, beside JSON handed on unparsed."""
    from tests.bench import sink_rate

    with _clear_errors():
        figures = sink_rate.measure(rows, repeat, partitions, election, port_base, sys.executable, _say)
    _show(figures, {"sink": "matched topic to engine"}, as_json)


@bench.command()
def steps(
    reports: Annotated[int, typer.Option(min=1000, help="Reports to measure with.")] = 20_000,
    election: Election = "sumsel-2024",
    as_json: Json = False,
) -> None:
    """Microseconds a report of each step of intake and correlate."""
    from rich.console import Console

    from tests.bench import steps as measured

    found = measured.measure(reports, election)
    if as_json:
        _write({part: {step: round(us, 2) for step, us in costs.items()} for part, costs in found.items()})
    else:
        for part, costs in found.items():
            Console().print(measured.shown(part, costs))


@bench.command()
def flat(
    history: Annotated[int, typer.Option(min=1000, help="Reports in the short history.")] = 2_000,
    factor: Annotated[int, typer.Option(min=2, help="The long history has so many times as many.")] = 100,
    last: Annotated[int, typer.Option(min=100, help="Reports that are measured.")] = 5_000,
    election: Election = "sumsel-2024",
    as_json: Json = False,
) -> None:
    """The cost of correlating a report after a short and after a long history; the ratio should be at most 1.2."""
    from dataclasses import asdict

    from tests.bench import flat as measured

    costs = measured.measure(history, factor, last, election, _say)
    short, long = costs
    if as_json:
        _write({"costs": [asdict(cost) for cost in costs], "ratio": round(long.median / short.median, 3)})
        return
    for cost in costs:
        typer.echo(
            f"after {cost.history:>9,} reports ({cost.incidents:,} incidents kept): "
            f"{cost.median:.1f} us a report (mean {cost.mean:.1f})"
        )
    typer.echo(f"ratio {long.median / short.median:.2f}")


@bench.command()
def latency(
    data: Annotated[Path, typer.Option(help="Folder of the running instance.")],
    rate: Annotated[int, typer.Option(min=1, help="Messages a second.")] = 1000,
    seconds: Annotated[int, typer.Option(min=5, help="How long.")] = 60,
) -> None:
    """How long reports take from sending to queryable at a constant rate, in a running instance."""
    from posko import settings
    from tests.bench import pipeline_latency

    pipeline_latency.measure(settings.load(data=data), rate, seconds)


@bench.command()
def queries(
    rows: Annotated[int, typer.Option(min=1000, help="Reports that are stored.")] = 5_000_000,
    repeat: Annotated[int, typer.Option(min=1, help="How often each question is asked.")] = 20,
    seed: Annotated[int, typer.Option(help="Of the day that is copied.")] = 7,
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """How long every saved question takes with a national day in the tables."""
    from dataclasses import asdict

    from tests.bench import queries as measured

    with _clear_errors():
        costs = measured.measure(rows, repeat, seed, port_base, _say)
    if as_json:
        _write([{**asdict(cost), "holds": cost.holds} for cost in costs])
    else:
        from rich.console import Console

        Console().print(measured.shown(costs))
    if not all(cost.holds for cost in costs):
        raise typer.Exit(1)


@bench.command()
def dashboards(
    rows: Annotated[int, typer.Option(min=1000, help="Reports that are stored.")] = 5_000_000,
    repeat: Annotated[int, typer.Option(min=1, help="How often each panel is asked.")] = 5,
    seed: Annotated[int, typer.Option(help="Of the day that is copied.")] = 7,
    viewers: Annotated[int, typer.Option(min=0, help="So many open Situasi at once.")] = 30,
    every: Annotated[
        bool, typer.Option("--every", help="Every panel, not only the slowest of each dashboard.")
    ] = False,
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """How long every panel of the Grafana dashboards takes with a national day in the tables."""
    from dataclasses import asdict

    from tests.bench import dashboards as measured

    with _clear_errors():
        costs, counts = measured.measure(rows, repeat, seed, viewers, port_base, _say)
    if as_json:
        _write({"rows": counts, "panels": [asdict(cost) for cost in costs]})
    else:
        from rich.console import Console

        Console().print(measured.shown(costs, every))
    if not measured.holds(costs):
        raise typer.Exit(1)


@bench.command()
def national(
    reports: Annotated[int, typer.Option(min=1000, help="Reports of the day.")] = 5_000_000,
    workers: Annotated[int, typer.Option(min=1, help="Stream workers.")] = 2,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the topics.")] = 8,
    seed: Annotated[int, typer.Option(help="Of the simulated day.")] = 1,
    data: Annotated[
        Path | None, typer.Option(help="New folder for the instance, kept; otherwise a temporary one.")
    ] = None,
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """A day of all Indonesia through an instance: reports a second, peak memory, recovery of a killed worker."""
    import tempfile
    from dataclasses import asdict

    from tests import processes
    from tests.bench import national as measured

    with _clear_errors(), tempfile.TemporaryDirectory(prefix="posko-bench-") as name:
        base = processes.free_ports(port_base)
        played = measured.measure(reports, workers, partitions, seed, data or Path(name), base, _say)
    if as_json:
        _write({**asdict(played), "rate": round(played.rate), "holds": played.holds})
    else:
        from rich.console import Console

        Console().print(measured.shown(played))
    if not played.holds:
        raise typer.Exit(1)


@bench.command()
def state(
    reports: Annotated[int, typer.Option(min=1000, help="The first so many reports of a national day.")] = 200_000,
    partitions: Annotated[int, typer.Option(min=1, help="Partitions of the worker.")] = 4,
    seed: Annotated[int, typer.Option(help="Of the simulated day.")] = 1,
    as_json: Json = False,
) -> None:
    """What a growing state costs a worker: memory, processor time a report, changelog, restoring."""
    from dataclasses import asdict

    from tests.bench import state as measured

    grown = measured.measure(reports, partitions, seed, _say)
    if as_json:
        _write(asdict(grown))
    else:
        from rich.console import Console

        Console().print(measured.shown(grown))


@bench.command()
def gateway(
    reports: Annotated[int, typer.Option(min=1000, help="Reports to send as fast as it goes.")] = 20_000,
    port_base: PortBase = 0,
    as_json: Json = False,
) -> None:
    """Reports a second that the gateway accepts, how long they wait at half of that, and what it costs."""
    from dataclasses import asdict

    from tests.bench import gateway as measured

    with _clear_errors():
        found = measured.measure(reports, port_base, _say)
    if as_json:
        _write({**asdict(found), "holds": found.holds})
    else:
        typer.echo(measured.shown(found))
    if not found.holds:
        raise typer.Exit(1)


@bench.command()
def engine(
    seconds: Annotated[float, typer.Option(min=0.5, help="For each measurement.")] = 4,
) -> None:
    """How long reads and inserts take at the embedded engine's door, alone and beside long queries."""
    from tests.bench import engine_reads

    engine_reads.measure_all(seconds)


def _say(text: str) -> None:
    from rich.console import Console

    Console(stderr=True).print(text, style="dim", highlight=False, markup=False)


@contextmanager
def _clear_errors() -> Iterator[None]:
    """What keeps a bench from running is one line, not a traceback."""
    from posko.local.errors import LocalError
    from posko.settings import SettingsError
    from tests.bench import environment, run
    from tests.processes import NotStarted

    try:
        yield
    except (environment.NotInstalled, NotStarted, run.RunFailed, LocalError) as error:
        raise SettingsError(str(error)) from error


def _show(figures: list[Figure], titles: dict[str, str], as_json: bool) -> None:
    from rich.console import Console

    from tests.bench import compare as comparison
    from tests.bench import table

    if as_json:
        _write(table.as_json(figures, comparison.machine()))
    else:
        Console().print(table.shown(figures, titles))
    if any(figure.failed for figure in figures):
        raise typer.Exit(1)


def _write(found: object) -> None:
    import orjson

    sys.stdout.buffer.write(orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
