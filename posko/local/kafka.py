"""The embedded Kafka broker: one KRaft node on the loopback address, its files in one folder."""

from __future__ import annotations

import base64
import subprocess
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from posko import topics
from posko.local import java
from posko.local.errors import LocalError

FOREVER_MINUTES = 2_147_483_647


@dataclass(frozen=True)
class Broker:
    """A broker that keeps its data in `folder` and listens on 127.0.0.1 at two ports."""

    folder: Path
    port: int
    controller_port: int
    jars: list[Path] = field(repr=False)
    archive: Path | None = None  # of loaded classes, when there is one

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def prepare(self) -> None:
        """Write the broker's configuration, and format its storage if that was not done yet. Raises LocalError."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self._properties_file.write_text("".join(f"{key}={value}\n" for key, value in self.properties().items()))
        if not (self._storage / "meta.properties").exists():
            self._format()

    def command(self, *options: str) -> list[str]:
        """The command line of the broker; `options` are further ones for the Java runtime."""
        if self.archive is not None and self.archive.exists():
            options = (f"-XX:AOTCache={self.archive}", *options)
        return java.command(self.jars, "kafka.Kafka", [str(self._properties_file)], options)

    def properties(self) -> dict[str, str]:
        """Kafka's own settings, see its documentation under "Broker Configs"."""
        return {
            "process.roles": "broker,controller",
            "node.id": "1",
            "controller.quorum.voters": f"1@127.0.0.1:{self.controller_port}",
            "listeners": f"PLAINTEXT://127.0.0.1:{self.port},CONTROLLER://127.0.0.1:{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://127.0.0.1:{self.port}",
            "controller.listener.names": "CONTROLLER",
            "inter.broker.listener.name": "PLAINTEXT",
            "listener.security.protocol.map": "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT",
            "log.dirs": str(self._storage),
            "auto.create.topics.enable": "false",
            "message.max.bytes": str(topics.MAX_MESSAGE),
            "replica.fetch.max.bytes": str(topics.MAX_MESSAGE),
            # One node: its own bookkeeping has one copy and few partitions.
            "default.replication.factor": "1",
            "offsets.topic.replication.factor": "1",
            "offsets.topic.num.partitions": "4",
            "transaction.state.log.replication.factor": "1",
            "transaction.state.log.min.isr": "1",
            "transaction.state.log.num.partitions": "4",
            "share.coordinator.state.topic.replication.factor": "1",
            "share.coordinator.state.topic.min.isr": "1",
            "share.coordinator.state.topic.num.partitions": "1",
            "group.initial.rebalance.delay.ms": "0",
            # Nothing expires: not messages, and not the offsets of a group that was stopped for weeks.
            "log.retention.ms": "-1",
            "offsets.retention.minutes": str(FOREVER_MINUTES),
            # A killed process loses nothing, the system still has it; a power cut may: so to the disk every second.
            "log.flush.interval.ms": "1000",
            "log.flush.scheduler.interval.ms": "500",
            # Small where the defaults are made for big machines.
            "log.cleaner.dedupe.buffer.size": str(16 << 20),
            "log.index.size.max.bytes": str(2 << 20),
            "num.network.threads": "2",
            "num.io.threads": "4",
        }

    @property
    def _storage(self) -> Path:
        return self.folder / "storage"

    @property
    def _properties_file(self) -> Path:
        return self.folder / "server.properties"

    def _format(self) -> None:
        cluster = "-"
        while cluster.startswith("-"):  # the storage tool would take it for an option, as Kafka's own generator knows
            cluster = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        # A format that was interrupted left files but no meta.properties: ignoring them starts it afresh.
        arguments = ["format", "--ignore-formatted", "-t", cluster, "-c", str(self._properties_file)]
        command = java.command(self.jars, "kafka.tools.StorageTool", arguments)
        try:
            done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            raise LocalError(f"Kafka's storage tool could not run: {error}") from error
        if done.returncode:
            said = "\n".join((done.stdout + done.stderr).strip().splitlines()[-5:])
            raise LocalError(
                f"Kafka's storage in {self._storage} could not be made (status {done.returncode}):\n{said}"
            )
