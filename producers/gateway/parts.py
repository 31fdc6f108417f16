"""What the doors of the gateway are made of, wired together in one place (producers.gateway.run)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from prometheus_client.core import Metric

from posko.context import Context
from posko.settings import Settings
from producers.gateway.acceptance import Acceptance
from producers.gateway.limits import Limits
from producers.gateway.statuses import Statuses
from producers.officers import Officers

if TYPE_CHECKING:
    from litestar import Router


@dataclass
class Parts:
    """Everything a door may need. `doors`: the functions `router(parts) -> Router` of the modules that are doors.

    `now`: the time in milliseconds since 1970 UTC. `attachments`: the store of files, where that door is wired.
    `secret`: 32 bytes of this instance, for what is signed and for telling strangers apart.
    `measured`: what a door shows to Prometheus, asked at each scrape.
    `tending`: what runs beside the requests for as long as the application lives; a door adds to it when it is made.
    """

    settings: Settings
    context: Context
    officers: Officers
    acceptance: Acceptance
    statuses: Statuses
    limits: Limits
    now: Callable[[], int]
    secret: bytes = field(default_factory=lambda: secrets.token_bytes(32))
    attachments: Any = None
    tending: list[Callable[[], Coroutine[Any, Any, None]]] = field(default_factory=list)
    measured: list[Callable[[], Iterable[Metric]]] = field(default_factory=list)
    doors: Sequence[Callable[[Parts], Router]] = field(default_factory=tuple)
