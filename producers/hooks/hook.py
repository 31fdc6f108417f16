"""A hook: where an agency's system is told of incidents, and of which ones. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from posko.regions import codes
from producers.hooks.change import Change

EVENTS = ("opened", "changed", "closed")


@dataclass(frozen=True, slots=True)
class Hook:
    """Who is told what, and where. Times are milliseconds since 1970 UTC.

    `officer`: the agency's program, whose reports come in by this hook. Empty `categories` and `area` mean all.
    `private`: addresses that are not public are allowed. `secret` signs both ways. `off`: why nothing is sent any more,
    `""` while it is on; `failing_since`: None while the other side accepts; `why`: how it failed last.
    """

    name: str
    officer: str
    url: str
    secret: str
    events: tuple[str, ...]
    categories: tuple[str, ...]
    area: str
    severity_from: int
    private: bool
    added_at: int
    failing_since: int | None = None
    why: str = ""
    off: str = ""
    told: int = 0

    def __repr__(self) -> str:
        return f"Hook({self.name!r})"  # a secret must not come into a log or a traceback

    def wants(self, change: Change) -> bool:
        """Whether an incident that the other side has not heard of concerns it."""
        return (
            change.severity >= self.severity_from
            and (not self.categories or change.category in self.categories)
            and codes.covers(self.area, change.place)
        )


@dataclass(frozen=True, slots=True)
class Known:
    """What a hook knows of an incident. `event`: what waits to be told, `""` when nothing does."""

    version: int
    closed: bool
    event: str


def event(before: Known | None, closed: bool, wanted: Collection[str]) -> str:
    """What is to be told of an incident's newest version, one of EVENTS, or `""` for nothing.

    What waits and what is new become one: an incident that was opened and has changed since is still `opened`.
    """
    waiting = before.event if before else ""
    if closed and (before is None or not before.closed or waiting == "closed"):
        found = "closed"
    elif before is None or waiting == "opened":
        found = "opened"
    else:
        found = "changed"
    if found in wanted:
        return found
    return "" if waiting == "closed" else waiting  # closing that was not told yet and is undone


def after_telling(waiting: str, wanted: Collection[str]) -> str:
    """What remains to be told of a newer version that came while an older one was being told."""
    if waiting != "opened":
        return waiting
    return "changed" if "changed" in wanted else ""
