"""What an instance consists of: each service with its command, what it needs, and how it shows that it is ready."""

from __future__ import annotations

import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from posko import kafka_admin
from posko.local.kafka import Broker
from posko.settings import Settings

TOPICS = "topics"  # a step, not a process: done once Kafka answers


@dataclass(frozen=True)
class Service:
    """One process. `ready` is asked from a thread and may take two seconds; `grace` is the time to stop cleanly."""

    name: str
    command: list[str]
    ready: Callable[[], bool]
    needs: tuple[str, ...] = ()
    env: dict[str, str] = field(default_factory=dict)
    address: tuple[str, int] | None = None
    grace: float = 10.0
    ready_file: Path | None = None


def plan(settings: Settings, broker: Broker | None) -> list[Service]:
    """The services of an instance in the order of their start; `broker` is None when Kafka is somebody else's."""
    services = []
    if broker is not None:
        services.append(_kafka(broker))
    if not settings.clickhouse:
        services.append(_engine(settings))
    services += [_stream(settings, number) for number in range(1, settings.workers + 1)]
    sink_needs = (TOPICS,) if settings.clickhouse else (TOPICS, "engine")
    services.append(_role(settings, "sink", "sink", sink_needs))
    return services


def ready_file(data: Path, name: str) -> Path:
    """The file that a role process makes when it is ready."""
    return data / "run" / f"{name}.ready"


def _kafka(broker: Broker) -> Service:
    def ready() -> bool:
        return kafka_admin.answers(broker.address)

    return Service("kafka", broker.command(), ready, address=("127.0.0.1", broker.port), grace=30.0)


def _engine(settings: Settings) -> Service:
    port = settings.port("engine")

    def ready() -> bool:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/ping", timeout=2) as response:
                return bool(response.status == 200)
        except (urllib.error.URLError, OSError):
            return False

    environment = _environment(settings, "engine")
    return Service("engine", _posko("engine"), ready, env=environment, address=(settings.host, port), grace=20.0)


def _stream(settings: Settings, number: int) -> Service:
    return _role(settings, f"stream-{number}", "stream", (TOPICS,))


def _role(settings: Settings, name: str, role: str, needs: tuple[str, ...]) -> Service:
    file = ready_file(settings.data, name)
    return Service(name, _posko(role), file.exists, needs, _environment(settings, name), ready_file=file)


def _posko(role: str) -> list[str]:
    return [sys.executable, "-P", "-m", "posko", role]  # -P: a file in the current folder must not become a module


def _environment(settings: Settings, name: str) -> dict[str, str]:
    """What the role's settings are read from: all said, so that nothing in the caller's surroundings changes it."""
    said = ("data", "host", "port_base", "election", "partitions", "workers", "kafka", "clickhouse", "log_level")
    env = {f"POSKO_{setting.upper()}": str(getattr(settings, setting)) for setting in said}
    return {**env, "POSKO_READY_FILE": str(ready_file(settings.data, name)), "PYTHONUNBUFFERED": "1"}
