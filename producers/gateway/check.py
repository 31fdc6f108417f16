"""Whether a report can be accepted, said at the door: what intake would refuse later is refused now, to its sender."""

from __future__ import annotations

from posko.context import Context
from posko.report import Invalid, Report, parse

DAY_MS = 86_400_000
PLAUSIBLE_MS = 366 * DAY_MS


class Check:
    """The checks of `posko.report`, and those of intake that need no matching: codes, places, clocks."""

    def __init__(self, context: Context) -> None:
        self._catalog, self._regions = context.catalog, context.regions
        phases = context.election.phases
        self._day = (phases[0].start_ms + phases[-1].end_ms) // 2

    def __call__(self, raw: bytes, now: int) -> str:
        """The id, in normal form, of the report in these bytes. `now`: ms. Raises Invalid."""
        report = parse(raw)
        self._codes(report)
        self._places(report)
        for field, at in (("reported_at", report.reported_at), ("occurred_at", report.occurred_at)):
            if at is not None and abs(at - now) > PLAUSIBLE_MS and abs(at - self._day) > PLAUSIBLE_MS:
                raise Invalid(
                    "clock_implausible", field, f"{field} is more than a year from both now and the election."
                )
        return report.report_id

    def locate(self, lat: float, lng: float) -> str:
        """The code of the smallest region that holds a point, `""` far from all."""
        found = self._regions.locate(lat, lng)
        return (found.village or found.district or found.regency or found.province) if found else ""

    def _codes(self, report: Report) -> None:
        catalog, reporter = self._catalog, report.reporter
        category = catalog.categories.get(report.category)
        if category is None:
            raise _unknown("category", "category")
        if report.kind and report.kind not in category.kinds:
            raise _unknown("kind", "kind")
        if reporter.role not in catalog.roles:
            raise _unknown("role", "reporter.role")
        if reporter.institution not in catalog.institutions:
            raise _unknown("institution", "reporter.institution")

    def _places(self, report: Report) -> None:
        if report.area and self._regions.get(report.area) is None:
            raise _unknown("place", "area")
        if report.tps and self._regions.get(report.tps.partition("/")[0]) is None:
            raise _unknown("place", "tps")


def _unknown(what: str, field: str) -> Invalid:
    return Invalid(f"unknown_{what}", field, f"{field} is a code that is not known.")
