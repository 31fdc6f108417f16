"""Known claims: hoaxes and clarifications that somebody checked, and which of them a report repeats.

A file of known claims is CSV with the columns `claim`, `verdict`, `link`, `date`; `posko import claims` checks it and
leaves it where intake looks (settings.claims_file). Intake reads it when it starts and again when it has changed.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import blake2b
from io import StringIO
from pathlib import Path
from typing import Any

from posko.matching import EventFeatures, ReportFeatures, Rules, Verdict, compare, telling
from posko.settings import SettingsError
from posko.text import normalise

COLUMNS = ("claim", "verdict", "link", "date")
MAX_CLAIMS = 5_000
MAX_TEXT = 4_000
MAX_VERDICT, MAX_LINK = 200, 500
_WORDS = 6  # telling words by which a claim is looked up
_COMPARED = 24  # claims compared with one report, at most
_DATES = ("%Y-%m-%d", "%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y")


@dataclass(frozen=True, slots=True)
class Known:
    """A claim that was checked. `date` is ISO 8601 or `""`; `id` is made from the claim's words."""

    id: str
    claim: str
    verdict: str
    link: str
    date: str

    def shown(self) -> dict[str, str]:
        """What a message of `reports.enriched` carries."""
        return {"id": self.id, "verdict": self.verdict, "link": self.link, "date": self.date}


class Library:
    """Known claims, found by what a report says happened and by its telling words. Immutable once made."""

    def __init__(self, claims: list[Known], rules: Rules) -> None:
        """`rules`: those of the category of claims that travel (RuleBook.rules)."""
        self._rules = rules
        self._claims = claims
        self._events: list[EventFeatures] = []
        self._index: dict[str, list[int]] = {}
        for at, known in enumerate(claims):
            seen = ReportFeatures.of(_as_report(known.claim))
            event = EventFeatures()
            event.place(seen)
            event.learn(seen)
            self._events.append(event)
            for key in (*seen.frames, *telling(event.words, _WORDS)):
                self._index.setdefault(key, []).append(at)

    def __len__(self) -> int:
        return len(self._claims)

    def find(self, report: dict[str, Any]) -> Known | None:
        """The known claim that an enriched report repeats, asks about or answers; None when none is near enough.

        Time says nothing here: a hoax comes back in every election.
        """
        seen = ReportFeatures.of(report)
        best: tuple[float, int] | None = None
        for at in self._near(seen):
            event = self._events[at]
            event.first_at = event.last_at = seen.at
            found = compare(seen, event, self._rules)
            if found is not None and found.verdict is Verdict.JOIN and (best is None or found.points > best[0]):
                best = (found.points, at)
        return self._claims[best[1]] if best else None

    def _near(self, seen: ReportFeatures) -> list[int]:
        hits: dict[int, int] = {}
        for key in (*sorted(seen.frames), *telling(seen.words.weights, _WORDS)):
            for at in self._index.get(key, ()):
                hits[at] = hits.get(at, 0) + 1
        return sorted(hits, key=lambda at: (-hits[at], at))[:_COMPARED]


class Watched:
    """The library in a file that may appear, change or go while a process runs."""

    def __init__(self, path: Path, rules: Rules) -> None:
        self._path, self._rules = path, rules
        self._stamp: tuple[int, int] | None = None
        self._library: Library | None = None
        self.current()

    def current(self) -> Library | None:
        """The claims as the file has them now; those read before while it cannot be read; None without a file."""
        try:
            stat = self._path.stat()
        except OSError:
            self._stamp = self._library = None
            return None
        stamp = (stat.st_mtime_ns, stat.st_size)
        if stamp != self._stamp:
            self._stamp = stamp
            self._library = Library(read(self._path), self._rules)
        return self._library


def read(path: Path) -> list[Known]:
    """The claims of a CSV file; `;` may stand for `,`. Raises SettingsError that names every line that is wrong."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(f"{path} cannot be read as UTF-8 text: {error}") from error
    first = text.partition("\n")[0]
    table = csv.DictReader(StringIO(text), delimiter=";" if first.count(";") > first.count(",") else ",")
    missing = [name for name in COLUMNS[:2] if name not in (table.fieldnames or ())]
    if missing:
        raise SettingsError(f"{path} has no column {', '.join(missing)}; the first line must name {', '.join(COLUMNS)}")
    claims: dict[str, Known] = {}
    wrong = []
    for number, row in enumerate(table, 2):
        try:
            known = _known(row)
        except ValueError as error:
            wrong.append(f"line {number}: {error}")
            continue
        claims[known.id] = known
    if len(claims) > MAX_CLAIMS:
        wrong.append(f"{len(claims)} claims; at most {MAX_CLAIMS} are kept")
    if wrong:
        raise SettingsError(f"{path} cannot be used:\n  " + "\n  ".join(wrong[:20]))
    return list(claims.values())


def write(path: Path, claims: list[Known]) -> None:
    """Write a file that `read` gives back, at once and whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    out = StringIO()
    table = csv.writer(out, lineterminator="\n")
    table.writerow(COLUMNS)
    table.writerows([known.claim, known.verdict, known.link, known.date] for known in claims)
    temporary = path.with_suffix(".new")
    temporary.write_text(out.getvalue(), encoding="utf-8")
    temporary.replace(path)


def _known(row: dict[str, Any]) -> Known:
    claim, verdict, link, when = (" ".join(str(row.get(name) or "").split()) for name in COLUMNS)
    if not claim or len(claim) > MAX_TEXT:
        raise ValueError(f"claim has {len(claim)} characters; expected 1 to {MAX_TEXT}")
    words = normalise(claim)
    if not words.weights:
        raise ValueError("the claim says nothing by which it could be found again; write it out")
    if not verdict or len(verdict) > MAX_VERDICT:
        raise ValueError(f"verdict has {len(verdict)} characters; expected 1 to {MAX_VERDICT}")
    if link and (not link.startswith(("https://", "http://")) or len(link) > MAX_LINK):
        raise ValueError("link is no address that begins with https:// or http://")
    return Known(blake2b(claim.lower().encode(), digest_size=6).hexdigest(), claim, verdict, link, _date(when))


def _date(when: str) -> str:
    if not when:
        return ""
    for form in _DATES:
        try:
            return datetime.strptime(when, form).date().isoformat()
        except ValueError:
            continue
    raise ValueError(f"date is {when!r}; expected {date(2024, 11, 27).isoformat()} or 27/11/2024")


def _as_report(text: str) -> dict[str, Any]:
    nowhere = dict.fromkeys(("scope", "village", "district", "regency", "tps", "place_by", "place_name"), "")
    when = {"occurred_at": None, "reported_at": 0, "received_at": 0}
    rest: dict[str, Any] = {
        "category": "hoax",
        "kind": "",
        "lat": None,
        "lng": None,
        "place_m": None,
        "marks": [],
        "attachments": [],
    }
    return {**nowhere, **when, **rest, "text": text}
