"""What the supervisor shows to those who watch it: each service's state, restarts and memory."""

from __future__ import annotations

import time
from collections.abc import Iterable

from prometheus_client.core import Metric

from posko import metrics
from posko.local import state
from posko.local.state import State
from posko.observed import Watched


def begin(seen: Watched, known: State) -> None:
    """Watch what the supervisor knows. To be called in its event loop."""

    def running() -> str:
        missing = [service.name for service in known.services if service.state != "running"]
        return f"Not running: {', '.join(missing)}" if missing else ""

    seen.begin(running)
    metrics.pulled(metrics.SUPERVISOR, lambda: _families(known))


def _families(known: State) -> Iterable[Metric]:
    services, now = known.services, time.time()
    yield _family("gauge", "posko_service_up", "1 while the service is running, else 0.", {
        service.name: float(service.state == "running") for service in services
    })  # fmt: skip
    yield _family("gauge", "posko_service_since_seconds", "Time since the service came into its state.", {
        service.name: max(0.0, now - service.since) for service in services
    })  # fmt: skip
    yield _family("counter", "posko_service_restarts", "How often the service was started again.", {
        service.name: float(service.restarts) for service in services
    })  # fmt: skip
    yield _family("gauge", "posko_service_memory_bytes", "Resident memory of the service's process.", {
        service.name: float(size)
        for service in services
        if (size := state.memory(state.alive(service.pid, service.started)))
    })  # fmt: skip


def _family(kind: str, name: str, meaning: str, values: dict[str, float]) -> Metric:
    make = metrics.counter if kind == "counter" else metrics.gauge
    return make(name, meaning, ("service",), {(service,): value for service, value in values.items()})
