"""The Faust app and its wiring: which agent reads which channel with which domain function."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import faust
from faust.app.base import BootStrategy

from posko import topics
from posko.settings import Settings
from streams import correlate, escalate, inhand, intake, triage
from streams.batches import Batches
from streams.lane import State
from streams.names import Names, Stage, correlate_stage, intake_stage, triage_stage
from streams.turns import Turns

APP_ID = "posko-stream"
CONCURRENCY = 8  # batches of one stage in flight at once, at most


@dataclass(frozen=True)
class Domain:
    """What stages do: `enrich` is `posko.intake.Intake.enrich`, `new_state` makes a `posko.correlate.Correlator`."""

    enrich: intake.Enrich
    new_state: Callable[[], State]


def load_domain(election: str) -> Domain:
    """The real domain, for an election file or the name of a shipped one. Takes a second or two."""
    from posko import context
    from posko.correlate import Correlator
    from posko.intake import Intake

    known = context.load(election)
    reader = Intake(known.election, known.catalog, known.regions)
    return Domain(reader.enrich, lambda: Correlator(known.catalog, known.election.timezone))


class WithoutClients(BootStrategy):
    """Our channels bring their own consumers and producers; Faust's would only join a group and make a topic for it."""

    enable_kafka = False
    enable_web = False


class App(faust.App):
    """Faust without tables on disk and without its own Kafka clients; agents, timers and life cycle are Faust's."""

    BootStrategy = WithoutClients

    def _create_directories(self) -> None:
        """No folders: nothing here is kept on disk."""


@dataclass
class Wired:
    """An app that is ready to run, and the channels its agents read."""

    app: App
    channels: list[Batches]


def wire(
    settings: Settings, names: Names, domain: Domain, partitions: dict[str, int], failed: Callable[[], None]
) -> Wired:
    """Build the app. `partitions` by name of `posko.topics`; `failed` is called once when the process has to end.

    Has to be called in the event loop that the app will run in.
    """
    app = App(
        APP_ID, broker=f"kafka://{settings.kafka_address}", store="memory://", datadir=Path("."), autodiscover=False
    )

    def channel(stage: Stage, new_state: Callable[[], State] | None = None) -> Batches:
        return Batches(
            app,
            stage,
            bootstrap=settings.kafka_address,
            names=names,
            size=settings.stream_batch,
            age=settings.stream_age,
            failed=failed,
            new_state=new_state,
        )

    reports = channel(intake_stage(names))
    enriched = channel(correlate_stage(names), domain.new_state)
    turns, held = Turns(), inhand.of(settings)
    step = intake.Intake(domain.enrich, names, partitions[topics.ENRICHED], partitions[topics.REJECTED], turns, held)
    app.agent(reports, name="intake", concurrency=min(CONCURRENCY, partitions[topics.REPORTS]))(intake.agent(step))
    app.agent(enriched, name="correlate", concurrency=min(CONCURRENCY, partitions[topics.ENRICHED]))(
        correlate.agent(correlate.Correlate(names, partitions[topics.REJECTED], turns, held))
    )
    actions = channel(triage_stage(names))
    reader = triage.Reader(settings.kafka_address, names, partitions[topics.REPORTS])
    sorting = triage.Triage(
        domain.enrich, reader.fetch, names, partitions[topics.ENRICHED], partitions[topics.REJECTED]
    )
    app.agent(actions, name="triage", concurrency=min(CONCURRENCY, partitions[topics.ACTIONS]))(triage.agent(sorting))
    _run_escalations(app, escalate.Escalate(settings.kafka_address, names, enriched.states))
    return Wired(app, [reports, enriched, actions])


def _run_escalations(app: App, escalations: escalate.Escalate) -> None:
    """A Faust timer; the connection is given back when the app stops."""

    @app.timer(interval=escalate.EVERY)
    async def escalate_timer() -> None:
        await escalations.run()

    @app.on_before_shutdown.connect
    async def close(*_: object, **__: object) -> None:
        await escalations.close()
