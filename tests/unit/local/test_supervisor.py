"""The supervisor, with small real processes."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from posko.local import state
from posko.local.backoff import Backoff
from posko.local.errors import LocalError
from posko.local.services import TOPICS, Service
from posko.local.state import Board, ServiceState, State
from posko.local.supervisor import Supervisor

# Says who it is, makes its ready file, and stays until it is told to stop.
STAYS = "import pathlib, signal, sys; print('here'); pathlib.Path(sys.argv[1]).touch(); signal.pause()"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + STAYS
ENDS = "import sys; sys.exit(7)"
WRONG = "import json, sys; print(json.dumps({'event': 'no such election'})); sys.exit(2)"
PATIENCE = 4


class Run:
    """A supervisor over given services, and everything that its state went through."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.services: list[Service] = []
        self.seen: list[tuple[str, str]] = []
        self.topics_error: Exception | None = None
        self.stop = asyncio.Event()
        self._watchers: list[tuple[Callable[[State], bool], asyncio.Event]] = []

    def add(
        self,
        name: str,
        program: str,
        needs: tuple[str, ...] = (),
        grace: float = 5.0,
        answers: Callable[[], bool] | None = None,
    ) -> None:
        ready = self.folder / f"{name}.ready"
        command = [sys.executable, "-IS", "-uc", program, str(ready)]
        self.services.append(
            Service(name, command, ready.exists, needs, grace=grace, ready_file=ready, answers=answers)
        )

    def start(self) -> asyncio.Task[None]:
        known = State(
            os.getpid(), psutil.Process().create_time(), services=[ServiceState(s.name) for s in self.services]
        )
        self.board = Board(self.folder / "state.json", known, self._on_change)
        quick = lambda: Backoff(first=0.01, most=0.05)  # noqa: E731
        return asyncio.create_task(
            Supervisor(self.services, self.board, self.folder, self._topics, quick, 0.01, PATIENCE).run(self.stop)
        )

    async def until(self, promise: Callable[[State], bool]) -> None:
        """Return when the state is so, at once when it is."""
        event = asyncio.Event()
        self._watchers.append((promise, event))
        self._on_change(self.board.state, None)
        await asyncio.wait_for(event.wait(), 60)

    def of(self, name: str) -> ServiceState:
        return next(service for service in self.board.state.services if service.name == name)

    async def _topics(self) -> None:
        if self.topics_error:
            raise self.topics_error

    def _on_change(self, current: State, service: ServiceState | None) -> None:
        if service and (not self.seen or self.seen[-1] != (service.name, service.state)):
            self.seen.append((service.name, service.state))
        for promise, event in self._watchers:
            if promise(current):
                event.set()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    return Run(tmp_path)


def _running(current: State) -> bool:
    return current.phase == "running"


async def test_services_start_after_what_they_need_and_stop_in_reverse(run: Run) -> None:
    run.add("base", STAYS)
    run.add("worker", STAYS, needs=(TOPICS, "base"))
    running = run.start()
    await run.until(_running)
    pids = [service.pid for service in run.board.state.services]
    run.stop.set()
    await running
    assert run.seen.index(("base", "running")) < run.seen.index(("worker", "starting"))
    assert run.seen.index(("worker", "stopped")) < run.seen.index(("base", "stopping"))
    assert not any(psutil.pid_exists(pid) for pid in pids if pid)
    assert run.board.state.phase == "stopped"


async def test_a_service_that_is_killed_comes_back_and_it_is_said(run: Run) -> None:
    run.add("worker", STAYS)
    running = run.start()
    await run.until(_running)
    killed = run.of("worker").pid
    assert killed
    os.kill(killed, signal.SIGKILL)
    details: list[str] = []
    await run.until(
        lambda current: bool(details.append(current.services[0].detail)) or current.services[0].restarts == 1
    )
    await run.until(lambda current: current.services[0].state == "running" and current.services[0].pid != killed)
    run.stop.set()
    await running
    assert any("was killed by SIGKILL; starting again in" in detail for detail in details)


