"""What the other stream processors' sinks do with a batch: our decoding, one Arrow insert a kind.

Less than our sink does: they note no offsets beside the rows, claim no ids, and drop what they cannot decode.
"""

from __future__ import annotations

from collections.abc import Sequence

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from sinks import messages
from sinks.messages import Incident, Matched
from tests.bench.job import Job


def connect(job: Job) -> Client:
    host, _, port = job.clickhouse.removeprefix("http://").partition(":")
    return clickhouse_connect.get_client(
        host=host, port=int(port), username="posko", password=job.password, autogenerate_session_id=False
    )


def store_matched(client: Client, values: Sequence[bytes]) -> None:
    rows = messages.table(Matched, messages.decode(Matched, values).rows, messages.REPORT)
    client.insert_arrow("reports_rows", rows, database="posko")


def store_incidents(client: Client, values: Sequence[bytes]) -> None:
    latest = {row.incident_id: row for row in messages.decode(Incident, values).rows}
    rows = messages.table(Incident, list(latest.values()), messages.STATE)
    client.insert_arrow("incidents_rows", rows, database="posko")
