"""Incidents for tests of the board."""

from __future__ import annotations

from typing import Any

from dashboards.board.situation import Incident

NOW = 1_732_669_200_000
MINUTE = 60_000


def incident(number: int = 1, **changes: Any) -> Incident:
    known: dict[str, Any] = {
        "incident_id": f"16.71-{number:010d}", "version": 1, "status": "new", "category": "logistics", "kind": "late",
        "title": "Logistik terlambat", "summary": "kotak suara belum tiba", "severity": 3, "confidence": "unconfirmed",
        "province": "16", "regency": "16.71", "district": "16.71.01", "village": "16.71.01.1001",
        "place_name": "35 Ilir, Kec. Ilir Barat II, Kota Palembang", "reports": 1, "reporters": 1, "institutions": 1,
        "opened_at": NOW - MINUTE, "updated_at": NOW - MINUTE, "lead_agency": "kpu", "support_agencies": ("polri",),
        "assigned_to": "", "ack_due": NOW + 60 * MINUTE, "resolve_due": NOW + 120 * MINUTE, "escalation": 0,
        "merged_into": "", "reports_since_closed": 0, "linked": False, "contradicted": False,
    }  # fmt: skip
    return Incident(**(known | changes))
