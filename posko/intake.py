"""Intake: one message of `reports` becomes one enriched report, or is refused. docs/messages.md names every field."""

from __future__ import annotations

from hashlib import blake2b
from pathlib import Path
from typing import Any

import msgspec

from posko.about import about
from posko.catalog import Catalog
from posko.checks import Checks
from posko.claims import Watched
from posko.election import Election
from posko.matching import RuleBook
from posko.place import Place, Places
from posko.regions import Regions, codes
from posko.report import Report, parse
from posko.settings import Settings

MINUTE_MS = 60_000
HOUR_MS = 60 * MINUTE_MS
DAY_MS = 24 * HOUR_MS
AHEAD_MS = 5 * MINUTE_MS  # clocks of phones that set themselves differ by less
LATE_MS = HOUR_MS
OLD_MS = 30 * DAY_MS  # not late but played again
NOWHERE = "00"  # the scope of what has no place in an election of all Indonesia; no province has this code


class Intake:
    """Validates, places and enriches reports. The same message always gives the same result; nothing is remembered."""

    def __init__(self, election: Election, catalog: Catalog, regions: Regions, claims: Path | None = None) -> None:
        """`claims`: the file of known claims; without it the one that the settings name. It need not exist."""
        self._election, self._regions = election, regions
        self._checks = Checks(election, catalog)
        self._places = Places(regions)
        self._home = election.area[:2] if election.area not in ("", "id") else ""  # province of the election
        rules = RuleBook(catalog).rules("hoax", "")
        self._claims = Watched(claims or Settings().claims_file, rules)
        self._encoder = msgspec.json.Encoder(order="deterministic")

    def enrich(self, raw: bytes | None, received_at: int, partition: int, offset: int) -> dict[str, Any]:
        """The enriched message for the value of a message that the broker received at `received_at` (ms).

        Raises report.Invalid with reason, field and detail when the message is no acceptable report.
        """
        report = parse(raw)
        category, kind = self._checks.classify(report)
        self._checks.clock(report, received_at)
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
