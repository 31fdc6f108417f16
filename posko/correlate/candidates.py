"""Which incidents a report is compared with: an inverted index over places, kinds and telling words, with capped
answers.

What a query gives depends only on the incidents now open and on the order in which they were last touched, never on how
they came to be so: an index rebuilt after a restart answers the same.
"""

from __future__ import annotations

from collections import Counter
from itertools import chain, islice

from posko.correlate.record import Record
from posko.matching import EventFeatures, ReportFeatures, telling

OPEN_HOURS = 72  # of stream time since the last report: then an incident leaves the index
PER_KEY = 12  # incidents looked at behind one key, those touched last
MAX_CANDIDATES = 16  # compared with one report
EVENT_TOKENS = 10  # telling words an incident is filed under
REPORT_TOKENS = 8  # telling words a report looks for
LOOSE_TOKENS = 3  # the same, when the place already finds most
_CELL = 0.02  # degrees: 2.2 km


class Candidates:
    """Posting lists from key to incidents, each list in the order of their last reports."""

    def __init__(self) -> None:
        self._lists: dict[str, dict[str, Record]] = {}

    def post(self, record: Record, travels: bool) -> None:
        """File a record that was just touched: it becomes the newest behind each of its keys."""
        keys = event_keys(record.scope, record.category, record.features, travels)
        if keys != record.keys:
            self.withdraw(record)
            record.keys = keys
        name, lists = record.id, self._lists
        for key in keys:
            entries = lists.get(key)
            if entries is None:
                lists[key] = {name: record}
            else:
                entries.pop(name, None)
                entries[name] = record

    def withdraw(self, record: Record) -> None:
        for key in record.keys:
            entries = self._lists[key]
            del entries[record.id]
            if not entries:
                del self._lists[key]
        record.keys = ()

    def find(self, report: ReportFeatures, travels: bool) -> list[Record]:
        """At most MAX_CANDIDATES records: those behind most of the report's keys first, then those touched last."""
        lists = self._lists
        newest = []
        for key in report_keys(report, travels):
            entries = lists.get(key)
            if entries is not None:
                newest.append(entries if len(entries) <= PER_KEY else dict(islice(reversed(entries.items()), PER_KEY)))
        found: dict[str, Record] = {}
        for entries in newest:
            found.update(entries)
        if len(found) <= MAX_CANDIDATES:
            return list(found.values())
        hits = Counter(chain.from_iterable(newest))
        return sorted(found.values(), key=lambda record: (-hits[record.id], -record.turn))[:MAX_CANDIDATES]


def event_keys(scope: str, category: str, event: EventFeatures, travels: bool) -> tuple[str, ...]:
    """The keys an incident is filed under. Capital letter: every incident there; small: those known no more
    precisely."""
    prefix = f"{scope}|{category}|"
    words = telling(event.words, EVENT_TOKENS)
    if travels or not event.level:
        return (*(f"{prefix}W{word}" for word in words), f"{prefix}K{event.kind}")
    keys = [f"{prefix}W{word}" for word in words[:LOOSE_TOKENS]]
    keys.append(f"{prefix}R{event.kind}")
    if event.level == "regency":
        return (*keys, *(f"{prefix}l{word}" for word in words))
    if event.tps:
        keys.append(f"{prefix}T{event.tps}")
    if event.village:
        keys.append(f"{prefix}V{event.village}")
        if not event.tps:
            keys.append(f"{prefix}v{event.village}")
    keys.append(f"{prefix}D{event.district}")
    if event.level == "district":
        keys.append(f"{prefix}d{event.district}")
    elif event.lat is not None and event.lng is not None:
        cell = f"{int(event.lat // _CELL)},{int(event.lng // _CELL)}"
        keys.append(f"{prefix}C{cell}")
        if event.level == "point":
            keys.append(f"{prefix}c{cell}")
    return tuple(keys)


def report_keys(report: ReportFeatures, travels: bool) -> list[str]:
    """Where to look for the incidents a report may belong to; mirrors `event_keys`."""
    prefix = f"{report.scope}|{report.category}|"
    if travels or not report.level:
        words = telling(report.words.weights, REPORT_TOKENS)
        return [*(f"{prefix}W{word}" for word in words), f"{prefix}K{report.kind}"]
    if report.level == "regency":
        words = telling(report.words.weights, REPORT_TOKENS)
        return [
            f"{prefix}R{report.kind}",
            *(f"{prefix}W{word}" for word in words),
            *(f"{prefix}l{word}" for word in words),
        ]
    keys = [f"{prefix}l{word}" for word in telling(report.words.weights, LOOSE_TOKENS)]
    if report.level == "district":
        return [*keys, f"{prefix}D{report.district}"]
    if report.tps:
        keys += (f"{prefix}T{report.tps}", f"{prefix}v{report.village}")
    else:
        keys.append(f"{prefix}V{report.village}")
    keys.append(f"{prefix}d{report.district}")
    if report.lat is not None and report.lng is not None:
        cells = f"{prefix}C" if report.level == "point" else f"{prefix}c"
        row, column = int(report.lat // _CELL), int(report.lng // _CELL)
        keys += [f"{cells}{row + north},{column + east}" for north in (-1, 0, 1) for east in (-1, 0, 1)]
    return keys
