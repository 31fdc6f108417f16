"""Messages as the sink meets them, for its tests: plausible ones, with what a test is about given by name."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID, uuid5

RECEIVED = 1_732_674_000_000  # 27 November 2024, 02:20 UTC
_IDS = UUID("6f5a1c3e-0d3b-4c0e-9a55-2b8d7c1f0e11")


def report_id(number: int) -> str:
    return str(uuid5(_IDS, str(number)))


def matched(number: int, **given: Any) -> dict[str, Any]:
    """The message of `reports.matched` of report `number`: partition and offset in `reports` follow from the number."""
    regency = ("16.71", "16.02", "16.03")[number % 3]
    received_at = RECEIVED + 1000 * number
    return {
        "report_id": report_id(number),
        "category": ("logistics", "security", "hoax", "asn_neutrality")[number % 4],
        "kind": "late",
        "text": "lgstk blm tiba",
        "channel": "app",
        "severity": 1 + number % 5,
        "reporter_id": f"kpps-{number % 50}",
        "role": "kpps",
        "institution": "kpu",
        "occurred_at": None if number % 2 else received_at - 60_000,
        "reported_at": received_at - 3_000,
        "received_at": received_at,
        "province": "16",
        "regency": regency,
        "district": f"{regency}.01",
        "village": f"{regency}.01.1001",
        "tps": f"{regency}.01.1001/004",
        "lat": -2.99,
        "lng": 104.75,
        "place_by": "tps",
        "place_m": 500,
        "place_name": "TPS 4",
        "scope": regency,
        "lead_agency": "kpu",
        "support_agencies": ["polres"],
        "ack_minutes": 15,
        "resolve_minutes": 120,
        "phase": "voting",
        "vulnerability": "",
        "marks": ["late"] if number % 7 == 0 else [],
        "attachments": [],
        "extra": {"note": {"nested": [1, "dua"]}},
        "content": f"{number:016x}",
        "source_partition": number % 2,
        "source_offset": number // 2,
        "incident_id": f"{regency}-A{number // 5:09d}",
        "match": "joined" if number % 5 else "new",
        "score": 0.75,
        "reasons": [{"what": "words", "score": 0.7, "detail": "tps 4"}],
        "duplicate": False,
        "conflict": False,
        **given,
    }


def incident(number: int, version: int = 1, **given: Any) -> dict[str, Any]:
    """State `version` of incident `number`, with one life-cycle event a version."""
    log = [
        {
            "seq": seq,
            "at": RECEIVED + seq,
            "actor": "kpps-1",
            "action": "opened" if seq == 1 else "note",
            "detail": f"{seq}",
        }
        for seq in range(1, version + 1)
    ]
    return {
        "incident_id": f"16.71-A{number:09d}",
        "scope": "16.71",
        "status": "new",
        "category": "logistics",
        "kind": "late",
        "title": "Logistik belum tiba",
        "severity": 4,
        "phase": "voting",
        "vulnerability": "",
        "province": "16",
        "regency": "16.71",
        "district": "16.71.01",
        "village": "",
        "tps": "",
        "lat": -2.99,
        "lng": 104.75,
        "place_m": 500,
        "place_name": "Kec. Ilir Barat II",
        "reports": version,
        "reporters": version,
        "institutions": 1,
        "first_at": RECEIVED,
        "last_at": RECEIVED + version,
        "opened_at": RECEIVED,
        "updated_at": RECEIVED + version,
        "lead_agency": "kpu",
        "support_agencies": ["polres"],
        "assigned_to": "",
        "ack_due": RECEIVED + 900_000,
        "resolve_due": RECEIVED + 7_200_000,
        "escalation": 0,
        "suggested": [],
        "version": version,
        "log": log,
        **given,
    }


@dataclass(frozen=True)
class Message:
    """A Kafka record as the sink sees it."""

    topic: str
    partition: int
    offset: int
    value: bytes | None
    key: bytes | None = b"16.71"
    timestamp: int = RECEIVED
    headers: Sequence[tuple[str, bytes]] = ()


def records(topic: str, values: Sequence[Any], partition: int = 0, start: int = 0) -> list[Message]:
    """The values as records of one partition; dictionaries become JSON, bytes and None stay."""
    return [
        Message(topic, partition, start + place, json.dumps(value).encode() if isinstance(value, dict) else value)
        for place, value in enumerate(values)
    ]


def rejection(offset: int, value: bytes | None, **headers: str) -> Message:
    """A record of `reports.rejected`, whose headers say where the message was in `reports`."""
    named = {"reason": "not_json", "field": "", "detail": "Not JSON.", "topic": "reports", "partition": "1"}
    named |= {"offset": str(offset), "received_at": str(RECEIVED)} | headers
    return Message(
        "reports.rejected", 0, offset, value, headers=[(name, text.encode()) for name, text in named.items()]
    )
