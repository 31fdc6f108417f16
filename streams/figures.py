"""What a partition did since the last look: counts, rates and durations, nothing about the reports themselves."""

from __future__ import annotations

from typing import Any

from posko import metrics


class Figures:
    """Sums over batches since `start`, for a line in the log, and the same for Prometheus since the process began.

    Times are in seconds of any steady clock.
    """

    def __init__(self, start: float, stage: str = "", partition: int = 0) -> None:
        self._since = start
        self._counted = metrics.STREAM_REPORTS.labels(stage, str(partition))
        self._batches = metrics.STREAM_BATCH.labels(stage)
        self._work = metrics.STREAM_WORK.labels(stage)
        self._commit = metrics.STREAM_COMMIT.labels(stage)
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
        self._counted.inc(reports)
        self._batches.observe(reports)
        self._work.observe(work)
        self._commit.observe(commit)

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
