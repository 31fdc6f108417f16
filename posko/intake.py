"""Intake: one message of `reports` becomes one enriched report, or is refused. docs/messages.md names every field."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta
from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from posko.about import about
from posko.catalog import Catalog, Category, Kind
from posko.claims import Watched
from posko.election import Election
from posko.matching import RuleBook
from posko.place import Place, Places
from posko.regions import Regions, codes
from posko.report import Invalid, Report, parse
from posko.report_errors import shown
from posko.settings import Settings

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
AHEAD_MS = 5 * MINUTE_MS  # clocks of phones that set themselves differ by less
LATE_MS = HOUR_MS
OLD_MS = 30 * DAY_MS  # not late but played again
PLAUSIBLE_MS = 366 * DAY_MS
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
NOWHERE = "00"  # the scope of what has no place in an election of all Indonesia; no province has this code


class Intake:
    """Validates, places and enriches reports. The same message always gives the same result; nothing is remembered."""

    def __init__(self, election: Election, catalog: Catalog, regions: Regions, claims: Path | None = None) -> None:
        """`claims`: the file of known claims; without it the one that the settings name. It need not exist."""
        self._election, self._catalog, self._regions = election, catalog, regions
        self._places = Places(regions)
        self._home = election.area[:2] if election.area not in ("", "id") else ""  # province of the election
        self._day = int(datetime.combine(election.date, time(12), election.timezone).timestamp() * 1000)
        rules = RuleBook(catalog).rules("hoax", "")
        self._claims = Watched(claims or Settings().claims_file, rules)
        self._encoder = msgspec.json.Encoder(order="deterministic")

    def enrich(self, raw: bytes | None, received_at: int, partition: int, offset: int) -> dict[str, Any]:
        """The enriched message for the value of a message that the broker received at `received_at` (ms).

        Raises report.Invalid with reason, field and detail when the message is no acceptable report.
        """
        report = parse(raw)
        category, kind = self._classify(report)
        self._check_clock(report, received_at)
        place = self._places.resolve(report)
        province, regency, district, village = codes.chain(place.code)
        severity = report.severity or (kind or category).severity
        acknowledge, resolve = category.deadlines[severity]
        actors = kind or category
        enriched = {
            "report_id": report.report_id,
            "category": report.category,
            "kind": report.kind,
            "text": report.text,
            "channel": report.channel,
            "severity": severity,
            "reporter_id": report.reporter.id,
            "role": report.reporter.role,
            "institution": report.reporter.institution,
            "occurred_at": report.occurred_at,
            "reported_at": report.reported_at,
            "received_at": received_at,
            "province": province,
            "regency": regency,
            "district": district,
            "village": village,
            "tps": place.tps,
            "lat": place.lat,
            "lng": place.lng,
            "place_by": place.by,
            "place_m": place.metres,
            "place_name": self._regions.name_of(place.code, place.tps) if place.code else "",
            "about": about(self._regions, report.text) if actors.travels else "",
            "claim": {},
            "scope": self._scope(actors.travels, place),
            "lead_agency": actors.lead_agency,
            "support_agencies": list(actors.support_agencies),
            "ack_minutes": acknowledge,
            "resolve_minutes": resolve,
            "phase": self._election.phase_at(report.reported_at if report.occurred_at is None else report.occurred_at),
            "vulnerability": self._election.vulnerability_of(place.code, place.tps),
            "marks": [*place.marks, *_clock_marks(report, received_at)],
            "attachments": report.attachments,
            "extra": report.extra,
            "content": blake2b(self._encoder.encode(report), digest_size=8).hexdigest(),
            "source_partition": partition,
            "source_offset": offset,
        }
        if actors.travels and (library := self._claims.current()) and (known := library.find(enriched)):
            enriched["claim"] = known.shown()
        return enriched

    def _classify(self, report: Report) -> tuple[Category, Kind | None]:
        """The category and kind of a report, once all its codes are known to the catalogue."""
        catalog, reporter = self._catalog, report.reporter
        category = catalog.categories.get(report.category)
        if category is None:
            raise _unknown("category", "category", report.category, catalog.categories)
        kind = category.kinds.get(report.kind)
        if report.kind and kind is None:
            raise _unknown("kind", "kind", report.kind, category.kinds)
        if reporter.role not in catalog.roles:
            raise _unknown("role", "reporter.role", reporter.role, catalog.roles)
        if reporter.institution not in catalog.institutions:
            raise _unknown("institution", "reporter.institution", reporter.institution, catalog.institutions)
        return category, kind

    def _check_clock(self, report: Report, received_at: int) -> None:
        """Refuse times that are more than a year from both now and the election: such a clock says nothing."""
        for field, at in (("reported_at", report.reported_at), ("occurred_at", report.occurred_at)):
            if at is not None and abs(at - received_at) > PLAUSIBLE_MS and abs(at - self._day) > PLAUSIBLE_MS:
                expected = f"expected a time within a year of now or of the election on {self._election.date}"
                raise Invalid("clock_implausible", field, f"{field} is {_utc(at)}; {expected}.")

    def _scope(self, travels: bool, place: Place) -> str:
        """What may be the same event: the kabupaten/kota of what happens at a place, else a province.

        A claim that travels, and a report without a kabupaten, belong to the election's province. In an election of all
        Indonesia it is the place's province, and NOWHERE without any place.
        """
        if travels:
            return self._home or place.code[:2] or NOWHERE
        return place.code[:5] or self._home or NOWHERE


def _clock_marks(report: Report, received_at: int) -> list[str]:
    """`clock_ahead` and `late`: what the clocks of device and broker say about each other."""
    occurred_at = report.reported_at if report.occurred_at is None else report.occurred_at
    ahead = report.reported_at > received_at + AHEAD_MS or occurred_at > report.reported_at + AHEAD_MS
    late = LATE_MS < received_at - report.reported_at < OLD_MS
    return [mark for mark, holds in (("clock_ahead", ahead), ("late", late)) if holds]


def _unknown(what: str, field: str, value: str, known: Collection[str]) -> Invalid:
    return Invalid(f"unknown_{what}", field, f"{field} is {shown(value)}; expected one of {', '.join(known)}.")


def _utc(ms: int) -> str:
    """The day of a time, for people. An offset can push year 1 or 9999 just outside the calendar."""
    try:
        return f"{EPOCH + timedelta(milliseconds=ms):%Y-%m-%d}"
    except OverflowError:
        return "outside the calendar"
