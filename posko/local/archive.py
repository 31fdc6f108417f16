"""The archive of Kafka's loaded classes: made once by a short run of a broker, it halves the work of every start.

See "JEP 514: Ahead-of-Time Command-Line Ergonomics". The Java runtime checks that an archive fits its jars and options,
and goes on without it when it does not, so an archive can make a start slow, never wrong.
"""

from __future__ import annotations

import os
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from posko import kafka_admin, topics
from posko.local import cache, child, java
from posko.local.errors import LocalError
from posko.local.kafka import Broker

READY_S = 120.0
WRITE_S = 120.0
KEPT = 3  # archives of other runtimes, jars or options; 70 MB each


def ensure(jars: list[Path], root: Path, on_make: Callable[[], None]) -> Path | None:
    """The archive for these jars below `root`, made if missing (10 s); None when it cannot be made on this machine."""
    path = java.archive(jars, root)
    failed = path.with_suffix(".failed")
    if path.exists() or failed.exists():
        return path if path.exists() else None
    with cache.locked(root / ".archive.lock"):
        if path.exists() or failed.exists():  # another start has tried meanwhile
            return path if path.exists() else None
        on_make()
        try:
            _make(jars, path)
        except (OSError, subprocess.SubprocessError, LocalError, kafka_admin.TopicsError) as error:
            failed.write_text(f"{error}\nDelete this file to try again.\n")
            return None
    return path


def _make(jars: list[Path], path: Path) -> None:
    with tempfile.TemporaryDirectory(prefix=".archive-", dir=path.parent) as name:
        folder = Path(name)
        broker = Broker(folder / "kafka", *_two_free_ports(), jars)
        broker.prepare()
        part = folder / "classes.aot"
        command = broker.command(f"-XX:AOTCacheOutput={part}")
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                child.guarded(command),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
            )
            try:
                _use(broker, process)
                process.terminate()
                process.wait(WRITE_S)  # it writes the archive when it ends
            finally:
                process.kill()
                process.wait()
        if not part.exists():
            raise LocalError("the Java runtime wrote no archive:\n" + (folder / "log").read_text()[-1000:])
        os.replace(part, path)
        for old in sorted(path.parent.glob("classes-*.aot"), key=lambda file: file.stat().st_mtime)[:-KEPT]:
            old.unlink(missing_ok=True)


def _use(broker: Broker, process: subprocess.Popen[bytes]) -> None:
    """Have the broker load what it needs in its first seconds: metadata, a topic, its coordinator."""
    deadline = time.monotonic() + READY_S
    while not kafka_admin.answers(broker.address):
        if process.poll() is not None or time.monotonic() > deadline:
            raise LocalError(f"the broker did not answer within {READY_S:.0f} s")
        time.sleep(0.1)
    kafka_admin.ensure_topics(broker.address, 1, wanted=[topics.Topic("warm")])


def _two_free_ports() -> tuple[int, int]:
    with socket.socket() as one, socket.socket() as two:
        one.bind(("127.0.0.1", 0))
        two.bind(("127.0.0.1", 0))
        return one.getsockname()[1], two.getsockname()[1]
