"""`posko board`, and who uses it: `posko board user add|list|passwd|disable`, `posko board events`."""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from posko.options import ClickHouse, Data, Election, Host, Kafka, LogLevel, PortBase

if TYPE_CHECKING:
    from dashboards.board.accounts.database import Database

Name = Annotated[str, typer.Argument(help="Name of the account: 2 to 64 of a-z, 0-9 and . _ @ -")]

board = typer.Typer(invoke_without_command=True, help="The triage board, and the accounts of those who use it.")
user = typer.Typer(no_args_is_help=True, help="Accounts of the board.")
board.add_typer(user, name="user")


@board.callback()
def serve(
    context: typer.Context,
    data: Data = None,
    port_base: PortBase = None,
    host: Host = None,
    kafka: Kafka = None,
    clickhouse: ClickHouse = None,
    election: Election = None,
    board_url: Annotated[str | None, typer.Option(help="Where people reach it behind a proxy: https://...")] = None,
    log_level: LogLevel = None,
) -> None:
    """Run the triage board until SIGTERM."""
    if context.invoked_subcommand:
        return
    from dashboards.board import run
    from posko import settings

    known = settings.load(
        data=data,
        port_base=port_base,
        host=host,
        kafka=kafka,
        clickhouse=clickhouse,
        election=election,
        board_url=board_url,
        log_level=log_level,
    )
    raise typer.Exit(run.run(known))


@user.command()
def add(
    name: Name,
    role: Annotated[str, typer.Option(help="viewer, operator, verifier or commander.")] = "operator",
    area: Annotated[
        list[str] | None, typer.Option(help="Code of a kabupaten/kota or kecamatan; may be repeated. None: everywhere.")
    ] = None,
    institution: Annotated[str, typer.Option(help="Where the person belongs; stands beside what they do.")] = "posko",
    oidc: Annotated[
        str | None, typer.Option(help="Subject or e-mail address by which an institution's OpenID Connect knows them.")
    ] = None,
    data: Data = None,
) -> None:
    """Make an account and show its one-time password, once."""
    from dashboards.board import roles
    from dashboards.board.accounts.users import AccountError, Users

    database = _database(data)
    try:
        areas = roles.normalised(area or [])
        password = Users(database).add(name, role, areas, institution, _now(), oidc.lower() if oidc else None)
    except (AccountError, ValueError) as error:
        raise _failed(error) from error
    _noted(database, "user_added", name)
    typer.echo(f"{name} ({role}, {', '.join(areas) or 'everywhere'})")
    typer.echo(f"One-time password, shown only now, to be changed at the first sign-in: {password}")


@user.command(name="list")
def list_(data: Data = None) -> None:
    """Show all accounts."""
    from dashboards.board.accounts.users import Users

    for one in Users(_database(data)).all():
        state = "disabled" if one.disabled else "one-time password" if one.must_change else "active"
        typer.echo(
            f"{one.name:<24} {one.role:<10} {', '.join(one.areas) or 'everywhere':<24} {one.institution:<10} {state}"
        )


@user.command()
def passwd(name: Name, data: Data = None) -> None:
    """Give an account a new one-time password; its sessions end."""
    from dashboards.board.accounts.users import AccountError, Users

    database = _database(data)
    try:
        password = Users(database).renew(name)
    except AccountError as error:
        raise _failed(error) from error
    _noted(database, "password_renewed", name)
    typer.echo(f"One-time password of {name}, shown only now: {password}")


@user.command()
def disable(name: Name, data: Data = None) -> None:
    """Let nobody sign in with an account any more; its sessions end."""
    from dashboards.board.accounts.users import AccountError, Users

    database = _database(data)
    try:
        Users(database).disable(name)
    except AccountError as error:
        raise _failed(error) from error
    _noted(database, "user_disabled", name)
    typer.echo(f"{name} is disabled")


@board.command()
def events(limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 50, data: Data = None) -> None:
    """Who signed in, who looked at personal data of reporters, which accounts were changed: the latest first."""
    from dashboards.board.accounts.events import Events

    for one in Events(_database(data)).latest(limit):
        at = datetime.fromtimestamp(one["at"] / 1000, UTC)
        about = " ".join(part for part in (one["incident"], one["detail"], one["address"]) if part)
        typer.echo(f"{at:%Y-%m-%dT%H:%M:%SZ} {one['name'] or '-':<20} {one['what']:<18} {about}")


def _database(data: Path | None) -> Database:
    from dashboards.board.accounts.database import Database
    from posko import settings

    return Database(settings.load(data=data).data)


def _noted(database: Database, what: str, name: str) -> None:
    """Accounts are made and changed on the command line: whoever may read the instance's folder."""
    from dashboards.board.accounts.events import Events

    Events(database).note("", what, _now(), detail=name)


def _now() -> int:
    return int(time.time() * 1000)


def _failed(error: Exception) -> typer.Exit:
    typer.echo(f"posko board: {error}", err=True)
    return typer.Exit(2)
