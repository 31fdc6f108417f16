"""Which incidents a report is compared with: an inverted index over places, kinds and words, with capped answers.

What a query gives depends only on the incidents now open and on the order in which they were last touched, never on how
they came to be so: an index rebuilt after a restart answers the same. What it costs depends on the caps below, not on
how many incidents there are.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable, Mapping
from math import inf, log2

from posko.correlate.marks import Marks
from posko.correlate.record import Record
from posko.matching import EventFeatures, ReportFeatures, telling

MAX_CANDIDATES, MAX_CLAIMS = 5, 6  # compared with one report; the same, where only words tell
HERE, NEAR, CELL = 8, 6, 4  # incidents looked at behind one key, those touched last: its place, its kind there, around
FRAMES = 3  # frames an incident is filed under
PER_WORD = 12  # the same, behind one word
REPORT_WORDS, PLACED_WORDS = 8, 3  # words a report looks for, the rarest first; fewer when the place finds most
CLAIM_WORDS, LOOSE_WORDS, FEW_WORDS = 20, 10, 4  # words an incident is filed under: a claim, of a kabupaten, of a place
_CELL = 0.04  # degrees: 4.4 km; the four cells around a point hold everything within 2.2 km
_HOUR_MS = 3_600_000
_KIND, _OTHER_KIND, _HOUR, _OLD = 3.0, -2.0, 0.3, 5.0  # a rough measure of likeness: points as in `posko.matching`
_FAR = 8.0  # at a place, of those that look so much less likely than the likeliest one in 2,000 is the same event
_SAID = 12.0  # where only words tell, what is said to have happened comes before size and single words
_BY_SIZE = 4.0  # where only words tell, an incident that many report is the likeliest
_SIZES = tuple(log2(n + 1) / 4 for n in range(64))

Group = dict[str, int | bytearray]  # most keys lead to one incident: its number then


class Candidates:
    """Posting lists from key to incidents, each list in the order of their last reports.

    A list is a row of 4-byte numbers (`Record.number`): 4 bytes a posting, about 160 a key, 90 when it has only one.
    `records` leads from number to incident; it is the caller's and always up to date. `marks` has what ranking reads.
    """

    def __init__(self, records: Mapping[int, Record], marks: Marks) -> None:
        self._records, self._marks = records, marks
        # By scope, claims apart: one reporter's category is another's, so it divides nothing here.
        self._groups: dict[tuple[str, bool], Group] = {}

    def post(self, record: Record, travels: bool) -> None:
        """File a record that was just touched: it becomes the newest behind each of its keys."""
        if record.refiled != record.features.reports and _is_milestone(record.features.reports):
            record.refile(telling(record.features.words, CLAIM_WORDS))
        self._marks.set(record.number, record.features, record.turn)
        keys = event_keys(record.features, record.filed, travels)
        where = (record.scope, travels)
        group = self._groups.setdefault(where, {})
        number = record.number.to_bytes(4, "little")
        if keys != record.keys or where != record.filed_in:
            self.withdraw(record)
            record.keys, record.filed_in = keys, where
            group = self._groups.setdefault(where, {})
            for key in keys:
                numbers = group.get(key)
                if numbers is None:
                    group[key] = record.number
                elif isinstance(numbers, int):
                    group[key] = bytearray(numbers.to_bytes(4, "little") + number)
                else:
                    numbers += number
            return
        for key in keys:
            numbers = group[key]
            if isinstance(numbers, bytearray) and not numbers.endswith(number):
                at = _position(numbers, number)
                del numbers[at : at + 4]
                numbers += number

    def recall(self, record: Record, travels: bool) -> None:
        """A record that was filed, packed and unpacked again: where it is filed."""
        record.keys = event_keys(record.features, record.filed, travels)
        record.filed_in = (record.scope, travels)

    def withdraw(self, record: Record) -> None:
        """The record is no longer found."""
        if not record.keys:
            return
        group = self._groups[record.filed_in]
        number = record.number.to_bytes(4, "little")
        for key in record.keys:
            numbers = group[key]
            if isinstance(numbers, int):
                del group[key]
                continue
            at = _position(numbers, number)
            del numbers[at : at + 4]
            if len(numbers) == 4:
                group[key] = int.from_bytes(numbers, "little")
        if not group:
            del self._groups[record.filed_in]
        record.keys = ()

    def find(self, report: ReportFeatures, travels: bool, bound: bool = True, reach_ms: float = inf) -> list[Record]:
        """At most MAX_CANDIDATES records, those that are most like the report at a rough look.

        `bound`: what it reports happens at one TPS, so that incidents at others are not asked. `reach_ms`: events
        further away in time are another's in any case.
        """
        group = self._groups.get((report.scope, travels))
        if group is None:
            return []
        points: dict[int, float] = {}
        for digest in sorted(report.digests):
            _newest(group, f"A{digest}", NEAR, 9.0, points)
        placed = not travels and report.level not in ("", "regency")
        if not placed:
            _by_words(group, "W", report.words.weights, REPORT_WORDS, points)
            if report.level == "regency" and not travels:
                _by_words(group, "l", report.words.weights, REPORT_WORDS, points)
            for frame in sorted(report.frames):
                _newest(group, f"F{frame}", NEAR, _SAID, points)
        else:
            _by_words(group, "l", report.words.weights, PLACED_WORDS, points)
            _by_place(group, report, points, bound)
        return [self._records[number] for number in self._best(report, points, placed, reach_ms)]

    def _best(self, report: ReportFeatures, points: dict[int, float], placed: bool, reach_ms: float) -> list[int]:
        by_size, most, far = (1.0, MAX_CANDIDATES, _FAR) if placed else (_BY_SIZE, MAX_CLAIMS, inf)
        guess, at, rank = report.guess, report.at, self._marks.rank
        names, sets = self._marks.names, self._marks.sets
        ranked = []
        for number, place in points.items():
            first_at, last_at, turn, reports, named, kinds = rank(number)
            gap = first_at - at if at < first_at else at - last_at
            if gap > reach_ms:
                continue
            if named and guess:
                place += _KIND if names[named] == guess or guess in sets[kinds] else _OTHER_KIND
            if gap > 0:
                place -= min(_OLD, gap / _HOUR_MS * _HOUR)
            ranked.append((place + by_size * _SIZES[min(63, reports)], turn, number))
        ranked.sort(reverse=True)  # no two turns are the same
        return [number for likeness, _, number in ranked[:most] if likeness >= ranked[0][0] - far]


def event_keys(event: EventFeatures, words: tuple[str, ...], travels: bool) -> tuple[str, ...]:
    """The keys an incident is filed under, within its scope and category. Capital letter: every incident there; small:
    those known no more precisely."""
    if travels or not event.level:
        return (*_frames(event), *[f"W{word}" for word in words])
    if event.level == "regency":
        loose = words[:LOOSE_WORDS]
        return (*_frames(event), *[f"W{word}" for word in loose], *[f"l{word}" for word in loose])
    guess = event.guess
    keys = [*_frames(event), *[f"W{word}" for word in words[:FEW_WORDS]], f"D{event.district}"]
    if guess:
        keys.append(f"D{event.district}|{guess}")
    if event.tps:
        keys.append(f"T{event.tps}")
    if event.village:
        keys.append(f"V{event.village}")
        if guess:
            keys.append(f"V{event.village}|{guess}")
        if not event.tps:
            keys.append(f"v{event.village}")
    if event.level == "district" or event.home:
        keys.append(f"d{event.district}")
    if event.names:
        keys.append(f"l{max(event.names, key=len)}")  # for those who tell of it elsewhere, and name it
    if event.level != "district" and event.lat is not None and event.lng is not None:
        cell = f"{int(event.lat // _CELL)},{int(event.lng // _CELL)}"
        keys.append(f"C{cell}")
        if guess:
            keys.append(f"C{cell}|{guess}")
        if event.level == "point":
            keys.append(f"c{cell}")
    return tuple(keys)


def _frames(event: EventFeatures) -> list[str]:
    """Keys of what most of the reports say happened, and of the pictures and links that came with them."""
    return [*[f"F{name}" for name in telling(event.frames, FRAMES)], *[f"A{digest}" for digest in event.digests]]


def _by_place(group: Group, report: ReportFeatures, points: dict[int, float], bound: bool) -> None:
    """Incidents at the report's place, above it and around it; mirrors `event_keys`. The nearest come last, as the last
    word about an incident counts."""
    guess = f"|{report.guess}" if report.guess else ""
    if report.level == "district":
        _newest(group, f"D{report.district}", HERE, 3.0, points)
        if guess:
            _newest(group, f"D{report.district}{guess}", HERE, 3.0, points)
        return
    if not bound:
        for kind in sorted(report.kinds):
            _newest(group, f"D{report.district}|{kind}", CELL, 2.0, points)
    if report.names and not points and (report.later or not report.tps):
        _newest(group, f"D{report.district}", CELL, 1.0, points)  # one of them may name this kelurahan
    _newest(group, f"d{report.district}", NEAR, 3.0, points)
    if report.home:
        _newest(group, f"D{report.district}{guess}", HERE, 2.0, points)
    if guess and report.level == "point":
        _newest(group, f"D{report.district}{guess}", CELL, 2.0, points)
        _newest(group, f"D{report.district}", CELL, 2.0, points)
    if report.lat is not None and report.lng is not None:
        point = report.level == "point"
        for cell in _cells(report.lat, report.lng):
            if point:
                _newest(group, f"C{cell}", CELL, 3.0, points)
                if guess:
                    _newest(group, f"C{cell}{guess}", CELL, 3.0, points)
            else:
                _newest(group, f"c{cell}", CELL, 3.0, points)
    if report.tps:
        if guess and not bound:
            _newest(group, f"V{report.village}{guess}", NEAR, 4.0, points)
        _newest(group, f"v{report.village}", NEAR, 6.0, points)
        _newest(group, f"T{report.tps}", HERE, 9.0, points)
    elif report.village:
        _newest(group, f"V{report.village}", HERE, 6.0, points)
        if guess:
            _newest(group, f"V{report.village}{guess}", NEAR, 6.0, points)


def _newest(group: Group, key: str, count: int, worth: float, points: dict[int, float]) -> None:
    numbers = group.get(key)
    if isinstance(numbers, int):
        points[numbers] = worth
    elif numbers is not None:
        for number in array("I", numbers[-4 * count :]):
            points[number] = worth


def _by_words(group: Group, prefix: str, words: Iterable[str], count: int, points: dict[int, float]) -> None:
    """Add incidents filed under the rarest of the words, more points for more and rarer ones."""
    lists: list[tuple[int, str, bytes | bytearray]] = []
    for word in words:
        numbers = group.get(prefix + word)
        if isinstance(numbers, int):
            lists.append((4, word, numbers.to_bytes(4, "little")))
        elif numbers is not None:
            lists.append((len(numbers), word, numbers))
    if len(lists) > count:
        lists.sort()  # of equally rare words the first in the alphabet
    for length, _, found in lists[:count]:
        worth = 4.0 / length.bit_length()
        for number in array("I", found[-4 * PER_WORD :]):
            points[number] = points.get(number, 0.0) + worth


def _cells(lat: float, lng: float) -> list[str]:
    """The cell of a point and the three that are nearest to it."""
    row, column = lat / _CELL - 0.5, lng / _CELL - 0.5
    south, west = int(row // 1), int(column // 1)
    return [f"{south},{west}", f"{south},{west + 1}", f"{south + 1},{west}", f"{south + 1},{west + 1}"]


def _position(numbers: bytearray, number: bytes) -> int:
    """Where a number stands that is in the list; the newest are looked at first."""
    at = numbers.rfind(number)
    while at % 4:  # four bytes of two neighbours
        at = numbers.rfind(number, 0, at + 3)
    return at


def _is_milestone(reports: int) -> bool:
    """1, 2, 4, 8 ... reports: then the words of an incident are looked at anew."""
    return reports & (reports - 1) == 0
