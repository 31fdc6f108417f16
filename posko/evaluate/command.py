"""`posko evaluate`: how well matching agrees with a known truth, beside three baselines, and its worst mistakes."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer


def register(app: typer.Typer) -> None:
    """Add `posko evaluate` to the `posko` command."""
    app.command()(evaluate)


def evaluate(
    file: Annotated[Path, typer.Argument(help="Reports, one JSON object a line, in the order in which they arrive.")],
    truth: Annotated[Path, typer.Argument(help="CSV or JSON lines: which report_id belongs to which event.")],
    election: Annotated[
        str | None,
        typer.Option("--election", "-e", help="A shipped election or a file; default: POSKO_ELECTION or sumsel-2024."),
    ] = None,
    traps: Annotated[
        Path | None, typer.Option(help="CSV: pairs of reports or events that must not meet; default: derived.")
    ] = None,
    errors: Annotated[int, typer.Option(min=0, help="Show so many of the worst wrong merges and splits.")] = 0,
    baselines: Annotated[bool, typer.Option(help="Measure the three baselines as well.")] = True,
    as_json: Annotated[bool, typer.Option("--json", help="Print everything as JSON.")] = False,
) -> None:
    """Put the reports of a file together as the stream does and compare with the truth: pairwise, B-cubed, traps."""
    import orjson

    from posko import context as contexts
    from posko.evaluate import measure, mistakes, run, shown
    from posko.evaluate import traps as trap_pairs
    from posko.evaluate import truth as truths
    from posko.settings import Settings

    known = truths.load(truth)
    context = contexts.load(election or Settings().election)
    result = run.run(file, context, known.received_at)
    listed = trap_pairs.load(traps, known) if traps else trap_pairs.unlisted(known, result.matched)
    evaluation = measure.evaluate(known, result, listed, baselines)
    if as_json:
        typer.echo(orjson.dumps(measure.plain(evaluation, result), option=orjson.OPT_INDENT_2))
        return
    for line in shown.figures(evaluation, result):
        typer.echo(line)
    for mistake in mistakes.mistakes(known.event_of, result, errors) if errors else []:
        for line in shown.mistake(mistake, context.election.timezone):
            typer.echo(line)
