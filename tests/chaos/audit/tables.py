"""Tables against topics: every message is stored once, in the right table, with what it says."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from tests.chaos.findings import Findings
from tests.chaos.ledger import Place

REPORTS = "each match is one row of reports or of resends"
REJECTED = "each rejected message is one row of rejected"
INCIDENTS = "each incident's row is its last state"
LOG = "each step of an incident is one row of incident_log"
NO_ROW = "is in no row"

TEXTS = (
    "report_id", "incident_id", "match", "category", "kind", "text", "province", "regency", "district", "village",
    "tps", "place_name", "place_by", "reporter_id", "role", "institution", "channel", "scope", "phase",
    "vulnerability", "lead_agency", "content",
)  # fmt: skip
NUMBERS = ("severity", "lat", "lng", "ack_minutes", "resolve_minutes")
LISTS = ("marks", "support_agencies")
JSON = ("reasons", "attachments", "extra")
INCIDENT_JSON = ("suggested", "contradictions", "sources", "quotes")
TIMES = ("occurred_at", "reported_at", "received_at")
REPORT_FIELDS = (*TEXTS, *NUMBERS, *LISTS, *JSON, *TIMES)
RESEND_FIELDS = (
    "report_id", "incident_id", "content", "category", "text", "regency", "district", "reporter_id", "channel",
    "reported_at", "received_at",
)  # fmt: skip
INCIDENT_FIELDS = (
    "incident_id", "scope", "status", "category", "kind", "title", "severity", "phase", "vulnerability", "province",
    "regency", "district", "village", "tps", "lat", "lng", "place_m", "place_name", "reports", "reporters",
    "institutions", "first_at", "last_at", "opened_at", "updated_at", "lead_agency", "support_agencies", "assigned_to",
    "ack_due", "resolve_due", "escalation", "suggested", "version", "summary", "confidence", "severity_claimed",
    "severity_corroborated", "contradictions", "sources", "quotes", "merged_into", "escalate_at",
    "reports_since_closed",
)  # fmt: skip


@dataclass
class Stored:
    """What should be in `reports` and `resends`: a fingerprint for each place, made from the matched messages."""

    _first: dict[str, tuple[int, Place]] = field(default_factory=dict)
    _reports: dict[Place, tuple[str, int, int]] = field(default_factory=dict)
    _resends: dict[Place, int] = field(default_factory=dict)

    def add(self, message: Mapping[str, Any]) -> None:
        """Take a message of `reports.matched`."""
        place = (message["source_partition"], message["source_offset"])
        again = fingerprint(message, RESEND_FIELDS)
        if message["duplicate"]:
            self._resends[place] = again
            return
        self._reports[place] = (message["report_id"], fingerprint(message, REPORT_FIELDS), again)
        key = (message["received_at"], place)
        self._first[message["report_id"]] = min(self._first.get(message["report_id"], key), key)

    def reports(self) -> dict[Place, int]:
        """Of an id that came out of two scopes the first one received counts (decision 6)."""
        return {place: mine for place, (name, mine, _) in self._reports.items() if self._first[name][1] == place}

    def resends(self) -> dict[Place, int]:
        """Repetitions, and what another scope had received before."""
        later = {place: again for place, (name, _, again) in self._reports.items() if self._first[name][1] != place}
        return self._resends | later


def compare(
    promise: str, wanted: Mapping[Any, Any], rows: Iterable[tuple[Any, Any]], found: Findings, table: str
) -> None:
    """Each key of `wanted` is in `rows` once, with the same value, and no other is."""
    check = found.check(promise)
    check.looked += len(wanted)
    left = dict(wanted)
    for key, value in rows:
        if key not in wanted:
            check.add("wrong", f"{key} is in {table} and should not be")
        elif key not in left:
            check.add("doubled", f"{key} is more than once in {table}")
        elif left.pop(key) != value:
            check.add("wrong", f"{key} has other content in {table} than in its message")
    for key in left:
        check.add("lost", f"{key} is not in {table}")


def fingerprint(message: Mapping[str, Any], fields: Sequence[str]) -> int:
    """A number that stands for these fields, the same for a message and for its row. In this process only."""
    return hash(tuple(plain(name, message[name]) for name in fields))


def plain(name: str, value: Any) -> Any:
    """A value as it can be compared: lists as tuples, JSON as text, numbers as ClickHouse keeps them."""
    if name in JSON or name in INCIDENT_JSON:
        return value if isinstance(value, str) else orjson.dumps(value).decode()
    if name == "place_m" and value is not None:
        return struct.unpack("f", struct.pack("f", value))[0]
    if name in ("lat", "lng") and value is not None:
        return float(value)
    return tuple(value) if isinstance(value, (list, tuple)) else value


def selected(name: str) -> str:
    """How a column is asked for: times as integer milliseconds."""
    return f"toUnixTimestamp64Milli({name})" if name.endswith(("_at", "_due")) else name
