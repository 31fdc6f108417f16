"""What hooks show to Prometheus: what each was told, what waits for it, and which are switched off."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable

from prometheus_client.core import Metric

from posko import log, metrics
from posko.errors import first_line
from producers.hooks.store import Store

logger = log.get("hooks")


def families(store: Store) -> Iterable[Metric]:
    """Asked at each scrape, of the file of hooks: it knows what was told before this process began, too."""
    try:
        hooks = store.hooks()
        waiting: dict[tuple[str, ...], float] = {(one.name,): store.waiting(one.name) for one in hooks}
    except sqlite3.Error as error:
        logger.error("the file of hooks cannot be read for its metrics", error=first_line(error))
        return
    told: dict[tuple[str, ...], float] = {(one.name,): one.told for one in hooks}
    off: dict[tuple[str, ...], float] = {(one.name,): float(bool(one.off)) for one in hooks}
    yield metrics.counter("posko_hook_delivered", "Changes of incidents that the other side accepted.", ("hook",), told)
    yield metrics.gauge("posko_hook_waiting", "Incidents that the hook is still to be told.", ("hook",), waiting)
    yield metrics.gauge("posko_hook_off", "1 for a hook that is switched off, else 0.", ("hook",), off)
