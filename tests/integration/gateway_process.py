"""A gateway process over a broker of its own, for tests."""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from kafka import KafkaConsumer, TopicPartition

from posko import kafka_admin
from producers.officers import Officer, Officers
from tests import processes
from tests.processes import free_ports, process, wait_until

OFFICER = Officer("kpps-1", "Petugas Satu", "", "kpps", "kpu", "13.03.03")
TOPIC = "reports"


class Gateway:
    """A gateway process over a broker of its own; both can be killed and started again."""

    def __init__(self, folder: Path, base: int, kafka: str) -> None:
        self.data, self.base, self.kafka = folder / "data", base, kafka
        self.url = f"http://127.0.0.1:{base + 3}"
        self.log = folder / "gateway.log"
        self._ready = folder / "ready"
        self._running = contextlib.ExitStack()
        self.process: subprocess.Popen[bytes]
        self.data.mkdir(mode=0o700)
        officers = Officers(self.data / "officers.sqlite3")
        officers.put(OFFICER, 1)
        self.token = officers.make_token(OFFICER.id, 1)
        self.officers = officers

    def start(self) -> None:
        command = [sys.executable, "-m", "posko", "gateway", "--data", str(self.data), "--port-base", str(self.base)]
        env = {"POSKO_KAFKA": self.kafka, "POSKO_ELECTION": "sijunjung-2024", "POSKO_READY_FILE": str(self._ready),
               "POSKO_GATEWAY_PUBLIC": "1", "POSKO_GATEWAY_PUBLIC_BITS": "10"}  # fmt: skip
        self._ready.unlink(missing_ok=True)
        self.process = self._running.enter_context(process(command, self.log, env))
        wait_until(self._ready.exists, self.process, self.log)

    def kill(self) -> None:
        os.kill(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def stop(self) -> None:
        self._running.close()
        self.officers.close()

    def client(self, token: str = "") -> httpx.Client:
        headers = {"authorization": f"Bearer {token or self.token}"}
        return httpx.Client(base_url=self.url, headers=headers, timeout=30)

    @property
    def broker(self) -> int:
        """The broker's pid."""
        port = int(self.kafka.rpartition(":")[2])
        listening = [one for one in psutil.net_connections("tcp") if one.status == psutil.CONN_LISTEN]
        [pid] = {one.pid for one in listening if one.laddr.port == port}
        assert pid
        return pid

    def stored(self) -> list[dict[str, Any]]:
        """Every message of the topic."""
        consumer = KafkaConsumer(bootstrap_servers=self.kafka)
        parts = [TopicPartition(TOPIC, number) for number in consumer.partitions_for_topic(TOPIC) or ()]
        consumer.assign(parts)
        consumer.seek_to_beginning(*parts)
        ends = consumer.end_offsets(parts)
        found = []
        while any(consumer.position(part) < ends[part] for part in parts):
            for records in consumer.poll(1000).values():
                found += [json.loads(record.value) for record in records]
        consumer.close()
        return found


@pytest.fixture(scope="module")
def gateway(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Gateway]:
    folder = tmp_path_factory.mktemp("gateway")
    base = free_ports()
    with processes.broker(folder / "kafka", base) as address:
        kafka_admin.ensure_topics(address, 2)
        made = Gateway(folder, base, address)
        made.start()
        yield made
        made.stop()
