"""An instance whose Kafka and ClickHouse nobody restarts, under load, with a look at memory and logs meanwhile."""

from __future__ import annotations

import json
import random
import signal
import subprocess
import sys
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psutil

from posko import kafka_admin, settings
from posko.local import embedded, secrets, state
from posko.settings import PORTS
from tests import processes
from tests.integration import conftest
from tests.integration.stream_workers import report

PARTS = ("kafka", "engine")
MEASURED = ("stream-1", "sink", "send")


class Feed:
    """`posko send -` in a process of its own, given `rate` reports a second for as long as it takes them."""

    def __init__(self, parts: Parts, rate: float, seed: int) -> None:
        self.given, self._seed = 0, seed
        self._rate, self._end = rate, threading.Event()
        self.log = parts.data / "logs" / "send.log"
        command = [sys.executable, "-m", "posko", "send", "-", "--kafka", parts.kafka, "--data", str(parts.data)]
        with self.log.open("ab") as output:
            self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=output, stderr=output)
        parts.at_the_end(self._end.set, self.process.kill)
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self) -> None:
        assert self.process.stdin
        numbers = random.Random(self._seed).sample(range(10**9), 10**6)
        while not self._end.wait(1 / self._rate):
            # Unlike each other, so that memory tells what waiting costs, not what incidents do.
            try:
                self.process.stdin.write(json.dumps(report(numbers[self.given])).encode() + b"\n")
                self.process.stdin.flush()
            except BrokenPipeError:
                return
            self.given += 1

    def close(self) -> str:
        """End the file and return what the command says when every line is acknowledged."""
        self._end.set()
        self._thread.join()
        assert self.process.stdin
        self.process.stdin.close()
        assert self.process.wait(300) == 0
        return self.log.read_text().splitlines()[-1]


class Parts:
    """Kafka and engine as processes of the test; `posko up` has the rest."""

    def __init__(self, data: Path) -> None:
        self.data = data
        base = processes.free_ports()
        secrets.ensure(data)
        (data / "logs").mkdir()
        self.broker = embedded.broker(
            data / "kafka", base + PORTS["kafka"], base + PORTS["kafka-controller"], processes.Quiet()
        )
        self.broker.prepare()
        self.kafka, self.clickhouse = self.broker.address, f"http://127.0.0.1:{base + PORTS['engine']}"
        self._env = {"POSKO_DATA": str(data), "POSKO_PORT_BASE": str(base)}
        self._stack = ExitStack()
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self.memory: dict[str, list[int]] = defaultdict(list)
        for part in PARTS:
            self.start(part)
        options = ("--partitions", "2")
        env = {"POSKO_KAFKA": self.kafka, "POSKO_CLICKHOUSE": self.clickhouse}
        self.instance = self._stack.enter_context(conftest.instance_up(data, base + 20, *options, env=env))

    def start(self, part: str) -> None:
        """Start Kafka or the engine and return when it answers."""
        engine = [sys.executable, "-m", "posko", "engine"]
        command = self.broker.command() if part == "kafka" else engine
        log = self.data / "logs" / f"{part}.log"
        running = self._running[part] = self._stack.enter_context(processes.process(command, log, self._env))
        processes.wait_until(lambda: self.answers(part), running, log)

    def answers(self, part: str) -> bool:
        if part == "kafka":
            return kafka_admin.answers(self.kafka)
        return processes.pings(self.clickhouse)

    @contextmanager
    def away(self, part: str, how: str) -> Iterator[None]:
        """`part` is killed or paused during the block, and there again after it."""
        running = self._running[part]
        running.send_signal(signal.SIGSTOP if how == "paused" else signal.SIGKILL)
        try:
            yield
        finally:
            running.send_signal(signal.SIGCONT)
        if how != "paused":
            running.wait()
            self.start(part)

    def sample(self, feed: Feed) -> None:
        """Note what everyone who waits takes of memory now."""
        known = state.read(self.data)
        pids = {service.name: service.pid for service in known.services} if known else {}
        for name, pid in {**pids, "send": feed.process.pid}.items():
            if name in MEASURED and pid and psutil.pid_exists(pid):
                self.memory[name].append(psutil.Process(pid).memory_info().rss >> 20)

    def lines(self) -> dict[str, list[str]]:
        """Log lines so far of everyone who waits."""
        return {name: (self.data / "logs" / f"{name}.log").read_text().splitlines() for name in MEASURED}

    def stored(self) -> int:
        from sinks import clickhouse

        known = settings.load(data=self.data, clickhouse=self.clickhouse)
        client = clickhouse.connect(known)
        return int(client.query("SELECT count(), uniqExact(report_id) FROM posko.reports").result_rows[0][1])

    def until(self, promise: Callable[[], bool]) -> None:
        self.instance.until(promise)

    def at_the_end(self, *steps: Callable[[], object]) -> None:
        """Call these when everything is stopped, the last one first."""
        for step in steps:
            self._stack.callback(step)

    def close(self) -> None:
        self._stack.close()
