"""Whether Kafka and ClickHouse answer now: short questions with a limit, for health checks."""

from __future__ import annotations

import urllib.error
import urllib.request
from http.client import HTTPException

from posko import kafka_admin
from posko.settings import Settings

ANSWER_S = 2.0
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


def kafka(settings: Settings) -> str:
    """`""` when the broker answers, else a sentence that says which one does not."""
    if kafka_admin.answers(settings.kafka_address, ANSWER_S):
        return ""
    return f"Kafka at {settings.kafka_address} does not answer"


def clickhouse(settings: Settings) -> str:
    """`""` when ClickHouse answers `SELECT 1` to its user, else a sentence that says what happened."""
    request = urllib.request.Request(  # noqa: S310 the address of our own settings
        f"{settings.clickhouse_url.rstrip('/')}/?query=SELECT+1",
        headers={
            "X-ClickHouse-User": settings.clickhouse_user,
            "X-ClickHouse-Key": settings.clickhouse_password.get_secret_value(),
        },
    )
    try:
        with _DIRECT.open(request, timeout=ANSWER_S) as answer:
            if answer.read(10).strip() == b"1":
                return ""
        return f"{settings.clickhouse_url} is no ClickHouse"
    except urllib.error.HTTPError as error:
        code = error.headers.get("X-ClickHouse-Exception-Code", "none")
        return f"ClickHouse at {settings.clickhouse_url} refuses SELECT 1: HTTP status {error.code}, code {code}"
    except (OSError, HTTPException):
        return f"ClickHouse at {settings.clickhouse_url} does not answer"
