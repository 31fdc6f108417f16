"""Migrations, regions, saved questions and the description of the tables, against the real engine."""

from __future__ import annotations

import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import clickhouse_connect
import pytest
from clickhouse_connect.driver.client import Client

from posko.regions import Region
from posko.settings import Settings
from sinks import clickhouse, migrate, queries, regions
from sinks.migrate import MigrationError
from sinks.writer import Writer
from tests.integration.sink_tables import empty, one
from tests.unit.sinks.examples import incident, matched, records, rejection

DOCS = Path(__file__).parents[2] / "docs" / "tables.md"
# What other rooms and people rely on, by the design. More columns may be there, none of these may go.
PROMISED = {
    "reports": "report_id incident_id match score category kind text severity province regency district village tps "
    "lat lng reporter_id role institution channel occurred_at reported_at received_at stored_at",
    "incidents": "incident_id status category title severity province regency district village tps lat lng reports "
    "reporters institutions first_at last_at lead_agency assigned_to ack_due resolve_due escalation version",
    "incident_log": "incident_id at actor action detail version",
    "rejected": "topic partition offset received_at reason field raw",
    "regions": "code level name parent lat lng tps",
}


@pytest.fixture
def client(engine: Settings) -> Iterator[Client]:
    with empty(engine) as client:
        yield client


def columns(client: Client, table: str) -> list[str]:
    return [row[0] for row in client.query(f"DESCRIBE TABLE posko.{table}").result_rows]


@pytest.mark.parametrize("table", PROMISED)
def test_a_table_has_the_columns_others_rely_on(client: Client, table: str) -> None:
    assert set(PROMISED[table].split()) <= set(columns(client, table))


def test_the_description_for_analysts_names_exactly_the_columns_there_are(client: Client) -> None:
    text = DOCS.read_text(encoding="utf-8")
    described = {
        name: re.findall(r"^\| `(\w+)` \|", body[body.index("| column |") :].partition("\n\n")[0], re.MULTILINE)
        for name, body in re.findall(r"^### `(\w+)`\n(.*?)(?=^##|\Z)", text, re.MULTILINE | re.DOTALL)
    }
    assert set(PROMISED) <= set(described)
    assert described == {name: columns(client, name) for name in described}


def test_migrations_are_applied_once(client: Client) -> None:
    assert migrate.apply(client) == []
    assert one(client, "SELECT count() FROM posko.migrations FINAL") == len(migrate.load())


def test_two_sinks_that_start_at_once_apply_them_together(engine: Settings) -> None:
    with clickhouse.connect(engine) as client:
        client.command("DROP DATABASE IF EXISTS posko")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda _: migrate.apply(clickhouse.connect(engine)), range(2)))
    with clickhouse.connect(engine) as client:
        assert migrate.apply(client) == []
        assert one(client, "SELECT count() FROM posko.migrations FINAL") == len(migrate.load())


def test_a_migration_changed_after_it_was_applied_is_refused(client: Client) -> None:
    changed = migrate.load()
    changed[1] = replace(changed[1], sql=changed[1].sql + "\n-- a change")
    with pytest.raises(MigrationError, match=r"0002_reports\.sql was changed after it was applied"):
        migrate.apply(client, changed)


def test_a_database_of_a_newer_version_is_refused(client: Client) -> None:
    with pytest.raises(MigrationError, match="newer version"):
        migrate.apply(client, migrate.load()[:-1])


def test_regions_are_replaced_as_a_whole_when_they_change(client: Client) -> None:
    palembang = Region("16.71", "regency", "Kota Palembang", "16", -2.99, 104.75, 2445, False)
    province = Region("16", "province", "Sumatera Selatan", "", None, None, None, False)
    regions.load(client, [province])
    assert regions.load(client, [province, palembang])
    assert not regions.load(client, [province, palembang])
    rows = client.query("SELECT code, name, lat, tps FROM posko.regions ORDER BY code").result_rows
    assert rows == [("16", "Sumatera Selatan", None, None), ("16.71", "Kota Palembang", -2.99, 2445)]
    assert [name for (name,) in client.query("SHOW TABLES FROM posko LIKE 'regions%'").result_rows] == ["regions"]


@pytest.mark.parametrize("name", queries.names())
def test_every_saved_question_is_answered_for_the_dashboards_user(client: Client, engine: Settings, name: str) -> None:
    writer = Writer(client)
    writer.matched(records("reports.matched", [matched(number) for number in range(20)]))
    writer.incidents(records("incidents", [incident(number) for number in range(4)]))
    writer.rejected([rejection(1, b"x")])
    writer.settle()
    question = queries.load(name)
    given = dict(question.params)
    given |= {key: 10_000_000 for key in ("minutes", "hours", "seconds") if key in given}  # the examples are of 2024
    if "incident_id" in given:
        given["incident_id"] = incident(1)["incident_id"]
    with clickhouse_connect.get_client(**engine.reader_client_options) as reader:
        answer = reader.query(question.sql, parameters=given)
    expected_empty = {"pipeline_lag", "latency"}  # nothing came through a sink here
    assert bool(answer.result_rows) == (name not in expected_empty)
