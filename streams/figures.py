"""What a partition did since the last look: counts, rates and durations, nothing about the reports themselves."""

from __future__ import annotations

from typing import Any


class Figures:
    """Sums over batches since `start`; times in seconds of any steady clock."""

    def __init__(self, start: float) -> None:
        self._since = start
        self._clear()

    def _clear(self) -> None:
        self.batches = self.reports = self.largest = 0
        self.work = self.commit = self.slowest = 0.0

    def add(self, reports: int, work: float, commit: float) -> None:
        """A batch of `reports` took `work` seconds of domain work and `commit` seconds in its transaction."""
        self.batches += 1
        self.reports += reports
        self.largest = max(self.largest, reports)
        self.work += work
        self.commit += commit
        self.slowest = max(self.slowest, work + commit)

    def line(self, now: float) -> dict[str, Any]:
        """The log fields of the time since the last call, which ends here; {} when nothing happened."""
        seconds, batches = max(now - self._since, 1e-9), self.batches
        self._since = now
        if not batches:
            return {}
        fields = {
            "reports": self.reports,
            "batches": batches,
            "largest": self.largest,
            "per_second": round(self.reports / seconds, 1),
            "work_ms": round(1000 * self.work / batches, 2),
            "commit_ms": round(1000 * self.commit / batches, 2),
            "slowest_ms": round(1000 * self.slowest, 1),
            "us_per_report": round(1e6 * (self.work + self.commit) / self.reports, 1),
        }
        self._clear()
        return fields
