"""`posko up`: everything of an instance, in the foreground or detached."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
from rich.console import Console

from posko import kafka_admin
from posko.election import Election
from posko.local import embedded, fetching, grafana, instance, leftovers, ports, secrets, services, state, view, watched
from posko.local.errors import LocalError
from posko.local.kafka import Broker
from posko.local.state import Board, ServiceState, State
from posko.local.supervisor import Supervisor
from posko.observed import serving
from posko.settings import Settings

DETACH_LIMIT = 120.0  # seconds until a detached start that is not ready is left to itself


def foreground(settings: Settings, console: Console) -> None:
    """Run the instance until SIGINT or SIGTERM. Raises LocalError when it cannot be started."""
    with instance.claimed(settings.data):
        instance.check_unchanged(settings)
        leftovers.stop(settings.data)
        _check(settings)
        broker = _prepare(settings, console)
        with instance.registered(settings.data):
            asyncio.run(_run(settings, broker, console))


def detached(settings: Settings, console: Console) -> None:
    """Start the instance as a process of its own and return when everything is ready. Raises LocalError."""
    instance.refuse_if_running(settings.data)
    instance.check_unchanged(settings)
    if not leftovers.any_alive(settings.data):
        _check(settings)
    secrets.ensure(settings.data)
    _broker(settings, console)  # the jars come here, where a person can see it
    log = settings.data / "logs" / "supervisor.log"
    log.parent.mkdir(exist_ok=True)
    with log.open("ab") as output:
        position = output.tell()
        process = subprocess.Popen(
            [sys.executable, "-P", "-m", "posko", "up"],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **_said(settings)},
            start_new_session=True,
        )
    _await_running(settings, process, log, position, console)
    view.final(settings, console, here=False)


def _await_running(
    settings: Settings, process: subprocess.Popen[bytes], log: Path, position: int, console: Console
) -> None:
    deadline = time.monotonic() + DETACH_LIMIT
    with view.Screen(console) as screen:
        while True:
            known = state.read(settings.data)
            if known and known.pid == process.pid:
                screen.update(known)
                if known.phase == "running":
                    return
                if failed := [service for service in known.services if service.state == "failed"]:
                    said = "; ".join(f"{service.name} {service.detail}" for service in failed)
                    raise LocalError(f"{said}. The other services run; stop them with posko down")
            if process.poll() is not None:
                said = log.read_bytes()[position:].decode("utf-8", "replace").strip()
                raise LocalError(f"The instance ended before it was ready. It said:\n{said[-2000:]}")
            if time.monotonic() > deadline:
                raise LocalError(
                    f"Not everything is ready after {DETACH_LIMIT:.0f} s. It goes on trying (pid {process.pid}); "
                    f"look with posko status and in {log.parent}, stop it with posko down"
                )
            time.sleep(0.1)


def _said(settings: Settings) -> dict[str, str]:
    names = ("data", "host", "port_base", "election", "partitions", "workers", "kafka", "clickhouse", "log_level")
    return {f"POSKO_{name.upper()}": str(getattr(settings, name)) for name in names}


def _check(settings: Settings) -> None:
    """Everything that can be wrong before anything is started."""
    Election.load(settings.election)
    wanted: dict[str, tuple[str, int]] = {}
    if not settings.kafka:
        wanted |= {name: ("127.0.0.1", settings.port(name)) for name in ("kafka", "kafka-controller")}
    if not settings.clickhouse:
        wanted["engine"] = (settings.host, settings.port("engine"))
    wanted |= {name: (settings.host, settings.port(name)) for name in ("gateway", "board")}
    observed = services.observed(settings)
    wanted |= {f"metrics of {name}": (settings.metrics_host, port) for name, port in observed.items() if port}
    ports.check(wanted)


def _prepare(settings: Settings, console: Console) -> Broker | None:
    secrets.ensure(settings.data)
    for name in ("logs", "run"):
        (settings.data / name).mkdir(exist_ok=True)
    broker = _broker(settings, console)
    if broker is not None:
        broker.prepare()
    instance.note(settings)
    return broker


def _broker(settings: Settings, console: Console) -> Broker | None:
    if settings.kafka:
        return None
    with fetching.Bar(console) as bar:
        return embedded.broker(settings.data / "kafka", settings.port("kafka"), settings.port("kafka-controller"), bar)


async def _run(settings: Settings, broker: Broker | None, console: Console) -> None:
    logging.getLogger("kafka").setLevel(logging.CRITICAL)  # a broker that is not there yet is no news here
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop.set)
    planned = services.plan(settings, broker)
    now = time.time()
    known = [
        ServiceState(service.name, service.address[1] if service.address else None, since=now) for service in planned
    ]
    myself = State(os.getpid(), psutil.Process().create_time(), services=known)
    with serving("supervisor", settings) as seen, view.Screen(console) as screen:
        watched.begin(seen, myself)
        shown_final = False
        pushing: list[asyncio.Task[None]] = []

        def say(text: str) -> None:
            console.print(text, highlight=False, markup=False, soft_wrap=True)

        def on_change(current: State, _service: ServiceState | None) -> None:
            nonlocal shown_final
            screen.update(current)
            if current.phase == "running" and not shown_final:
                shown_final = True
                view.final(settings, console, here=sys.stdin.isatty())
                if settings.grafana:
                    pushing.append(asyncio.create_task(grafana.push(settings, say)))

        board = Board(state.path(settings.data), myself, on_change)
        supervisor = Supervisor(planned, board, settings.data / "logs", lambda: _topics(settings, console))
        try:
            await supervisor.run(stop)
        finally:
            for task in pushing:
                task.cancel()
            await asyncio.gather(*pushing, return_exceptions=True)


async def _topics(settings: Settings, console: Console) -> None:
    try:
        warnings = await asyncio.to_thread(kafka_admin.ensure_topics, settings.kafka_address, settings.partitions)
    except kafka_admin.TopicsError as error:
        raise LocalError(str(error)) from error
    for warning in warnings:
        console.print(f"Warning: {warning}", highlight=False)
