"""`posko simulate` and `posko truth score`."""

from __future__ import annotations

import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posko.options import Data, PortBase
from posko.settings import SettingsError

if TYPE_CHECKING:
    from posko.settings import Settings
    from producers.simulator.output import Target
    from producers.simulator.progress import Shown
    from producers.simulator.run import Plan
    from producers.truth import Score

DEMO_SECONDS = 110.0


class ProgressKind(StrEnum):
    """How progress is shown."""

    auto = "auto"
    json = "json"
    bar = "bar"
    none = "none"


def register(app: typer.Typer) -> None:
    """Add `simulate` and `truth` to the `posko` command."""
    app.command("simulate")(simulate)
    truth = typer.Typer(help="Compare what the system made of a simulated day with the truth.", no_args_is_help=True)
    truth.command("score")(score)
    truth.callback()(lambda: None)
    app.add_typer(truth, name="truth")


def simulate(
    seed: Annotated[int, typer.Option(help="The same seed and options give the same messages, byte by byte.")] = 1,
    size: Annotated[
        str,
        typer.Option(
            help="How much happens: `day` as on a real day, `small` about 2,000 messages, or a number of events."
        ),
    ] = "day",
    reports: Annotated[
        int | None, typer.Option(min=1, help="So many messages instead; the day ends with the last of them.")
    ] = None,
    duration: Annotated[
        float | None,
        typer.Option(
            min=0.1,
            help=f"Seconds for the whole day (to Kafka by default {DEMO_SECONDS:.0f}); with --rate: how long.",
        ),
    ] = None,
    speed: Annotated[
        float | None, typer.Option(min=0, help="1 is real time, 60 a minute a second, 0 as fast as possible.")
    ] = None,
    rate: Annotated[float | None, typer.Option(min=0.1, help="A constant number of messages a second.")] = None,
    hours: Annotated[str, typer.Option(help="First and last local hour that is played.")] = "4-24",
    election: Annotated[str | None, typer.Option(help="A shipped election or a file.", envvar="POSKO_ELECTION")] = None,
    kafka: Annotated[str | None, typer.Option(help="Bootstrap servers; default: the running instance's.")] = None,
    data: Data = None,
    port_base: PortBase = None,
    out: Annotated[
        str | None, typer.Option(help="Write JSON lines to a file, or - for standard output, instead of Kafka.")
    ] = None,
    truth: Annotated[Path | None, typer.Option(help="Write the truth about every message to this file.")] = None,
    progress: Annotated[
        ProgressKind, typer.Option(help="json: a line a second; bar: on the terminal.")
    ] = ProgressKind.auto,
) -> None:
    """Play an election day: officers and citizens of the whole area report, resend, fall silent and pass on hoaxes."""
    from posko import context, settings
    from producers.simulator import output, run
    from producers.simulator.play import play

    configured = settings.load(data=data, port_base=port_base, kafka=kafka, election=election)
    if out is None and rate is None and speed is None and duration is None:
        duration = DEMO_SECONDS
    if speed is not None and (rate is not None or duration is not None):
        raise SettingsError("--speed goes with neither --rate nor --duration; give one of them")
    plan = run.plan(
        context.load(configured.election), seed=seed, size=size, reports=reports, hours=_hours(hours),
        speed=speed or 0.0, rate=rate or 0.0, duration=duration or 0.0,
    )  # fmt: skip
    target = _target(out, configured)
    note = output.Truth(truth, plan.header()) if truth else None
    shown = _progress(progress, plan, to_stdout=out != "-")
    played = play(plan.day.messages(), plan.day.span, target, note, plan.pace, shown, plan.limit, live=out is None)
    typer.echo(f"{played.sent:,} messages in {played.seconds:.1f} s", err=True)


def _target(out: str | None, configured: Settings) -> Target:
    from producers.simulator.output import Lines

    if out == "-":
        return Lines(sys.stdout.buffer)
    if out is not None:
        return Lines(Path(out).open("wb", buffering=1 << 20))
    from producers.simulator.run import KafkaTarget

    return KafkaTarget(configured.kafka_address, configured.partitions)


def _progress(kind: ProgressKind, plan: Plan, to_stdout: bool) -> Shown:
    import time

    from producers.simulator.progress import Bar, JsonLines, Quiet

    if kind is ProgressKind.json:
        stream = sys.stdout if to_stdout else sys.stderr
        return JsonLines(stream, plan.day.span, plan.zone, time.monotonic())
    if kind is ProgressKind.bar or (kind is ProgressKind.auto and sys.stderr.isatty()):
        return Bar(plan.day.span, plan.zone)
    return Quiet()


def _hours(text: str) -> tuple[int, int]:
    first, dash, last = text.partition("-")
    if not (dash and first.isdecimal() and last.isdecimal() and 0 <= int(first) < int(last) <= 48):
        raise SettingsError(f"--hours {text!r} is no span of hours; write for example 4-24, at most to 48")
    return int(first), int(last)


def score(
    assignments: Annotated[
        str, typer.Argument(help="A file of report_id<TAB>incident_id, or - for standard input.")
    ] = "-",
    truth: Annotated[Path, typer.Option(help="What `posko simulate --truth` wrote.")] = ...,  # type: ignore[assignment]
    rejected: Annotated[Path | None, typer.Option(help="A file of reason<TAB>count of the rejected messages.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object instead of a table.")] = False,
) -> None:
    """Precision, recall, lost and doubled reports. The exit status is 1 when anything was lost, doubled or wrongly
    accepted."""
    from producers import truth as scoring

    try:
        known = scoring.load(truth)
        counted = scoring.read_rejected(rejected.read_text().splitlines()) if rejected else None
        if assignments == "-":
            found = scoring.score(known, scoring.read_assignments(sys.stdin), counted)
        else:
            with open(assignments, encoding="utf-8") as lines:
                found = scoring.score(known, scoring.read_assignments(lines), counted)
    except (scoring.TruthError, OSError) as error:
        raise SettingsError(str(error)) from error
    if as_json:
        import orjson

        typer.echo(orjson.dumps(found.as_dict(), option=orjson.OPT_INDENT_2).decode())
    else:
        _print(found)
    raise typer.Exit(0 if found.intact else 1)


def _print(found: Score) -> None:
    from rich.console import Console
    from rich.table import Table

    console = Console()
    console.print(
        f"{found.assigned:,} of {found.reports:,} reports in {found.incidents:,} incidents ({found.events:,} events); "
        f"lost {len(found.lost)}, doubled {len(found.doubled)}, "
        f"wrongly accepted {sum(found.wrongly_accepted.values())}, not of this day {found.foreign}"
    )
    table = Table("", "precision", "recall", "pairs right", "together", "belonging")
    for name, pairs in {"all": found.pairs, **found.categories}.items():
        table.add_row(
            name,
            f"{pairs.precision:.3f}",
            f"{pairs.recall:.3f}",
            f"{pairs.right:,}",
            f"{pairs.together:,}",
            f"{pairs.belonging:,}",
        )
    console.print(table)
    if found.rejected:
        reasons = Table("rejected for", "expected", "seen")
        for reason, (expected, seen) in found.rejected.items():
            reasons.add_row(reason, str(expected), str(seen))
        console.print(reasons)
    for what, ids in (("lost", found.lost), ("doubled", found.doubled)):
        if ids:
            console.print(f"{what}: {', '.join(ids[:10])}{' ...' if len(ids) > 10 else ''}")
