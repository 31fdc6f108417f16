"""A small catalogue and enriched reports to correlate."""

from hashlib import blake2b
from uuid import UUID

import pytest

from posko.catalog import Catalog

MINUTE = 60_000
START = 1_732_665_600_000  # 27 November 2024, 07:00 in Palembang


@pytest.fixture(scope="session")
def catalog():
    return Catalog.load()


@pytest.fixture(scope="session")
def enriched():
    """`enriched(number, text, minute=, tps=, village=, ...)`: a message of `reports.enriched`."""

    def make(number, text="logistik belum tiba, perahu kandas di sungai", minute=0, **changes):
        village = changes.pop("village", "16.02.05.2001")
        tps = changes.pop("tps", 0)
        at = START + minute * MINUTE
        report = {
            "report_id": str(UUID(int=number)), "category": "logistics", "kind": "late", "text": text, "channel": "sms",
            "severity": 3, "reporter_id": f"person-{number}", "role": "kpps", "institution": "kpu",
            "occurred_at": None, "reported_at": at, "received_at": at,
            "province": "16", "regency": "16.02", "district": village[:8] or "16.02.05", "village": village,
            "tps": f"{village}/{tps:03d}" if tps else "", "lat": -3.4, "lng": 104.8, "place_m": 2000.0,
            "place_by": "tps" if tps else "area", "place_name": f"TPS {tps}, Tanjung Baru" if tps else "Tanjung Baru",
            "scope": "16.02", "lead_agency": "kpu", "support_agencies": ["polri"], "ack_minutes": 30,
            "resolve_minutes": 240, "phase": "voting", "vulnerability": "", "marks": [], "attachments": [],
            "extra": {}, "source_partition": 0, "source_offset": number,
        }  # fmt: skip
        if changes.get("category") == "hoax":
            report |= {"kind": "marked_ballots", "scope": "16", "village": "", "district": "", "regency": "", "tps": ""}
            report |= {"lat": None, "lng": None, "place_m": None, "place_by": "", "place_name": ""}
        report |= changes
        content = f"{report['text']}{report['tps']}{report['severity']}{report['reported_at']}"
        return {**report, "content": blake2b(content.encode(), digest_size=8).hexdigest()}

    return make
