"""`posko rebuild`: empty the tables and let the sinks fill them again from Kafka, while they run.

1. `emptying` is noted under a new generation: sinks that see it wait.
2. The tables are emptied. A sink that has not seen it yet may still store a batch: those rows are stored again below,
and collapse.
3. `filling` is noted: sinks find no positions in the new generation and start at the beginning of Kafka. Positions
that a late sink still writes belong to the old generation and count no more, so nothing can be skipped. When the
command is interrupted between 1 and 3 the sinks keep waiting; running it again completes it.
"""

from __future__ import annotations

from clickhouse_connect.driver.client import Client

from sinks import offsets

# Tables that are filled from Kafka, and no others: migrations, consumed, rebuilds, regions and pipeline stay.
TABLES = (
    "reports_rows",
    "resends_rows",
    "report_ids",
    "superseded",
    "reports_by_minute_rows",
    "reports_by_hour_rows",
    "incidents_rows",
    "incident_log_rows",
    "notifications_rows",
    "report_moves_rows",
    "merged_rows",
    "rejected_rows",
)


def begin(client: Client) -> int:
    """Empty the tables and open a new generation; returns its number. Filling them is the sinks' work."""
    number = offsets.generation(client).number + 1
    offsets.announce(client, number, offsets.EMPTYING)
    for table in TABLES:
        client.command(f"TRUNCATE TABLE IF EXISTS posko.{table}")
    offsets.announce(client, number, offsets.FILLING)
    return number
