"""`posko officer add|import|list|link|revoke`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from posko.options import Data

if TYPE_CHECKING:
    from posko.settings import Settings
    from producers.officers import Officers

SHOWN = 50  # mistakes of a file; the rest is counted
officer = typer.Typer(
    help="Who may send reports: enrol officers, give them their personal links, take both back.", no_args_is_help=True
)
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
    from producers.officers import PhoneTaken, enrol, links

    known = _settings(data)
    given = {"id": id, "name": name, "phone": phone, "role": role, "institution": institution, "area": area,
             "language": language}  # fmt: skip
    try:
        made = enrol.enrolled(given, context.load(known.election), program)
    except enrol.Wrong as wrong:
        _fail("\n  ".join(["The officer cannot be added:", *wrong.problems]))
    officers = _opened(known)
    try:
        done = officers.put(made, _now(), reinstate=True)
    except PhoneTaken as taken:
        _fail(f"phone: officer {taken.officer} has this number already")
    typer.echo(f"{made.id}: {done}")
    if program:
        typer.echo(f"Token, shown only now: {officers.make_token(made.id, _now())}")
    elif not officers.phones(made.id):
        typer.echo("Personal link, works once, for 14 days:")
        typer.echo(links.address(known.gateway_address, officers.make_link(made.id, _now())))


@officer.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="CSV with a heading: id, name, phone, role, institution, area.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only look what is wrong with it.")] = False,
    data: Data = None,
) -> None:
    """Enrol the officers of a CSV file, all or, when a row is wrong, none. Again: only what changed changes."""
    from posko import context
    from producers.officers import importing

    known = _settings(data)
    try:
        with file.open(encoding="utf-8", newline="") as stream:
            found = importing.read(stream, context.load(known.election))
        for number, problem in found.wrong[:SHOWN]:
            typer.echo(f"{file}:{number}: {problem}", err=True)
        if found.wrong:
            _fail(f"{file}: {len(found.wrong)} mistakes; nothing was taken")
        if dry_run:
            typer.echo(f"{len(found.officers)} officers, no mistakes; nothing was taken (--dry-run)")
            return
        done = importing.take(found, _opened(known), _now())
    except OSError as error:
        _fail(f"{file} cannot be read: {error.strerror}")
    except importing.FileRefused as refused:
        _fail(f"{file}: {refused}")
    typer.echo(", ".join(f"{done[what]} {what}" for what in ("added", "changed", "same", "revoked")))
    if done["revoked"]:
        typer.echo("Who was revoked stays so; `posko officer add` enrols one again.", err=True)


@officer.command("list")
def list_(
    revoked: Annotated[bool, typer.Option("--revoked", help="Those who may no longer send.")] = False,
    phones: Annotated[bool, typer.Option("--phones", help="Show phone numbers whole.")] = False,
    data: Data = None,
) -> None:
    """List officers as tab-separated lines: id, name, phone (its end), role, institution, area, phones signed in."""
    officers = _opened(_settings(data))
    for one in officers.listed(revoked):
        phone = one.phone if phones or not one.phone else f"...{one.phone[-3:]}"
        signed_in = str(officers.phones(one.id))
        typer.echo("\t".join((one.id, one.name, phone, one.role, one.institution, one.area, signed_in)))


@officer.command()
def link(
    id: Id,
    qr: Annotated[Path | None, typer.Option(help="Write its QR code to this file, .svg or .png.")] = None,
    days: Annotated[int, typer.Option(min=1, max=90, help="How long it can be used.")] = 14,
    data: Data = None,
) -> None:
    """Make a new personal link, which signs one phone in once, and show it with its QR code. An unused one is void."""
    from producers.officers import links

    known = _settings(data)
    try:
        key = _opened(known).make_link(id, _now(), days * 86_400_000)
    except KeyError:
        _fail(f"There is no officer {id}, or they were revoked; posko officer list shows who there is")
    address = links.address(known.gateway_address, key)
    if qr is not None:
        try:
            links.save(address, qr)
        except (ValueError, OSError) as error:
            _fail(f"The QR code was not written: {error}")
    typer.echo(links.drawn(address))
    typer.echo(f"{address}\nIt signs in one phone, once, within {days} days.")


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


def _settings(data: Path | None) -> Settings:
    from posko import settings

    return settings.load(data=data)


def _opened(known: Settings) -> Officers:
    from producers.officers import Officers

    if not known.data.is_dir():
        _fail(f"{known.data} is no instance's folder; `posko up` makes it, --data names another")
    return Officers(known.data / "officers.sqlite3")


def _now() -> int:
    return int(time.time() * 1000)


def _fail(text: str) -> NoReturn:
    from posko.settings import SettingsError

    raise SettingsError(text)
