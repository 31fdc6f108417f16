"""Our side: the worker that `posko stream` runs, its names, its agents and its transactions, cut to what a row needs.

python -m tests.bench.ours JOB
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from aiokafka import ConsumerRecord

from posko import report, settings, topics
from streams import app, run
from streams.app import Domain, Wired
from streams.intake import Intake
from streams.names import Names
from streams.transactions import Outputs
from tests import processes
from tests.bench.job import CORRELATE, INTAKE, PARSE, Job, noted

STAGES = {PARSE: {"intake"}, INTAKE: {"intake"}, CORRELATE: {"correlate"}}


@dataclass(frozen=True)
class Shared(Names):
    """Every name has the run's prefix, but what is read is the topic that all sides read."""

    job: Job | None = None

    def topic(self, name: str) -> str:
        assert self.job
        if name == topics.REPORTS:
            return self.job.reports
        if name == topics.ENRICHED and self.job.row == CORRELATE:
            return self.job.enriched
        return super().topic(name)


class OnlyParsed(Intake):
    """Reads reports and writes nothing; the transaction still commits the offset."""

    parse = staticmethod(noted(report.parse))

    def _add(self, outputs: Outputs, record: ConsumerRecord, *_: object) -> bool:
        self.parse(record.value)
        return False


class Noted:
    """A Correlator that says when the first report reaches it."""

    def __new__(cls, state: Any) -> Any:
        state.take = noted(state.take)
        return state


def domain(election: str) -> Domain:
    loaded = app.load_domain(election)
    return Domain(noted(loaded.enrich), lambda: Noted(loaded.new_state()))


def cut(wire: Callable[..., Wired], stages: set[str]) -> Callable[..., Wired]:
    """The wiring with some of its stages: the other agents wait for batches that never come."""

    def wired(*args: Any) -> Wired:
        whole = wire(*args)
        return replace(whole, channels=[channel for channel in whole.channels if channel.stage.name in stages])

    return wired


def main() -> None:
    job = Job.given()
    if job.row == PARSE:
        app.intake.Intake = OnlyParsed  # type: ignore[misc]
    if job.row == CORRELATE:
        app._run_escalations = lambda *_: None  # its clock records would go into the topic that all sides read
    if job.row in STAGES:
        run.wire = cut(run.wire, STAGES[job.row])
    known = settings.load(
        kafka=job.kafka, election=job.election, data=job.folder, partitions=job.partitions, log_level="warning",
        port_base=processes.free_ports(),
    )  # fmt: skip
    run.leave(run.run(known, Shared(job.prefix, job), domain))


if __name__ == "__main__":
    main()
