"""The engine's process: one a folder, quiet on the terminal, stops when it is told to."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import uvloop
from aiohttp import web

from posko import log, probes
from posko.local.engine import config
from posko.local.engine.auth import Users
from posko.local.engine.limits import Limits
from posko.observed import Watched, serving
from posko.settings import Settings, SettingsError

_OWN_WORDS = 10 << 20  # bytes of chDB's own output that are kept from start to start
_SHOWN = 2000  # characters of it that go into the log at debug level

_log = log.get("engine")


def run(settings: Settings, limits: Limits | None = None) -> None:
    """Serve until SIGTERM or SIGINT; SettingsError when it cannot begin: no password, folder in use, port in use."""
    users = Users.of(settings)
    limits = limits or Limits()
    folder = (settings.data / "clickhouse").resolve()
    with _folder(folder), _quiet(folder / "stderr.log"):
        log.configure(settings.log_level)
        config.write(folder, limits)
        os.environ["TZ"] = "UTC"  # whatever the laptop's is: the same answers as from a server
        time.tzset()
        os.chdir(folder)
        with serving("engine", settings) as seen, asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_serve(settings, users, limits, folder, seen))


async def _serve(settings: Settings, users: Users, limits: Limits, folder: Path, seen: Watched) -> None:
    from posko.local.engine.engine import Engine  # loads chDB, after the terminal is out of its reach
    from posko.local.engine.server import application

    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    started = time.monotonic()
    engine = Engine(folder, limits)
    _log.debug("chDB says", text=(folder / "stderr.log").read_text(errors="replace")[-_SHOWN:])
    try:
        runner = web.AppRunner(
            application(engine, users, folder / "tmp"),
            access_log=None,
            handler_cancellation=True,
            shutdown_timeout=limits.stop_seconds,
            auto_decompress=False,  # bounded, by `codecs`
        )
        await runner.setup()
        try:
            await _listen(runner, settings)
            seen.begin(lambda: probes.clickhouse(settings))
            seconds = round(time.monotonic() - started, 3)
            _log.info(
                "engine ready",
                host=settings.host,
                port=settings.port("engine"),
                version=engine.version,
                seconds=seconds,
            )
            await stop.wait()
            _log.info("engine stopping")
        finally:
            await runner.cleanup()
    finally:
        await asyncio.to_thread(engine.close)


async def _listen(runner: web.AppRunner, settings: Settings) -> None:
    port = settings.port("engine")
    try:
        await web.TCPSite(runner, settings.host, port).start()
    except OSError as error:
        raise SettingsError(
            f"The engine cannot listen on {settings.host}:{port} ({error.strerror or error}); "
            "free the port, or choose others with --port-base"
        ) from error


@contextmanager
def _folder(folder: Path) -> Iterator[None]:
    """Make the engine's folder and keep every other engine out of it."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with (folder / "lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            holder = lock.read().strip() or "unknown"
            raise SettingsError(
                f"Another engine (process {holder}) works on {folder}; stop it, or choose another folder with --data"
            ) from None
        lock.truncate(0)
        lock.write(f"{os.getpid()}\n")
        lock.flush()
        shutil.rmtree(folder / "tmp", ignore_errors=True)  # what a killed engine left
        for name in ("store", "user_files", "tmp/queries"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        yield


@contextmanager
def _quiet(own_words: Path) -> Iterator[None]:
    """Send what chDB's C++ writes to standard output and error into a file; Python's standard error stays where it was.

    A file rather than a pipe: after a crash it still holds the last words.
    """
    sys.stderr.flush()
    sys.stdout.flush()
    kept = {number: os.dup(number) for number in (1, 2)}
    before = sys.stderr
    mode = "ab" if own_words.exists() and own_words.stat().st_size < _OWN_WORDS else "wb"
    with own_words.open(mode) as file, os.fdopen(os.dup(kept[2]), "w", buffering=1) as stderr:
        for number in kept:
            os.dup2(file.fileno(), number)
        sys.stderr = stderr
        try:
            yield
        finally:
            sys.stderr = before
            for number, copy in kept.items():
                os.dup2(copy, number)
                os.close(copy)
