"""How often somebody may knock: token buckets in bounded memory, for officers and for addresses."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable

MOST = 100_000  # buckets; the one not used for longest goes first


class Bucket:
    """Allows `burst` at once and `per_minute` in the long run, for each name. Not thread-safe. `clock`: steady seconds.

    Each name is one number: the time at which its bucket will be full again (GCRA, the generic cell rate algorithm).
    """

    def __init__(
        self, per_minute: float, burst: int, clock: Callable[[], float] = time.monotonic, most: int = MOST
    ) -> None:
        self._gap = 60.0 / per_minute
        self._room = burst * self._gap
        self._clock, self._most = clock, most
        self._full_at: OrderedDict[str, float] = OrderedDict()

    def take(self, name: str, amount: int = 1) -> float:
        """Take `amount` for `name`: 0.0 when it is allowed, else the seconds after which it will be; nothing is taken
        then. An amount above the burst is allowed when the bucket is full."""
        now = self._clock()
        full_at = max(self._full_at.get(name, now), now)
        wanted = min(amount * self._gap, self._room)
        wait = full_at + wanted - self._room - now
        if wait > 1e-9:
            return wait
        self._full_at[name] = full_at + amount * self._gap
        self._full_at.move_to_end(name)
        if len(self._full_at) > self._most:
            self._full_at.popitem(last=False)
        return 0.0


class Limits:
    """The gateway's limits. Many phones share one address (mobile networks do that), so officers are counted by
    themselves and addresses only where nobody is known yet."""

    def __init__(
        self,
        officer_rate: float,
        address_rate: float,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Both rates a minute: reports of one officer, sign-ins and citizens' reports from one address."""
        self.reports = Bucket(officer_rate, max(500, round(10 * officer_rate)), clock)
        self.strangers = Bucket(address_rate, max(5, round(address_rate)), clock)
        self.lookups = Bucket(officer_rate, max(30, round(officer_rate)), clock)
