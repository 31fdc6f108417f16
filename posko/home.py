"""Where a reporter serves or lives: it tells places of one name apart, and stands in where a report names no place."""

from __future__ import annotations

import re
from typing import Any

from posko.regions import Regions
from posko.report import Report

DISTRICT = 8  # length of the code of a kecamatan
FIELDS = ("home", "area", "tps", "village", "district", "regency")  # of `reporter`, beside id, role, institution
# Many registers give people ids that say where they serve: kpps-16.71.01.1001-007-3.
_IN_ID = re.compile(r"(?<![0-9.])([0-9]{2}\.[0-9]{2}(?:\.[0-9]{2}(?:\.[0-9]{4})?)?)(?![0-9.])")
# These serve at one TPS or in one kelurahan: what they report without a place happens there.
_OF_TPS = ("kpps", "pengawas_tps", "linmas", "witness", "pantarlih")
_OF_VILLAGE = ("pps", "pkd", "babinsa", "bhabinkamtibmas", "kepala_desa", "lurah")
AT_HOME = frozenset((*_OF_TPS, *_OF_VILLAGE))


def home_of(regions: Regions, report: Report) -> str:
    """The code of the reporter's home, `""` if neither fields beside their id nor the id itself say."""
    more: Any = report.extra.get("reporter") if report.extra else None
    if type(more) is dict:
        for name in FIELDS:
            value = more.get(name)
            if isinstance(value, str) and (code := regions.normalise_code(value.partition("/")[0])):
                return code if regions.get(code) else ""
    said = _IN_ID.search(report.reporter.id)
    return said[1] if said and regions.get(said[1]) else ""


def event_at_home(report: Report, home: str) -> str:
    """Where something happened that a reporter tells without a place: the kelurahan of one who serves at a TPS or in a
    kelurahan, the kecamatan of others."""
    return home if report.reporter.role in AT_HOME else home[:DISTRICT]
