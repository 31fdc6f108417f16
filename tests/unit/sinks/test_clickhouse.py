from __future__ import annotations

import pytest
from clickhouse_connect.driver.exceptions import DatabaseError, OperationalError
from urllib3.exceptions import MaxRetryError

from sinks.clickhouse import Verdict, is_disk_full, judge


@pytest.mark.parametrize(
    ("error", "verdict"),
    [
        (OperationalError("connection refused"), Verdict.WAIT),
        (MaxRetryError(None, "/"), Verdict.WAIT),  # type: ignore[arg-type]
        (ConnectionResetError(), Verdict.WAIT),
        (DatabaseError("TOO_MANY_PARTS", code=252), Verdict.WAIT),
        (DatabaseError("MEMORY_LIMIT_EXCEEDED", code=241), Verdict.WAIT),
        (DatabaseError("Cannot reserve 1.00 MiB: NOT_ENOUGH_SPACE", code=243), Verdict.WAIT),
        (DatabaseError("write: No space left on device", code=1001), Verdict.WAIT),
        (DatabaseError("CANNOT_PARSE_UUID", code=376), Verdict.CONTENT),
        (DatabaseError("UNKNOWN_TABLE", code=60), Verdict.STOP),
        (DatabaseError("ACCESS_DENIED", code=497), Verdict.STOP),
        (KeyError("a mistake of ours"), Verdict.STOP),
    ],
    ids=lambda value: value.value if isinstance(value, Verdict) else str(value)[:40],
)
def test_an_error_is_waited_for_blamed_on_a_message_or_ends_the_sink(error: Exception, verdict: Verdict) -> None:
    assert judge(error) is verdict


def test_a_full_disk_is_told_from_other_troubles() -> None:
    assert is_disk_full(DatabaseError("Cannot reserve 1.00 MiB, not enough space", code=243))
    assert not is_disk_full(OperationalError("connection refused"))
