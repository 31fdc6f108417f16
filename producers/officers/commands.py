"""`posko officer add|import|list|revoke|link`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from posko.settings import Settings
    from producers.officers import Officers

officer = typer.Typer(
    help="Who may send reports: enrol officers, give them their personal links, take both back.", no_args_is_help=True
)
Data = Annotated[Path | None, typer.Option(help="Folder of the instance.")]
Id = Annotated[str, typer.Argument(metavar="ID", help="The officer's id, such as kpps-0412.")]


def register(app: typer.Typer) -> None:
    """Add `posko officer` to the `posko` command."""
    app.add_typer(officer, name="officer")


@officer.command()
def add(
    id: Id,
    name: Annotated[str, typer.Option(help="Their name.")],
    role: Annotated[str, typer.Option(help="Their role, a code of the catalogue.")],
    phone: Annotated[str, typer.Option(help="Their phone number, by which SMS and WhatsApp know them.")] = "",
    institution: Annotated[str, typer.Option(help="Their institution. [default: the usual one of the role]")] = "",
    area: Annotated[str, typer.Option(help="Where they serve, a Kemendagri code; empty: everywhere.")] = "",
    language: Annotated[str, typer.Option(help="id or en: in which they are answered.")] = "id",
    program: Annotated[bool, typer.Option("--program", help="An agency's program: it gets a token, no link.")] = False,
    data: Data = None,
) -> None:
    """Enrol one officer and show their personal link, or change one; somebody revoked is enrolled again."""
    from posko import context
    from posko.settings import SettingsError
    from producers.officers import PhoneTaken, enrol

    known = _settings(data)
    given = {"id": id, "name": name, "phone": phone, "role": role, "institution": institution, "area": area,
             "language": language}  # fmt: skip
    try:
        made = enrol.enrolled(given, context.load(known.election), program)
    except enrol.Wrong as wrong:
        raise SettingsError("\n  ".join(["The officer cannot be added:", *wrong.problems])) from wrong
    officers = _opened(known)
    try:
        done = officers.put(made, _now(), reinstate=True)
    except PhoneTaken as taken:
        raise SettingsError(f"phone: officer {taken.officer} has this number already") from taken
    typer.echo(f"{made.id}: {done}")
    if program:
        typer.echo(f"Token, shown only now: {officers.make_token(made.id, _now())}")
    elif not officers.phones(made.id):
        _show_link(officers, known, made.id)


@officer.command()
def revoke(
    id: Annotated[list[str], typer.Argument(metavar="ID...", help="Whose right to send ends.")], data: Data = None
) -> None:
    """End officers' right to send at once: their links, their phones' tokens. What they sent stays."""
    officers = _opened(_settings(data))
    unknown = [one for one in id if not officers.revoke(one, _now())]
    typer.echo(f"{len(id) - len(unknown)} revoked")
    if unknown:
        typer.echo(f"Nobody to revoke: {', '.join(unknown)}", err=True)
        raise typer.Exit(1)


def _show_link(officers: Officers, known: Settings, id: str) -> None:
    key = officers.make_link(id, _now())
    typer.echo(f"Personal link, works once, for 14 days:\n{known.gateway_address}/masuk#{key}")


def _settings(data: Path | None) -> Settings:
    from posko import log, settings

    known = settings.load(data=data)
    log.configure(known.log_level)
    return known


def _opened(known: Settings) -> Officers:
    from posko.settings import SettingsError
    from producers.officers import Officers

    if not known.data.is_dir():
        raise SettingsError(f"{known.data} is no instance's folder; `posko up` makes it, --data names another")
    return Officers(known.data / "officers.sqlite3")


def _now() -> int:
    return int(time.time() * 1000)
