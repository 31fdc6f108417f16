"""Subcommands of this room: sink, migrate, sql, query, rebuild, drain."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from posko.errors import first_line
from posko.options import ClickHouse, Data, Election, Kafka, LogLevel, Partitions, PortBase
from sinks import audit_command, rejected_commands
from sinks.options import failed, settings_of

if TYPE_CHECKING:
    from clickhouse_connect.driver.client import Client

    from posko.local.progress import Stage
    from posko.settings import Settings

Params = Annotated[
    list[str] | None, typer.Option("--param", help="name=value, for {name:Type} in the query; may be repeated.")
]
Format = Annotated[
    str,
    typer.Option(
        "--format",
        help="table, csv, json, parquet, xlsx, or one of ClickHouse's output formats: TSV, JSONEachRow, ...",
    ),
]
Out = Annotated[Path | None, typer.Option("--out", help="File to write; without it: standard output.")]


def register(app: typer.Typer) -> None:
    """Add this room's subcommands to the `posko` command."""
    for command in (sink, migrate, sql, query, rebuild, drain):
        app.command()(command)
    rejected_commands.register(app)
    app.add_typer(audit_command.audits)


def sink(
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
    election: Election = None,
    partitions: Partitions = None,
    sink_batch: Annotated[int | None, typer.Option(help="Messages in one batch, at most.")] = None,
    sink_age: Annotated[float | None, typer.Option(help="Seconds that a batch waits for more.")] = None,
    log_level: LogLevel = None,
) -> None:
    """Run a sink: matches, incidents and rejected messages from Kafka into ClickHouse. SIGTERM stops it."""
    from posko import settings
    from sinks import run

    given = settings.load(
        data=data,
        port_base=port_base,
        kafka=kafka,
        clickhouse=clickhouse,
        election=election,
        partitions=partitions,
        sink_batch=sink_batch,
        sink_age=sink_age,
        log_level=log_level,
    )
    raise typer.Exit(run.run(given))


def migrate(data: Data = None, port_base: PortBase = None, clickhouse: ClickHouse = None) -> None:
    """Bring ClickHouse's tables up to this version. Sinks do it when they start; this does it beforehand."""
    from sinks import migrate as migrations

    client = _connect(settings_of(data, port_base, clickhouse))
    try:
        applied = migrations.apply(client)
    except migrations.MigrationError as error:
        raise failed(str(error)) from error
    for migration in applied:
        typer.echo(f"{migration.number:04d} {migration.name}")
    typer.echo(f"{len(applied)} applied, the schema is at {len(migrations.load()):04d}", err=True)


def sql(
    text: Annotated[str, typer.Argument(metavar="QUERY", help="SQL, or - to read it from standard input.")],
    output: Format = "table",
    out: Out = None,
    param: Params = None,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Ask ClickHouse: `posko sql "SELECT count() FROM posko.reports"`. The tables are described in docs/tables.md."""
    asked = sys.stdin.read() if text == "-" else text
    _answer(settings_of(data, port_base, clickhouse), asked, _given(param), output, out)


def query(
    name: Annotated[str | None, typer.Argument(help="Name of a saved question.")] = None,
    every: Annotated[bool, typer.Option("--list", help="List the saved questions.")] = False,
    output: Format = "table",
    out: Out = None,
    param: Params = None,
    data: Data = None,
    port_base: PortBase = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Ask a saved question by its name; --list shows them."""
    from sinks import queries

    if every or name is None:
        for saved in map(queries.load, queries.names()):
            typer.echo(f"{saved.name}\n    {saved.question['id']}\n    {saved.question['en']}")
            for known, default in saved.params.items():
                typer.echo(f"    --param {known}={default!s}   {saved.about[known]}")
        return
    try:
        question = queries.load(name)
    except queries.UnknownQuery as error:
        raise failed(str(error), 2) from error
    given = _given(param)
    if unknown := given.keys() - question.params.keys():
        known = ", ".join(question.params) or "none"
        raise failed(f"{name} has no parameter {', '.join(sorted(unknown))}; it has {known}", 2)
    _answer(settings_of(data, port_base, clickhouse), question.sql, {**question.params, **given}, output, out)


def rebuild(
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    timeout: Annotated[
        float, typer.Option(help="Seconds to wait for the tables to be full again; 0 does not wait.")
    ] = 3600,
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Empty the tables and let the running sinks fill them again from Kafka. Nothing that arrives meanwhile is lost."""
    from posko.local import progress
    from sinks import migrate as migrations
    from sinks import rebuild as rebuilding

    known = settings_of(data, port_base, clickhouse, kafka)
    if not yes:
        typer.confirm(
            f"Empty the tables in {known.clickhouse_url} and fill them again from {known.kafka_address}?", abort=True
        )
    client = _connect(known)
    try:
        migrations.apply(client)
    except migrations.MigrationError as error:
        raise failed(str(error)) from error
    number = rebuilding.begin(client)
    typer.echo(f"The tables are empty; sinks fill them again (generation {number}).", err=True)
    if timeout:
        _finish(progress.filled(known, timeout, _teller()), "The tables are full again.")


def drain(
    timeout: Annotated[float, typer.Option(help="Seconds to wait at most.")] = 120,
    data: Data = None,
    port_base: PortBase = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
) -> None:
    """Return when every report sent before is stored. Exit status 1, with what is missing, when that takes too long."""
    from posko.local import progress

    known = settings_of(data, port_base, clickhouse, kafka)
    _finish(progress.drained(known, timeout, _teller()), "Everything sent is stored.")


def _connect(known: Settings) -> Client:
    from sinks import clickhouse

    try:
        return clickhouse.connect(known)
    except Exception as error:
        raise failed(f"ClickHouse at {known.clickhouse_url} cannot be used: {first_line(error, 1000)}", 2) from error


def _answer(known: Settings, asked: str, given: dict[str, Any], output: str, out: Path | None) -> None:
    from sinks import answer

    answer.give(_connect(known), asked, given, output, out)


def _given(params: list[str] | None) -> dict[str, str]:
    given = {}
    for text in params or ():
        name, equals, value = text.partition("=")
        if not equals or not name:
            raise failed(f"--param {text}: write name=value", 2)
        given[name] = value
    return given


def _teller() -> Any:
    """Says what waits, when that changed since it last said so."""
    said: list[str] = []

    def tell(stages: Iterable[Stage]) -> None:
        text = ", ".join(_waiting(stage) for stage in stages)
        if said[-1:] != [text]:
            said[:] = [text]
            typer.echo(f"waiting: {text}", err=True)

    return tell


def _waiting(stage: Stage) -> str:
    return (
        f"{stage.name} ({stage.problem})"
        if stage.problem
        else f"{stage.name} {'?' if stage.lag is None else stage.lag}"
    )


def _finish(missing: list[Stage], done: str) -> None:
    if missing:
        raise failed(f"not everything is stored yet: {', '.join(_waiting(stage) for stage in missing)}")
    typer.echo(done, err=True)
