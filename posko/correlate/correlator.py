"""The state of one partition: which reports were seen, which incidents are open, who reported them.

Everything depends on the reports' order and on their own times only; there is no clock. What the changelog holds
after a batch is all there is to know: a Correlator restored from it goes on exactly as the one that wrote it would
have.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from posko.correlate import memory, opening
from posko.correlate.candidates import OPEN_HOURS, Candidates
from posko.correlate.choice import Choice, choose
from posko.correlate.memory import HOUR_MS, REPORT, Memory
from posko.correlate.record import INCIDENT, VOICES, Record, incident_id, voice
from posko.matching import EventFeatures, ReportFeatures, RuleBook

KEPT_HOURS = 30 * 24  # of stream time since an incident's last report: then its state is dropped here (tables keep it)
CLOCK = b"t"


@dataclass
class Outcome:
    """What a batch leads to. `incidents`: the last state of each incident touched; `changelog`: None deletes a key."""

    matched: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    changelog: list[tuple[bytes, bytes | None]] = field(default_factory=list)


class Correlator:
    """Correlates the reports of one partition. `catalog`: names and kinds, see `posko.catalog`."""

    def __init__(self, catalog: Any) -> None:
        self._catalog = catalog
        self._book = RuleBook(catalog)
        self._records: dict[str, Record] = {}
        self._by_number: dict[int, Record] = {}
        self._hours: dict[int, dict[str, Record]] = {}  # by the stream hour of the last report
        self._candidates = Candidates()
        self._memory = Memory()
        self._number = self._turn = self._now = 0
        self._log: dict[bytes, bytes | None] = {}
        self._touched: dict[str, Record] = {}
        self._gone: list[dict[str, Any]] = []

    @property
    def seen(self) -> int:
        """How many report ids are remembered."""
        return len(self._memory)

    @property
    def incidents(self) -> int:
        """How many incidents are kept."""
        return len(self._records)

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take one record of the changelog, the last for its key or any earlier one. Call `restored` after the last."""
        self._log[key] = value

    def restored(self) -> None:
        """All of the changelog has been given."""
        entries = {key: value for key, value in self._log.items() if value is not None}
        self._log = {}
        self._now = int.from_bytes(entries.pop(CLOCK, b""))
        kept = [Record.unpacked(value, 0) for key, value in entries.items() if key[:1] == INCIDENT]
        for record in sorted(kept, key=lambda record: record.turn):
            self._keep(record)
            self._turn = max(self._turn, record.turn)
            self._hours.setdefault(record.hour, {})[record.id] = record
            if record.hour >= self._now - OPEN_HOURS:
                self._candidates.post(record, self._travels(record))
        for key, value in sorted(item for item in entries.items() if item[0][:1] == VOICES):
            chunk = [int.from_bytes(value[at : at + 8]) for at in range(0, len(value), 8)]
            record = self._records[key[5:].decode()]
            record.voices.update(chunk)
            record.tail = chunk
        for key, value in entries.items():
            if key[:1] == REPORT:
                hour, content, echo, incident = memory.unpacked(value)
                if incident in self._records:  # else it was expired and waits to be swept
                    self._memory.remember(int.from_bytes(key[1:]), hour, content, echo, self._records[incident])
        self._memory.advance(self._now)

    def apply(self, reports: list[dict[str, Any]]) -> Outcome:
        """Match a batch of enriched reports in order. Changes memory: discard the Correlator if the batch is not
        committed."""
        matched = [self.take(report) for report in reports]
        outcome = self.flush()
        outcome.matched = matched
        return outcome

    def take(self, report: dict[str, Any]) -> dict[str, Any]:
        """Match one enriched report, the next of a batch; returns the matched one. `flush` ends the batch."""
        self._gone += self._advance(report["received_at"] // HOUR_MS)
        matched = self._match(report)
        for gone in self._memory.sweep(self._now):
            self._log[REPORT + gone.to_bytes(16)] = None
        return matched

    def flush(self) -> Outcome:
        """The incidents and the changelog of the reports taken since the last flush; `matched` is left empty."""
        outcome = Outcome(incidents=self._gone)
        self._gone = []
        for record in self._touched.values():
            public, entry = record.pack()
            outcome.incidents.append(public)
            self._log[record.key()] = entry
        outcome.changelog = list(self._log.items())
        self._log, self._touched = {}, {}
        return outcome

    def _match(self, report: dict[str, Any]) -> dict[str, Any]:
        number = memory.report_number(report["report_id"])
        content = int(report["content"], 16)
        if seen := self._memory.find(number, self._now):
            return _matched(
                report, self._by_number[seen.record_number].id, "resent", _same_id(), content != seen.content
            )
        features = ReportFeatures.of(report)
        who = voice(report["reporter_id"])
        echo = memory.echo_of(report, who, features.words, features.at)
        repeated = self._memory.echoed(echo, self._now)
        if repeated is not None:
            record, match, choice = repeated, "resent", _own_words(repeated)
            opening.joined(record.public, report, features, (False, False))
        else:
            travels = self._book.rules(report["category"], report["kind"]).travels
            choice = choose(features, self._candidates.find(features, travels), self._book)
            match = "joined" if choice.record else "new"
            record = choice.record or self._open(report, features, choice, travels)
            self._hear(record, report, features, who, match)
        self._touch(record)
        hour = report["received_at"] // HOUR_MS
        self._memory.remember(number, hour, content, echo, record)
        self._log[REPORT + number.to_bytes(16)] = memory.packed(hour, content, echo, record.id)
        return _matched(report, record.id, match, choice)

    def _open(self, report: dict[str, Any], features: ReportFeatures, choice: Choice, travels: bool) -> Record:
        event = EventFeatures()
        event.place(features)
        title = opening.title_of(self._name(report), report, travels)
        new = incident_id(report["scope"], report["report_id"])
        while new in self._records:  # two of 2**50, or an id that came again after it was forgotten
            new = incident_id(report["scope"], new)
        record = Record(opening.opened(new, report, features, title, choice.suggested), event, 0)
        self._keep(record)
        return record

    def _hear(self, record: Record, report: dict[str, Any], features: ReportFeatures, who: int, match: str) -> None:
        new_voice = record.hear(who, report["institution"])
        if match == "joined":
            state, event = record.public, record.features
            opening.joined(state, report, features, new_voice)
            opening.raised(state, report)
            travels = self._travels(record)
            refined = opening.refined(state, event, report, features)
            renamed = bool(not state["kind"] and report["kind"])
            state["kind"] = state["kind"] or report["kind"]
            if (refined or renamed) and not travels:
                state["title"] = opening.title_of(
                    self._name(state), {**report, "place_name": state["place_name"]}, travels
                )
        event = record.features
        event.learn(features)
        if match == "joined" and event.lat is not None:
            record.public.update(lat=event.lat, lng=event.lng, place_m=event.place_m)
        if new_voice[0]:
            key, chunk = record.voices_entry()
            self._log[key] = chunk

    def _touch(self, record: Record) -> None:
        """The record is now the one touched last."""
        self._turn += 1
        record.turn = self._turn
        self._hours.get(record.hour, {}).pop(record.id, None)
        record.hour = self._now
        self._hours.setdefault(self._now, {})[record.id] = record
        self._candidates.post(record, self._travels(record))
        self._touched[record.id] = record

    def _keep(self, record: Record) -> None:
        self._number += 1
        record.number = self._number
        self._records[record.id] = self._by_number[record.number] = record

    def _advance(self, hour: int) -> list[dict[str, Any]]:
        """Stream time only grows, hour by hour. The last states of incidents that are dropped before their batch
        ends."""
        last: list[dict[str, Any]] = []
        if hour <= self._now:
            return last
        before, self._now = self._now, hour
        self._log[CLOCK] = hour.to_bytes(4)
        self._memory.advance(hour)
        for old in sorted(self._hours):
            if old < hour - KEPT_HOURS:
                for record in self._hours.pop(old).values():
                    if self._touched.pop(record.id, None):
                        last.append(record.public)
                    self._drop(record)
            elif before - OPEN_HOURS <= old < hour - OPEN_HOURS:
                for record in self._hours[old].values():
                    self._candidates.withdraw(record)
        return last

    def _drop(self, record: Record) -> None:
        self._candidates.withdraw(record)
        del self._records[record.id], self._by_number[record.number]
        self._log[record.key()] = None
        for number in range(record.chunks()):
            self._log[record.voices_key(number)] = None

    def _travels(self, record: Record) -> bool:
        return self._book.rules(record.category, record.features.kind).travels

    def _name(self, report: dict[str, Any]) -> str:
        """The Indonesian name of a report's kind, else of its category, else the category's code."""
        category = self._catalog.categories.get(report["category"])
        if category is None:
            return str(report["category"])
        kind = category.kinds.get(report["kind"]) or category
        return str(kind.names["id"])


def _same_id() -> Choice:
    return Choice(None, 1.0, [{"what": "same_id", "score": 1.0, "detail": "this report_id was received before"}])


def _own_words(record: Record) -> Choice:
    detail = f"the same person's own words about {record.id}, near in time and at the same place"
    return Choice(None, 1.0, [{"what": "own_words", "score": 1.0, "detail": detail}])


def _matched(
    report: dict[str, Any], incident: str, match: str, choice: Choice, conflict: bool | None = None
) -> dict[str, Any]:
    return {
        **report,
        "incident_id": incident,
        "match": match,
        "score": choice.score,
        "reasons": choice.reasons,
        "duplicate": conflict is not None,
        "conflict": bool(conflict),
    }
