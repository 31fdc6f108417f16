"""The state of one partition: which reports were seen, which incidents are open, who reported them.

Everything depends on the reports' order and on their own times only; there is no clock. What the changelog holds
after a batch is all there is to know: a Correlator restored from it goes on exactly as the one that wrote it would
have.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any
from zoneinfo import ZoneInfo

from posko.catalog import OPEN_HOURS, Catalog
from posko.correlate import answers, clock, memory, opening, regroup
from posko.correlate.candidates import Candidates
from posko.correlate.choice import choose
from posko.correlate.hours import Closings, Hours
from posko.correlate.kept import HOT, Kept
from posko.correlate.marks import Marks
from posko.correlate.memory import HOUR_MS, REPORT, Memory
from posko.correlate.record import INCIDENT, VOICES, Ahead, Record, incident_id, voice
from posko.incident import Step
from posko.life import picture
from posko.life.acts import Acts
from posko.life.rules import Rules
from posko.life.watch import A_TICK, Watch
from posko.life.wording import JAKARTA, Clock
from posko.matching import EventFeatures, ReportFeatures, RuleBook

KEPT_HOURS = 30 * 24  # of stream time since an incident's last report: then its state is dropped here (tables keep it)
MANY = 100  # reports of one person in an hour of stream time; further ones are marked
A_STEP = 500  # incidents restored before others get a turn


@dataclass
class Outcome:
    """What a batch leads to. `incidents`: the last state of each incident touched; `changelog`: None deletes a key."""

    matched: list[dict[str, Any]] = field(default_factory=list)
    incidents: list[dict[str, Any]] = field(default_factory=list)
    changelog: list[tuple[bytes, bytes | None]] = field(default_factory=list)


class Correlator:
    """Correlates the reports of one partition, and does what people decide and what deadlines demand.

    `take`, `take_action` and `take_tick` take the records of the partition's log in order; `flush` ends a batch.
    `timezone`: the election's, for quiet hours and for times in texts. `hot`: incidents kept as objects between
    batches, the others are packed; it changes cost and memory, no answer.
    """

    def __init__(self, catalog: Catalog, timezone: ZoneInfo = JAKARTA, hot: int = HOT) -> None:
        self._catalog = catalog
        self._book = RuleBook(catalog)
        self._rules = Rules(catalog)
        local = Clock(timezone)
        self._watch = Watch(self, self._rules, local)
        self._acts = Acts(self, self._watch, self._rules, local)
        self._kept, self._marks = Kept(self._wake, hot), Marks()
        self._hours, self._closings = Hours(self._marks), Closings()
        self._unfiled: dict[str, array[int]] = {}  # restored and not in the index yet: numbers by scope, in order
        self._candidates = Candidates(self._kept, self._marks)
        self._memory = Memory()
        self._turn = self._now = 0
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
        return self._kept.count

    def restore(self, key: bytes, value: bytes | None) -> None:
        """Take one record of the changelog, the last for its key or any earlier one. Call `restored` after the last."""
        self._log[key] = value

    def restored(self) -> None:
        """All of the changelog has been given. Raises OtherFormat."""
        for _ in self.restoring():
            pass

    def restoring(self) -> Iterator[None]:
        """The same in steps of some 20 ms, for who has other things to do meanwhile. Raises OtherFormat."""
        entries = {key: value for key, value in self._log.items() if value is not None}
        self._log = {}
        if entries:
            self._now = clock.hour_of(entries.pop(clock.CLOCK, b""))
        voices: dict[bytes, list[bytes]] = {}
        for key, value in entries.items():
            if key[:1] == VOICES:
                voices.setdefault(key[5:], []).append(value)
            else:
                self._watch.restore(key, value)
        incidents = sorted((value, key) for key, value in entries.items() if key[:1] == INCIDENT)  # by turn
        for done, (value, key) in enumerate(incidents, 1):
            self._restore(key[1:].decode(), value, b"".join(voices.get(key[1:], ())))
            if not done % A_STEP:
                yield
        self._kept.restored()
        yield
        self._memory.restore((item for item in entries.items() if item[0][:1] == REPORT), self._now)

    def _restore(self, incident: str, value: bytes, voices: bytes) -> None:
        """An incident stays packed; the index gets it together with the others of its scope, when that is asked for."""
        self._turn, number, hour, open_hours, waiting = Ahead.of(value)
        self._kept.restore(incident, number, value, voices)
        self._watch.restore_record(incident, waiting)
        self._hours.add(number, hour)
        is_open = hour >= self._now - open_hours
        self._marks.turned(number, self._turn)
        self._marks.live(number, hour, open_hours, is_open)
        if is_open:
            self._closings.add(number, hour + open_hours + 1)
            self._unfiled.setdefault(incident.rpartition("-")[0], array("I")).append(number)

    def _file(self, scope: str) -> None:
        """The restored incidents of a scope go into the index: 0.05 ms each, once."""
        for number in self._unfiled.pop(scope):
            record = self._kept.peek(number, wake=False)
            self._candidates.post(record, self._travels(record))

    def _wake(self, record: Record) -> None:
        """A record that was packed is in use again."""
        if record.scope in self._unfiled:
            self._file(record.scope)
        if self._marks.life(record.number).posted:
            self._candidates.recall(record, self._travels(record))

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
        self._log.update(dict.fromkeys(self._memory.sweep(self._now)))
        return matched

    def take_action(self, action: dict[str, Any]) -> list[dict[str, Any]]:
        """Do what somebody decided (docs/messages.md), or note in the incident's log why not. Messages of
        `reports.matched` for the reports that moved. Raises posko.life.acts.Unanswered, then nothing has changed."""
        return self._acts.take(action)

    def take_tick(self, tick: dict[str, Any]) -> None:
        """It is `tick["at"]` now: do what is due, a bounded part at a time; the rest stays due."""
        self._watch.run(tick["at"], A_TICK)

    def next_due(self) -> int | None:
        """The moment (ms) at which a tick is needed; None while nothing is planned."""
        return self._watch.next_due()

    def flush(self) -> Outcome:
        """The incidents and the changelog of what was taken since the last flush; `matched` is left empty."""
        outcome = Outcome(incidents=self._gone)
        self._gone = []
        for record in self._touched.values():
            self._settle(record)
            public, entry = record.pack(self._open_hours(record))
            outcome.incidents.append(public)
            self._log[record.key()] = entry
        self._log.update(self._watch.entries())
        self._log.update(self._memory.entries(self._now))
        if self._log and not self._now:  # something is kept before the first report
            self._log[clock.CLOCK] = clock.packed(0)
        outcome.changelog = list(self._log.items())
        self._kept.rest(self._touched.values())
        self._log, self._touched = {}, {}
        return outcome

    # What `posko.life` asks of the keeper of the incidents

    def record(self, incident: str) -> Record | None:
        """The incident of that id."""
        return self._kept.find(incident)

    def changed(self, record: Record) -> None:
        """The record's state has changed, not by a report."""
        self._touched[record.id] = record

    def merge(self, kept: Record, other: Record, step: Step) -> None:
        """The reports of `other` and of what was merged into it count for `kept`; new ones that are like them, too."""
        chunks = other.chunks()
        regroup.absorb(kept, other, step, self._rules)
        self._log.update(kept.all_voices())
        self._log.update(dict.fromkeys(map(other.voices_key, range(chunks))))
        for name in kept.public["absorbed"]:
            alias = self._kept.find(name)
            if alias is not None and alias.root != kept.id:  # was merged into `other` before
                alias.root = alias.public["merged_into"] = kept.id
                alias.public["version"] += 1
                self.changed(alias)
        self._touch(other)
        self._touch(kept)

    def split(self, record: Record, step: Step, reports: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Reports of the incident become one of their own; messages for those that moved. Raises Refused."""
        gone = regroup.leaving(reports)
        for one in gone:
            seen = self._memory.find(one.number, self._now)
            if seen is None or self._kept.root(self._kept[seen.record_number]) is not record:
                raise regroup.not_here(one.report["report_id"], record)
        if len(gone) >= record.public["reports"]:
            raise regroup.nothing_left()
        first, chunks = gone[0], record.chunks()
        new = self._open(first.report, first.seen, [], step.action_id, step.at)
        self._hear(new, new, first.report, first.seen, first.who, "new", step.at)
        for one in gone[1:]:
            self._hear(new, new, one.report, one.seen, one.who, "joined", step.at)
        regroup.part(record, new, gone, step, self._rules)
        self._log.update(dict.fromkeys(map(record.voices_key, range(chunks))))
        self._log.update(record.all_voices())
        self._touch(record)
        self._touch(new)
        for one in gone:
            hour, content = one.report["received_at"] // HOUR_MS, int(one.report["content"], 16)
            self._memory.remember(one.number, hour, content, one.echo, new)
        self._watch.see(new, step.at)
        return [regroup.moved(one, record, new, step, new.turn) for one in gone]

    # Reports

    def _match(self, report: dict[str, Any]) -> dict[str, Any]:
        if report["scope"] in self._unfiled:
            self._file(report["scope"])
        number = memory.report_number(report["report_id"])
        content = int(report["content"], 16)
        if seen := self._memory.find(number, self._now):
            record = self._kept.root(self._kept[seen.record_number])
            return answers.matched(report, record.id, "resent", answers.same_id(), content != seen.content)
        features = ReportFeatures.of(report)
        who = voice(report["reporter_id"])
        hour = report["received_at"] // HOUR_MS
        if self._memory.heard(who, hour) > MANY:
            report = {**report, "marks": [*report["marks"], "many_reports"]}
        echo = memory.echo_of(report, who, features.words, features.at)
        echoed = self._memory.echoed(echo, self._now)
        if echoed is not None:
            near = self._kept[echoed]
            match, choice = "resent", answers.own_words(near)
            record = self._kept.root(near)
            self._hear_again(record, report, features, who)
        else:
            travels = self._book.rules(report["category"], report["kind"]).travels
            bound = self._book.bound(report["category"], features)
            reach = self._book.reach_ms(report["category"], features.guess)
            found = self._candidates.find(features, travels, bound, reach)
            choice = choose(features, found, self._book, self._kept.links)
            match = "joined" if choice.record else "new"
            at = report["received_at"]
            near = choice.record or self._open(report, features, choice.suggested, report["report_id"], at)
            record = self._kept.root(near)
            self._hear(near, record, report, features, who, match, at)
        if near is not record:
            self._touch(near)
        self._touch(record)
        self._memory.remember(number, hour, content, echo, near, who)
        return answers.matched(report, record.id, match, choice)

    def _open(
        self, report: dict[str, Any], features: ReportFeatures, links: list[dict[str, Any]], seed: str, at: int
    ) -> Record:
        """A new incident, whose deadlines run from `at` (ms)."""
        event = EventFeatures()
        event.place(features)
        travels = self._book.rules(report["category"], report["kind"]).travels
        title = opening.title_of(self._rules.name(report), report, travels)
        new = incident_id(report["scope"], seed)
        while self._kept.find(new):  # two of 2**50, or an id that came again after it was forgotten
            new = incident_id(report["scope"], new)
        record = Record(
            opening.opened(new, report, features, title, self._kept.rooted(links), self._rules, at), event, 0
        )
        self._kept.add(record)
        return record

    def _hear(
        self,
        near: Record,
        record: Record,
        report: dict[str, Any],
        features: ReportFeatures,
        who: int,
        match: str,
        at: int,
    ) -> None:
        """A report of the event `near`, which counts for `record`: itself, or what it was merged into."""
        new_person = record.hear(who)
        seen = match == "new"
        if match == "joined":
            state = record.public
            new_voice = new_person, report["institution"] not in state["sources"]
            worse = picture.learn(state, report, features)
            opening.joined(state, report, features, new_voice)
            seen = worse and opening.raised(state, report, self._rules)
            refined = near is record and opening.refined(state, record.features, report, features)
            renamed = bool(not state["kind"] and report["kind"])
            state["kind"] = state["kind"] or report["kind"]
            if (refined or renamed) and not self._travels(record):
                named = {**report, "place_name": state["place_name"]}
                state["title"] = opening.title_of(self._rules.name(state), named, False)
            seen = seen or refined or renamed
        event = near.features
        event.learn(features)
        if match == "joined" and event.lat is not None and near is record:
            record.public.update(lat=event.lat, lng=event.lng, place_m=event.place_m)
        if new_person and (full := record.full_chunk()):
            self._log[full[0]] = full[1]
        if seen:
            self._watch.see(record, at)

    def _hear_again(self, record: Record, report: dict[str, Any], features: ReportFeatures, who: int) -> None:
        """The same person's own words once more: a row, no new voice."""
        state = record.public
        record.hear_again(who)
        if report["institution"] in state["sources"]:
            state["sources"][report["institution"]] += 1
        opening.joined(state, report, features, (False, False))

    def _touch(self, record: Record) -> None:
        """The record is now the one touched last."""
        self._turn += 1
        record.turn = self._turn
        open_hours = self._open_hours(record)
        if record.hour != self._now or self._marks.life(record.number).open_hours != open_hours:
            self._closings.add(record.number, self._now + open_hours + 1)
        if record.hour != self._now:
            self._hours.add(record.number, self._now)
            record.hour = self._now
        self._candidates.post(record, self._travels(record))
        self._marks.live(record.number, self._now, open_hours, True)
        self._touched[record.id] = record

    def _advance(self, hour: int) -> list[dict[str, Any]]:
        """Stream time only grows, hour by hour. The last states of incidents that are dropped before their batch
        ends."""
        last: list[dict[str, Any]] = []
        if hour <= self._now:
            return last
        self._now = hour
        self._log[clock.CLOCK] = clock.packed(hour)
        self._memory.advance(hour)
        for old in self._hours.known():
            if old < hour - KEPT_HOURS:
                for record in map(self._kept.peek, self._hours.pop(old)):
                    if self._touched.pop(record.id, None):
                        self._settle(record)
                        last.append(record.public)
                    self._drop(record)
        for number in self._closings.due(hour):
            life = self._marks.life(number)
            if life.posted and life.hour < hour - life.open_hours:
                self._candidates.withdraw(self._kept.peek(number))
                self._marks.live(number, life.hour, life.open_hours, False)
        return last

    def _settle(self, record: Record) -> None:
        rules = self._book.rules(record.category, record.features.kind)
        picture.settle(record.public, record.features, rules.station_bound)

    def _drop(self, record: Record) -> None:
        self._watch.forget(record)
        self._candidates.withdraw(record)
        self._kept.drop(record)
        self._marks.clear(record.number)
        self._log[record.key()] = None
        for number in range(record.chunks()):
            self._log[record.voices_key(number)] = None

    def _open_hours(self, record: Record) -> int:
        """How many hours after its last report an incident of this category and kind takes new ones."""
        category = self._catalog.categories.get(record.category)
        if category is None:
            return OPEN_HOURS
        kind = category.kinds.get(record.features.kind)
        return kind.open_hours if kind else category.open_hours

    def _travels(self, record: Record) -> bool:
        return self._book.rules(record.category, record.features.kind).travels
