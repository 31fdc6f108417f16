"""How times are said to people."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

JAKARTA = ZoneInfo("Asia/Jakarta")


class Clock:
    """Moments (ms since 1970 UTC) in the election's time zone."""

    def __init__(self, timezone: ZoneInfo = JAKARTA) -> None:
        self._zone = timezone

    def time(self, at: int) -> str:
        """`10.32 WIB`."""
        return f"{self._local(at):%H.%M %Z}"

    def minute_of_day(self, at: int) -> int:
        """Minutes since local midnight."""
        local = self._local(at)
        return local.hour * 60 + local.minute

    def _local(self, at: int) -> datetime:
        return datetime.fromtimestamp(at / 1000, UTC).astimezone(self._zone)
