"""What each stage reads and writes: production names, or the same behind a prefix so that tests share a broker."""

from __future__ import annotations

from dataclasses import dataclass

from posko import topics


@dataclass(frozen=True)
class Names:
    """Topics, groups and transactional ids. `prefix` is put before every one of them; production has none."""

    prefix: str = ""

    def topic(self, name: str) -> str:
        """The name on the broker of a topic of `posko.topics`."""
        return self.prefix + name

    def transactional_id(self, stage: str, partition: int) -> str:
        """Static per stage and partition: whoever starts a producer with it shuts out every earlier one."""
        return f"{self.prefix}posko-{stage}-{partition}"


@dataclass(frozen=True)
class Stage:
    """One step of the pipeline as the broker sees it; topics and group are names on the broker.

    `group` must not be the Faust app's id: Faust's own consumer would join it with another protocol.
    """

    name: str
    source: str
    group: str
    changelog: str = ""  # where the state of a partition is restored from; empty: the stage has no state
    is_busy: bool = True  # many records all day long: the broker lets them gather; else it sends each at once


def intake_stage(names: Names) -> Stage:
    """Reports as they come in -> enriched or rejected."""
    return Stage("intake", names.topic(topics.REPORTS), names.prefix + topics.INTAKE_GROUP)


def triage_stage(names: Names) -> Stage:
    """What people want to do -> records in one order with the reports, or rejected."""
    return Stage("triage", names.topic(topics.ACTIONS), names.prefix + topics.TRIAGE_GROUP, is_busy=False)


def correlate_stage(names: Names) -> Stage:
    """Enriched reports -> matched reports and incidents."""
    return Stage(
        "correlate",
        names.topic(topics.ENRICHED),
        names.prefix + topics.CORRELATE_GROUP,
        names.topic(topics.CORRELATE_CHANGELOG),
    )
