"""Whether a report can be accepted, said at the door: what intake would refuse later is refused now, to its sender."""

from __future__ import annotations

from posko.checks import Checks
from posko.context import Context
from posko.place import check_codes
from posko.report import parse


class Check:
    """The checks of `posko.report`, and those of intake that need no matching: codes, clocks, places."""

    def __init__(self, context: Context) -> None:
        self._regions = context.regions
        self._checks = Checks(context.election, context.catalog)

    def __call__(self, raw: bytes, now: int) -> str:
        """The id, in normal form, of the report in these bytes. `now`: ms. Raises Invalid."""
        report = parse(raw)
        self._checks.classify(report)
        self._checks.clock(report, now)
        check_codes(self._regions, report)
        return report.report_id

    def locate(self, lat: float, lng: float) -> str:
        """The code of the smallest region that holds a point, `""` far from all."""
        found = self._regions.locate(lat, lng)
        return found.code if found else ""
