"""`posko hook add|list|remove|test|secret`: agencies' systems that are told of incidents and may report, signed."""

from __future__ import annotations

import re
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from posko.options import Data

if TYPE_CHECKING:
    from posko.settings import Settings
    from producers.hooks.hook import Hook
    from producers.hooks.store import Store

hook = typer.Typer(help="Agencies' own systems, told of incidents by signed webhooks.", no_args_is_help=True)
Name = Annotated[str, typer.Argument(metavar="NAME", help="The hook's name, as posko hook list shows it.")]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def register(app: typer.Typer) -> None:
    """Add `posko hook` to the `posko` command."""
    app.add_typer(hook, name="hook")


@hook.command()
def add(
    officer: Annotated[
        str, typer.Argument(metavar="AGENCY_OFFICER_ID", help="The agency's program, enrolled with --program.")
    ],
    url: Annotated[str, typer.Option(help="Where incidents are posted to: https://...")],
    name: Annotated[str, typer.Option(help="The hook's name. [default: the program's id]")] = "",
    events: Annotated[str, typer.Option(help="Of opened, changed, closed.")] = "opened,changed,closed",
    category: Annotated[list[str] | None, typer.Option(help="Only this category; may be repeated.")] = None,
    area: Annotated[
        str | None, typer.Option(help="Only from here, a Kemendagri code; empty: all. [default: the program's area]")
    ] = None,
    severity_from: Annotated[int, typer.Option(min=1, max=5, help="Only from this severity on.")] = 1,
    private: Annotated[
        bool, typer.Option("--private", help="The address may be one that is not public: this machine, our network.")
    ] = False,
    data: Data = None,
) -> None:
    """Add a hook and show its secret, or change one, which keeps its secret; one that is off is on again."""
    from posko import context
    from producers.hooks import address, signature
    from producers.hooks.hook import EVENTS, Hook
    from producers.hooks.store import MOST_HOOKS
    from producers.officers import Officers

    known = _settings(data)
    store, program = _opened(known), Officers(known.data / "officers.sqlite3").get(officer)
    if program is None or not program.program:
        _fail(f"There is no program {officer}; enrol it first with posko officer add {officer} --program")
    election, name = context.load(known.election), name or officer
    wanted = tuple(one for one in EVENTS if one in events.split(","))
    categories = tuple(dict.fromkeys(category or ()))
    code = program.area if area is None else election.regions.normalise_code(area) if area else ""
    before = store.get(name)
    if not _NAME.fullmatch(name):
        _fail(f"{name[:100]!r} is no name of a hook: letters, digits, dots, dashes, at most 64")
    if before and before.officer != officer:
        _fail(f"The hook {name} belongs to {before.officer}; choose another --name")
    if before is None and len(store.hooks()) >= MOST_HOOKS:
        _fail(f"There are {MOST_HOOKS} hooks already; remove one first")
    if set(events.split(",")) - set(EVENTS):
        _fail(f"--events {events}: name some of {', '.join(EVENTS)}, separated by commas")
    if unknown := [one for one in categories if one not in election.catalog.categories]:
        _fail(f"--category {unknown[0]}: the catalogue has {', '.join(election.catalog.categories)}")
    if code is None or (code and election.regions.get(code) is None):
        _fail(f"--area {area}: there is no such place")
    try:
        address.checked(url, private)
    except address.BadAddress as error:
        _fail(f"--url: {error}")
    secret = before.secret if before else signature.made_secret()
    store.put(Hook(name, officer, url, secret, wanted, categories, code, severity_from, private, _now()))
    typer.echo(f"{name}: {'changed' if before else 'added'}; reports to {known.gateway_address}/hooks/{name}")
    if before is None:
        typer.echo(f"Secret, shown only now: {secret}")


@hook.command("list")
def list_(data: Data = None) -> None:
    """List hooks as tab-separated lines: name, program, address, events, categories, area, severity, told, waiting,
    state."""
    store = _opened(_settings(data))
    for one in store.hooks():
        values = (one.name, one.officer, one.url, ",".join(one.events), ",".join(one.categories), one.area,
                  str(one.severity_from), str(one.told), str(store.waiting(one.name)), _state(one))  # fmt: skip
        typer.echo("\t".join(values))


@hook.command()
def remove(name: Name, data: Data = None) -> None:
    """Remove a hook: nothing is sent any more, and its signature opens nothing."""
    if not _opened(_settings(data)).remove(name):
        _fail(f"There is no hook {name}; posko hook list shows who there is")
    typer.echo(f"{name}: removed")


@hook.command("test")
def try_(name: Name, data: Data = None) -> None:
    """Send one signed delivery with the event `test` and say what came of it; status 1 when it was not accepted."""
    import asyncio

    from producers.hooks import sending
    from producers.hooks.store import Delivery

    store = _opened(_settings(data))
    known = _known(store, name)

    async def once() -> tuple[str, str]:
        async with sending.client_of() as client:
            return await sending.post(client, known, Delivery("test", _now(), "test", b"null"), time.time())

    state, why = asyncio.run(once())
    typer.echo(f"{name}: accepted" if state == "told" else f"{name}: not accepted, {why}", err=state != "told")
    raise typer.Exit(state != "told")


@hook.command()
def secret(name: Name, data: Data = None) -> None:
    """Make a new secret and show it; the one before ends at once, in both directions."""
    from dataclasses import replace

    from producers.hooks import signature

    store = _opened(_settings(data))
    known = replace(_known(store, name), secret=signature.made_secret())
    store.put(known)
    typer.echo(f"Secret, shown only now: {known.secret}")


def _state(one: Hook) -> str:
    from datetime import UTC, datetime

    if one.off:
        return f"off: {one.off}"
    if one.failing_since is None:
        return "on"
    since = datetime.fromtimestamp(one.failing_since / 1000, UTC).isoformat(timespec="seconds")
    return f"failing since {since}: {one.why}"


def _known(store: Store, name: str) -> Hook:
    return store.get(name) or _fail(f"There is no hook {name}; posko hook list shows who there is")


def _settings(data: Path | None) -> Settings:
    from posko import settings

    return settings.load(data=data)


def _opened(known: Settings) -> Store:
    from producers.hooks.store import Store

    if not known.data.is_dir():
        _fail(f"{known.data} is no instance's folder; `posko up` makes it, --data names another")
    return Store(known.data / "hooks.sqlite3")


def _now() -> int:
    return int(time.time() * 1000)


def _fail(text: str) -> NoReturn:
    from posko.settings import SettingsError

    raise SettingsError(text)
