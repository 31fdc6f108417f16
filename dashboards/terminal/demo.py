"""The demo: starts the whole system, plays an election day in two minutes before one's eyes, checks the result."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import threading
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

import platformdirs
from rich.console import Console
from rich.live import Live

from dashboards.terminal import summary
from dashboards.terminal.errors import DemoError
from dashboards.terminal.view import render
from dashboards.terminal.watch import Watch
from posko import settings
from posko.local import ports
from posko.settings import DEFAULT_PORT_BASE

MARKER = "demo.json"  # says that a folder was made by a demo, and may be emptied by the next
POSKO = [sys.executable, "-m", "posko"]


@dataclass(frozen=True)
class Plan:
    """What to play. `seconds`: how long the day takes; `reports` 0: as many as the simulator finds right for a day."""

    data: Path
    port_base: int
    election: str
    seconds: int
    seed: int
    reports: int
    workers: int = 1

    @property
    def truth(self) -> Path:
        return self.data / "truth.jsonl"


def default_data() -> Path:
    """The folder of the demo when none is given."""
    return platformdirs.user_data_path("posko") / "demo"


def free_port_base(first: int = DEFAULT_PORT_BASE, tries: int = 40) -> int:
    """The first base from `first` on, in steps of 100, whose ports are all free on loopback. Raises DemoError."""
    base = ports.free_base(range(first, first + 100 * tries, 100))
    if base is None:
        raise DemoError(f"No free ports found from {first} on; name a base with --port-base")
    return base


def run(plan: Plan, leave: bool, console: Console) -> int:
    """Play the demo; 0 when nothing was lost or doubled. Stays up until Ctrl-C unless `leave`. Raises DemoError."""
    _interruptible()
    _empty(plan.data)
    environment = {**os.environ, "POSKO_DATA": str(plan.data)}
    _command(
        environment,
        *("up", "--detach", "--data", str(plan.data), "--port-base", str(plan.port_base)),
        *("--election", plan.election, "--workers", str(plan.workers)),
    )
    try:
        _play(plan, environment, console)
        console.print("\nThe day is over; waiting until everything sent is stored.")
        _command(environment, "drain", "--timeout", "120")
        day = summary.of_the_day(settings.load(data=plan.data), plan.truth, environment)
        console.print(summary.render(day))
        if not leave:
            _stay(plan, console)
        return 0 if day.sound else 1
    finally:
        _command(environment, "down", "--data", str(plan.data))


def _empty(data: Path) -> None:
    """Every demo begins with an empty folder, but only a folder that a demo has made is emptied."""
    if data in settings.running_instances():
        raise DemoError(f"A demo is still running in {data}; stop it with: posko down --data {data}")
    if data.exists() and any(data.iterdir()):
        if not (data / MARKER).exists():
            raise DemoError(f"{data} is not empty and was not made by a demo; name another folder with --data")
        shutil.rmtree(data)
    data.mkdir(parents=True, exist_ok=True)
    (data / MARKER).write_text("{}\n")


def _play(plan: Plan, environment: dict[str, str], console: Console) -> None:
    arguments = ["simulate", "--duration", str(plan.seconds), "--seed", str(plan.seed), "--truth", str(plan.truth)]
    if plan.reports:
        arguments += ["--reports", str(plan.reports)]
    log = plan.data / "logs" / "simulate.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("w") as errors:
        simulator = subprocess.Popen(
            [*POSKO, *arguments, "--progress", "json"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
        )
    assert simulator.stdout is not None
    try:
        with Watch(settings.load(data=plan.data)) as watch:
            reader = threading.Thread(target=watch.follow, args=(simulator.stdout,), daemon=True)
            reader.start()
            _show(watch, simulator, console)
            reader.join(timeout=5)
    finally:
        if simulator.poll() is None:
            simulator.terminate()
            simulator.wait(timeout=10)
    if simulator.returncode:
        raise DemoError(f"The simulator ended with status {simulator.returncode}; its messages are in {log}")


def _show(watch: Watch, simulator: subprocess.Popen[str], console: Console) -> None:
    """The live view on a terminal; one line every ten seconds where there is none."""
    if console.is_terminal:
        with Live(console=console, refresh_per_second=4, get_renderable=lambda: render(watch.figures, console.width)):
            simulator.wait()
        return
    while True:
        try:
            simulator.wait(timeout=10)
            return
        except subprocess.TimeoutExpired:
            figures = watch.figures
            console.print(
                f"{figures.seconds:4.0f} s  sent {figures.sent:,}  stored {figures.totals.get('reports', 0):,}"
                f"  incidents {figures.totals.get('incidents', 0):,}  lag {sum(figures.lag.values()):,}",
                highlight=False,
            )


def _stay(plan: Plan, console: Console) -> None:
    environment = {**os.environ, "POSKO_DATA": str(plan.data)}
    known = settings.load(data=plan.data)
    console.print("\nStill running:")
    _command(environment, "status")
    console.print(f"\nThe triage board: [bold]{known.board_address}[/bold], with this account:")
    _command(environment, "board", "user", "add", "demo", "--role", "commander")
    console.print("\nThe officers' app, signed in by this link:")
    _command(environment, "officer", "add", "demo", "--name", "Demo", "--role", "ppk")
    console.print(
        f"Ask in another terminal, for example:  [bold]posko query newest_incidents --data {plan.data}[/bold]\n"
        "Stop with Ctrl-C."
    )
    try:
        signal.pause()
    except KeyboardInterrupt:
        console.print()


def _command(environment: dict[str, str], *arguments: str) -> None:
    """Run a `posko` subcommand in the foreground; DemoError when it fails (it has said why itself)."""
    done = subprocess.run([*POSKO, *arguments], env=environment, check=False)
    if done.returncode:
        raise DemoError(f"posko {arguments[0]} ended with status {done.returncode}")


def _interruptible() -> None:
    """SIGTERM ends the demo as Ctrl-C does, so that what it started is stopped again."""

    def leave(signum: int, frame: FrameType | None) -> None:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, leave)
