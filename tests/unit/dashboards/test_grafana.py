"""Dashboards as code: saved questions become queries, and pushing twice changes nothing."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from dashboards.grafana import build, common, push
from posko.settings import Settings, SettingsError
from sinks import queries


def targets(name: str) -> list[dict[str, Any]]:
    return [target for panel in build.model(name)["panels"] for target in panel["targets"]]


def test_parameters_become_the_given_expression_or_the_default_as_a_literal() -> None:
    sql = common.bound("newest_incidents", regency="${kabupaten:sqlstring}")
    assert "${kabupaten:sqlstring} = ''" in sql
    assert "LIMIT 20" in sql
    assert "{limit" not in sql


def test_a_parameter_the_question_does_not_have_is_refused() -> None:
    with pytest.raises(KeyError, match="no parameter nonsense"):
        common.bound("newest_incidents", nonsense="1")


@pytest.mark.parametrize("name", build.ALL)
def test_every_query_is_a_saved_question_for_the_provisioned_datasource(name: str) -> None:
    heads = {common.bound(question).split("\n")[0] for question in queries.names()}
    for target in targets(name):
        assert target["datasource"]["uid"] == "posko-clickhouse"
        assert target["rawSql"].split("\n")[0] in heads


@pytest.mark.parametrize("name", build.ALL)
def test_panels_do_not_overlap_and_stay_on_the_page(name: str) -> None:
    taken: set[tuple[int, int]] = set()
    for panel in build.model(name)["panels"]:
        at = panel["gridPos"]
        cells = {(at.get("x", 0) + x, at.get("y", 0) + y) for x in range(at["w"]) for y in range(at["h"])}
        assert not taken & cells, panel["title"]
        assert at.get("x", 0) + at["w"] <= 24, panel["title"]
        taken |= cells


class Grafana(BaseHTTPRequestHandler):
    """The part of Grafana's API that a push uses, with its state in memory."""

    def do_GET(self) -> None:
        self.answer(200, self.server.folders)  # type: ignore[attr-defined]

    def do_PUT(self) -> None:
        known = self.path.rsplit("/", 1)[-1] in self.server.sources  # type: ignore[attr-defined]
        body = self.body()
        if known:
            self.server.sources[body["uid"]] = body  # type: ignore[attr-defined]
        self.answer(200 if known else 404, {"message": "Data source not found" if not known else "updated"})

    def do_POST(self) -> None:
        body = self.body()
        server: Any = self.server
        if self.path.endswith("/datasources"):
            server.sources[body["uid"]] = body
            self.answer(200, {"id": 1})
        elif self.path.endswith("/folders"):
            server.folders.append(body)
            self.answer(200, body)
        else:
            uid = body["dashboard"]["uid"]
            server.dashboards[uid] = body
            self.answer(200, {"uid": uid, "url": f"/d/{uid}/situasi", "status": "success"})

    def body(self) -> dict[str, Any]:
        assert self.headers["Authorization"] == "Bearer a-token"
        content: dict[str, Any] = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        return content

    def answer(self, status: int, content: Any) -> None:
        data = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def grafana() -> Iterator[Any]:
    server: Any = HTTPServer(("127.0.0.1", 0), Grafana)
    server.sources, server.folders, server.dashboards = {}, [], {}
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server
    server.shutdown()
    server.server_close()


def test_pushing_twice_leaves_one_datasource_one_folder_and_each_dashboard_once(grafana: Any) -> None:
    settings = Settings(
        grafana=f"http://127.0.0.1:{grafana.server_port}",
        grafana_token=SecretStr("a-token"),
        clickhouse="https://clickhouse.example:8443",
        dashboard_password=SecretStr("secret"),
    )
    first = list(push.push(settings))
    assert list(push.push(settings)) == first
    source = grafana.sources["posko-clickhouse"]
    assert (source["jsonData"]["host"], source["jsonData"]["port"], source["jsonData"]["secure"]) == (
        "clickhouse.example",
        8443,
        True,
    )
    assert source["jsonData"]["username"] == "dashboard"
    assert [folder["uid"] for folder in grafana.folders] == ["posko"]
    assert set(grafana.dashboards) == {"posko-situasi"}


def test_a_push_without_address_or_token_says_which_setting_is_missing() -> None:
    with pytest.raises(SettingsError, match="POSKO_GRAFANA="):
        list(push.push(Settings()))
    with pytest.raises(SettingsError, match="POSKO_GRAFANA_TOKEN"):
        list(push.push(Settings(grafana="http://127.0.0.1:1")))
