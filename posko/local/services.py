"""What an instance consists of: each service with its command, what it needs, and how it shows that it is ready."""

from __future__ import annotations

import http.client
import sys
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from posko import kafka_admin
from posko.local.kafka import Broker
from posko.settings import Settings

MISCONFIGURED = 2  # exit status of our roles when they cannot start as they are configured
LIVE_S = 5.0  # what is waited for an answer of /health/live
TOPICS = "topics"  # a step, not a process: done once Kafka answers
# glibc: once a large block was freed it takes later ones from the heap, where what stays for long comes to lie between
# them, and little goes back to the system. A fixed limit keeps them apart (mallopt(3), docs/benchmarks.md).
MEMORY = {"MALLOC_MMAP_THRESHOLD_": str(128 << 10)}


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
    observed: int = 0  # the port of /metrics, /health/live and /health/ready on the loopback; 0: there is none
    answers: Callable[[], bool] | None = None  # for a service without these: whether it is alive
    misconfigured: int | None = MISCONFIGURED  # exit status that says: do not start it again like this

    @property
    def alive(self) -> Callable[[], bool] | None:
        """Whether it hangs, asked from a thread; None when there is no telling."""
        return self._is_live if self.observed else self.answers

    def _is_live(self) -> bool:
        return _says_ok(f"http://127.0.0.1:{self.observed}/health/live", LIVE_S)


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
    for name in ("gateway", "board"):
        services.append(_role(settings, name, name, (TOPICS,), (settings.host, settings.port(name))))
    return services


def observed(settings: Settings) -> dict[str, int]:
    """The port at which each process of an instance serves /metrics and /health, the supervisor included; 0: none.

    POSKO_METRICS_PORT is about the supervisor alone, except that 0 switches it off for all.
    """
    workers = {
        f"stream-{number}": settings.port("stream-metrics") + number - 1 for number in range(1, settings.workers + 1)
    }
    roles = [*([] if settings.clickhouse else ["engine"]), "sink", "gateway", "board"]
    found = {"supervisor": settings.metrics_port_of("supervisor"), **workers}
    found |= {role: settings.port(f"{role}-metrics") for role in roles}
    return dict.fromkeys(found, 0) if settings.metrics_port == 0 else found


def ready_file(data: Path, name: str) -> Path:
    """The file that a role process makes when it is ready."""
    return data / "run" / f"{name}.ready"


def _kafka(broker: Broker) -> Service:
    def ready() -> bool:
        return kafka_admin.answers(broker.address)

    address = ("127.0.0.1", broker.port)
    return Service("kafka", broker.command(), ready, address=address, grace=30.0, answers=ready, misconfigured=None)


def _says_ok(url: str, seconds: float) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=seconds) as response:  # noqa: S310 - ours, see the callers
            return bool(response.status == 200)
    except (OSError, http.client.HTTPException):
        return False


def _engine(settings: Settings) -> Service:
    port = settings.port("engine")

    def ready() -> bool:
        return _says_ok(f"http://127.0.0.1:{port}/ping", 2)

    environment = _environment(settings, "engine")
    return Service(
        "engine",
        _posko("engine"),
        ready,
        env=environment,
        address=(settings.host, port),
        grace=20.0,
        observed=observed(settings)["engine"],
        answers=ready,
    )


def _stream(settings: Settings, number: int) -> Service:
    worker = _role(settings, f"stream-{number}", "stream", (TOPICS,))
    return replace(worker, env={**worker.env, **MEMORY})


def _role(
    settings: Settings, name: str, role: str, needs: tuple[str, ...], address: tuple[str, int] | None = None
) -> Service:
    file = ready_file(settings.data, name)
    environment, port = _environment(settings, name), observed(settings)[name]
    return Service(name, _posko(role), file.exists, needs, environment, address, ready_file=file, observed=port)


def _posko(role: str) -> list[str]:
    return [sys.executable, "-P", "-m", "posko", role]  # -P: a file in the current folder must not become a module


def _environment(settings: Settings, name: str) -> dict[str, str]:
    """What the role's settings are read from: all said, so that nothing in the caller's surroundings changes it."""
    said = (
        "data",
        "host",
        "port_base",
        "election",
        "partitions",
        "workers",
        "kafka",
        "clickhouse",
        "log_level",
        "metrics_host",
    )
    env = {f"POSKO_{setting.upper()}": str(getattr(settings, setting)) for setting in said}
    env["POSKO_METRICS_PORT"] = str(observed(settings)[name])
    return {**env, "POSKO_READY_FILE": str(ready_file(settings.data, name)), "PYTHONUNBUFFERED": "1"}
