"""Whether a well-formed report can be accepted: codes that exist, times that say something. Asked by intake, and at the
door before, so that whoever sends it is told what intake would refuse later."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime, time, timedelta

from posko.catalog import Catalog, Category, Kind
from posko.election import Election
from posko.report import Invalid, Report
from posko.report_errors import shown

PLAUSIBLE_MS = 366 * 24 * 3_600_000
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class Checks:
    """The checks that need the catalogue and the day of the election; `posko.place.check_codes` has that of places."""

    def __init__(self, election: Election, catalog: Catalog) -> None:
        self._date, self._catalog = election.date, catalog
        self._day = int(datetime.combine(election.date, time(12), election.timezone).timestamp() * 1000)

    def classify(self, report: Report) -> tuple[Category, Kind | None]:
        """The category and kind of a report. Raises Invalid for a code that the catalogue does not have."""
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

    def clock(self, report: Report, now: int) -> None:
        """Refuse (Invalid) times that are more than a year from both `now` (ms) and the election: such a clock says
        nothing."""
        for field, at in (("reported_at", report.reported_at), ("occurred_at", report.occurred_at)):
            if at is not None and abs(at - now) > PLAUSIBLE_MS and abs(at - self._day) > PLAUSIBLE_MS:
                expected = f"expected a time within a year of now or of the election on {self._date}"
                raise Invalid("clock_implausible", field, f"{field} is {_utc(at)}; {expected}.")


def _unknown(what: str, field: str, value: str, known: Collection[str]) -> Invalid:
    return Invalid(f"unknown_{what}", field, f"{field} is {shown(value)}; expected one of {', '.join(known)}.")


def _utc(ms: int) -> str:
    """The day of a time, for people. An offset can push year 1 or 9999 just outside the calendar."""
    try:
        return f"{EPOCH + timedelta(milliseconds=ms):%Y-%m-%d}"
    except OverflowError:
        return "outside the calendar"
