"""How long a service that ended waits before it is started again."""

from __future__ import annotations

import random
from collections.abc import Callable


class Backoff:
    """Waits that double from `first` to `most` seconds, with jitter; after `healthy` seconds at `first` again.

    The jitter takes up to half of a wait away, so that services that ended together do not come back together.
    """

    def __init__(
        self, first: float = 0.5, most: float = 30.0, healthy: float = 60.0, jitter: Callable[[], float] = random.random
    ) -> None:
        self._first, self._most, self._healthy, self._jitter = first, most, healthy, jitter
        self._next = first

    def after(self, ran: float) -> float:
        """Seconds to wait after a run that lasted `ran` seconds."""
        wait = self._first if ran >= self._healthy else self._next
        self._next = min(wait * 2, self._most)
        return wait * (1 - self._jitter() / 2)
