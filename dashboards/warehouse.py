"""The dashboards' door to ClickHouse: the read-only user, saved questions only."""

from __future__ import annotations

from typing import Any

import clickhouse_connect
from clickhouse_connect.driver.client import Client

from posko.settings import Settings
from sinks import queries


class Warehouse:
    """Asks saved questions (`sinks/queries/NAME.sql`) as the read-only user. One caller at a time."""

    def __init__(self, settings: Settings) -> None:
        self._client: Client = clickhouse_connect.get_client(
            **settings.reader_client_options,
            connect_timeout=5,
            send_receive_timeout=30,
            autogenerate_session_id=False,
        )

    def ask(self, name: str, **given: Any) -> list[dict[str, Any]]:
        """The answer to a saved question, a dictionary a row; `given` overrides its parameters' defaults.

        Raises clickhouse_connect's errors when ClickHouse refuses or cannot be reached.
        """
        question = queries.load(name)
        rows = self._client.query(question.sql, parameters={**question.params, **given})
        return list(rows.named_results())

    def close(self) -> None:
        """Close the connection."""
        self._client.close()
