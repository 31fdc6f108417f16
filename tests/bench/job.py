"""What one measured process is told, and what it tells: when it took its first record.

Also imported in the other stream processors' environment, so nothing here needs more than Python.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
R = TypeVar("R")

PARSE, INTAKE, CORRELATE, QUERYABLE, SINK = "parse", "intake", "correlate", "queryable", "sink"
AT_LEAST_ONCE, EXACTLY_ONCE = "at-least-once", "exactly-once"


@dataclass(frozen=True)
class Job:
    """One row of the table for one side. Topics: `reports` and `enriched` are shared, what is written has `prefix`."""

    row: str
    guarantee: str
    kafka: str
    election: str
    reports: str
    enriched: str
    prefix: str
    partitions: int
    count: int  # records in the source topic
    folder: str  # for state on disk, the run's own
    clickhouse: str = ""
    password: str = ""

    @property
    def source(self) -> str:
        return self.enriched if self.row == CORRELATE else self.reports

    def topic(self, name: str) -> str:
        """A topic that this run writes."""
        return self.prefix + name

    def argument(self) -> str:
        return json.dumps(asdict(self))

    @classmethod
    def given(cls) -> Job:
        """The job on this process's command line."""
        return cls(**json.loads(sys.argv[1]))


def say(what: str) -> None:
    """Tell the measuring process that `what` happened now (a clock that all processes share), and the processor time
    so far.
    """
    print(what, time.monotonic(), time.process_time(), flush=True)


def noted(work: Callable[P, R]) -> Callable[P, R]:
    """`work`, which says `began` when it is called for the first time."""
    fresh = True

    def first(*args: P.args, **kwargs: P.kwargs) -> R:
        nonlocal fresh
        if fresh:
            fresh = False
            say("began")
        return work(*args, **kwargs)

    return first