async def test_a_service_that_always_ends_is_tried_again_and_again(run: Run) -> None:
    run.add("broken", ENDS)
    running = run.start()
    await run.until(lambda current: current.services[0].restarts >= 4 and bool(current.services[0].detail))
    assert run.board.state.phase == "starting"
    assert "ended with status 7" in run.of("broken").detail
    run.stop.set()
    await running


async def test_a_service_that_is_configured_wrongly_is_not_started_again_and_its_last_words_are_shown(run: Run) -> None:
    run.add("good", STAYS)
    run.add("wrong", WRONG)
    running = run.start()
    await run.until(lambda current: current.services[1].state == "failed" and current.services[0].state == "running")
    assert "no such election" in run.of("wrong").detail
    assert (run.of("wrong").restarts, run.of("wrong").pid) == (0, None)
    run.stop.set()
    await running
    assert run.seen.count(("wrong", "starting")) == 1


async def test_a_service_that_hangs_is_killed_and_started_again(run: Run) -> None:
    asked: list[bool] = []

    def answers() -> bool:  # once, and then never again in its first life
        asked.append(len(asked) < 1 or run.of("worker").restarts > 0)
        return asked[-1]

    run.add("worker", STUBBORN, answers=answers)
    details: list[str] = []
    running = run.start()
    await run.until(
        lambda current: bool(details.append(current.services[0].detail)) or current.services[0].restarts == 1
    )
    await run.until(lambda current: current.services[0].state == "running")
    while asked[-3:] != [True] * 3:
        await asyncio.sleep(0.01)
    assert any("did not answer for" in detail and "was killed" in detail for detail in details)
    assert asked.count(False) == PATIENCE
    run.stop.set()
    await running


async def test_a_service_that_is_silent_for_a_while_or_never_answered_is_left_alone(run: Run) -> None:
    asked: list[int] = []

    def pauses() -> bool:
        asked.append(1)
        return len(asked) % PATIENCE == 0

    run.add("pauses", STAYS, answers=pauses)
    run.add("mute", STAYS, answers=lambda: False)
    running = run.start()
    await run.until(_running)
    while len(asked) < 5 * PATIENCE:
        await asyncio.sleep(0.01)
    assert [service.restarts for service in run.board.state.services] == [0, 0]
    run.stop.set()
    await running


async def test_what_does_not_stop_is_killed_after_its_grace(run: Run) -> None:
    run.add("stubborn", STUBBORN, grace=0.2)
    running = run.start()
    await run.until(_running)
    pid = run.of("stubborn").pid
    run.stop.set()
    await running
    assert pid
    assert not psutil.pid_exists(pid)


async def test_an_error_of_the_topics_stops_everything_and_is_raised(run: Run) -> None:
    run.add("base", STAYS)
    run.topics_error = LocalError("no topics")
    with pytest.raises(LocalError, match="no topics"):
        await run.start()
    assert run.of("base").state == "stopped"


async def test_what_a_service_says_is_in_its_log(run: Run) -> None:
    run.add("worker", STAYS)
    running = run.start()
    await run.until(_running)
    run.stop.set()
    await running
    assert (run.folder / "worker.log").read_text() == "here\n"


async def test_the_state_on_disk_is_the_state(run: Run) -> None:
    run.add("worker", STAYS)
    running = run.start()
    await run.until(_running)
    on_disk = state.read(run.folder)
    assert on_disk == run.board.state
    assert on_disk
    assert state.alive(on_disk.services[0].pid, on_disk.services[0].started)
    assert state.alive(on_disk.services[0].pid, 0.0) is None
    run.stop.set()
    await running


def test_children_end_when_their_parent_is_killed() -> None:
    program = textwrap.dedent("""
        import os, signal, subprocess, sys
        from posko.local import child
        stays = [sys.executable, "-c", "import signal; print('up', flush=True); signal.pause()"]
        command = [sys.executable, child.__file__, str(os.getpid()), *stays]
        kept = subprocess.Popen(command, stdout=subprocess.PIPE, start_new_session=True)
        kept.stdout.readline()
        print(kept.pid, flush=True)
        signal.pause()
    """)
    with subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE) as parent:
        assert parent.stdout
        kept = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    psutil.wait_procs([kept], timeout=30)
    assert not kept.is_running() or kept.status() == psutil.STATUS_ZOMBIE
