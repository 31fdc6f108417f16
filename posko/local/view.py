"""What a person sees while an instance starts, runs and stops: a spinner a service, or lines without a terminal."""

from __future__ import annotations

import shlex
import time
from types import TracebackType

from rich.console import Console
from rich.live import Live
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from posko.local import secrets
from posko.local.state import ServiceState, State
from posko.settings import Settings

MARKS = {"running": ("✓", "green"), "stopped": ("·", "dim"), "waiting": ("·", "dim"), "restarting": ("!", "yellow")}


class Screen:
    """Shows each change of the state. In a terminal the lines stay in place while something starts or stops.

    Used as a context manager; `update` may be called with the same state again.
    """

    def __init__(self, console: Console) -> None:
        self._console = console
        self._live: Live | None = None
        self._told: dict[str, tuple[str, str]] = {}
        self._began = time.monotonic()

    def __enter__(self) -> Screen:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._settle()

    def update(self, state: State) -> None:
        """Show `state`."""
        moving = state.phase in ("starting", "stopping")
        if self._console.is_terminal and moving:
            self._show(state)
        elif self._console.is_terminal:
            if self._live is not None:
                self._show(state)
            self._settle()
        for service in state.services:
            self._tell(service, quiet=self._console.is_terminal and moving)

    def _show(self, state: State) -> None:
        if self._live is None:
            self._began = time.monotonic()
            self._live = Live(console=self._console, refresh_per_second=10, transient=False)
            self._live.start()
        self._live.update(_rows(state, self._began))

    def _settle(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    def _tell(self, service: ServiceState, quiet: bool) -> None:
        """One line for a change that is news: everything without a terminal, trouble in any case."""
        now = (service.state, service.detail)
        if self._told.get(service.name) == now:
            return
        known, self._told[service.name] = service.name in self._told, now
        if service.state == "waiting":
            return
        trouble = service.state == "restarting" or service.detail
        back = known and service.state == "running"
        if quiet or not (trouble or back or not self._console.is_terminal):
            return
        self._console.print(_line(service), highlight=False)


def _rows(state: State, began: float) -> Table:
    rows = Table.grid(padding=(0, 1))
    for service in state.services:
        mark: Spinner | Text
        if service.state in MARKS:
            sign, style = MARKS[service.state]
            mark = Text(sign, style)
        else:
            mark = Spinner("dots", style="cyan")
        rows.add_row(" ", mark, f"{service.name:<10}", _said(service))
    return rows


def _line(service: ServiceState) -> str:
    return f"  {service.name:<10} {_said(service)}"


def _said(service: ServiceState) -> str:
    said = f"{service.state}{', ' if service.detail and service.state != 'waiting' else ' '}{service.detail}".strip()
    if service.state == "running" and service.port:
        said += f" on port {service.port}"
    if service.state == "running" and service.restarts:
        said += f" again (started {service.restarts + 1} times)"
    return said


def final(settings: Settings, console: Console, here: bool) -> None:
    """What to do with an instance that runs (`here`: in this terminal): addresses, how to send and ask."""
    data, at = settings.data, f"--data {shlex.quote(str(settings.data))}"
    question = "SELECT count() FROM posko.reports"
    answers = f"{settings.clickhouse_url}  (user {settings.clickhouse_user}; to read only: {settings.dashboard_user})"
    told = [
        ("Kafka", f"{settings.kafka_address}  (reports go to the topic `reports`)"),
        ("ClickHouse", answers),
        ("Phones", f"{settings.gateway_address}  (a personal link: posko officer add ID --name NAME --role kpps {at})"),
        ("Board", f"{settings.board_address}  (an account: posko board user add NAME --role commander {at})"),
        ("Send", f"posko send reports.jsonl {at}"),
        ("Ask", f'posko sql "{question}" {at}'),
        ("Look", f"posko status {at}"),
        ("Stop", f"Ctrl-C here, or posko down {at}" if here else f"posko down {at}"),
        ("Logs", str(data / "logs")),
        ("Passwords", f"{secrets.path(data)}  (readable by you only)"),
    ]
    console.print()
    console.print(f"Posko runs: election {settings.election}, {settings.workers} stream worker(s), data in {data}\n")
    for name, text in told:
        console.print(f"  {name:<11}{text}", highlight=False, soft_wrap=True, markup=False)
    console.print()
