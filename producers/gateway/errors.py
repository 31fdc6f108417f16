"""What a door says when it does not do what was asked: one shape for all, and a kind for when Kafka is away."""

from __future__ import annotations

import msgspec


class Problem(msgspec.Struct, frozen=True):
    """An answer that is no success: `reason` for programs, `field` a path or `""`, `message` for people."""

    reason: str
    message: str
    field: str = ""


class Refused(Exception):
    """A request that is not answered as asked. `values` go into the words of `reason` (producers.gateway.wording)."""

    def __init__(self, status: int, reason: str, field: str = "", retry_after: int = 0, **values: object) -> None:
        super().__init__(reason)
        self.status, self.reason, self.field, self.retry_after, self.values = status, reason, field, retry_after, values


class Unavailable(Exception):
    """Kafka did not acknowledge in time: what was sent may or may not arrive. Send it again, with the same ids,
    after `retry_after` seconds."""

    def __init__(self, retry_after: int) -> None:
        super().__init__(f"Kafka does not acknowledge; try again in {retry_after} s")
        self.retry_after = retry_after
