"""`posko odk`: what an officer needs to add our server to ODK Collect or KoboCollect."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from posko.options import Data

odk = typer.Typer(help="ODK Collect and KoboCollect: officers who report with them.", no_args_is_help=True)


def register(app: typer.Typer) -> None:
    """Add `posko odk` to the `posko` command."""
    app.add_typer(odk, name="odk")


@odk.command()
def add(
    id: Annotated[str, typer.Argument(metavar="ID", help="The officer's id, such as kpps-0412.")],
    qr: Annotated[Path | None, typer.Option(help="Write the QR code to this file (.png or .svg).")] = None,
    key: Annotated[bool, typer.Option("--key", help="A key in the server's address instead of a password.")] = False,
    data: Data = None,
) -> None:
    """Show a QR code with which ODK Collect sets itself up for an officer; an earlier password of theirs ends."""
    import time

    from posko import settings
    from producers.officers import Officers, links
    from producers.openrosa import setup
    from producers.openrosa.accounts import Accounts

    known = settings.load(data=data)
    known.data.mkdir(parents=True, exist_ok=True)
    officers, now = Officers(known.data / "officers.sqlite3"), int(time.time() * 1000)
    if officers.get(id) is None:
        typer.echo(f"There is no officer {id}; enrol them first with posko officer add", err=True)
        raise typer.Exit(1)
    server = f"{known.gateway_address}/odk"
    if key:
        user, password, server = "", "", f"{server}/{officers.make_token(id, now)}"
    else:
        user, password = id, Accounts(known.data / "odk.sqlite3").make(id, now)
    code = setup.code(server, user, password)
    if qr:
        links.save(code, qr)
        typer.echo(f"QR code: {qr}")
    else:
        typer.echo(links.drawn(code))
    typer.echo(f"In ODK Collect: Configure with QR code, and scan it. By hand, shown only now:\n  URL       {server}")
    if not key:
        typer.echo(f"  Username  {user}\n  Password  {password}")
    if not known.gateway_url:
        typer.echo("POSKO_GATEWAY_URL is not set: only this machine reaches that address, no phone", err=True)


@odk.command()
def form(
    out: Annotated[Path, typer.Argument(metavar="FOLDER", help="Where to write the form and its files.")],
    data: Data = None,
) -> None:
    """Write the form of this election (XForm and its CSV files), to look at it or for another server."""
    from posko import context, settings
    from producers.openrosa.form import build

    made = build(context.load(settings.load(data=data).election))
    out.mkdir(parents=True, exist_ok=True)
    for name, content in {f"{made.id}.xml": made.xml, **made.media}.items():
        (out / name).write_bytes(content)
        typer.echo(f"{out / name}: {len(content)} bytes")
