"""Asking through Grafana: what its query API gets, and what its frames become."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from pydantic import SecretStr

from dashboards.grafana import asking, checking
from dashboards.grafana.model import Column, Kind, Panel
from posko.settings import Settings

FRAME = {
    "schema": {"fields": [{"name": "time", "type": "time"}, {"name": "reports", "type": "number"}]},
    "data": {"values": [[1732665600000, 1732665900000], [3, 5]]},
}


class Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        server: Any = self.server
        server.asked.append((self.path, self.headers["Authorization"], body))
        status, result = server.reply
        data = json.dumps({"results": {"A": result}}).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: Any) -> None: ...


@pytest.fixture
def server() -> Iterator[Any]:
    made: Any = HTTPServer(("127.0.0.1", 0), Handler)
    made.asked, made.reply = [], (200, {"frames": [FRAME]})
    threading.Thread(target=made.serve_forever, daemon=True).start()
    yield made
    made.shutdown()
    made.server_close()


def settings(server: Any) -> Settings:
    return Settings(grafana=f"http://127.0.0.1:{server.server_port}", grafana_token=SecretStr("a-token"))


def test_variables_are_put_in_and_macros_are_left_to_the_plugin(server: Any) -> None:
    with asking.door(settings(server)) as ask:
        answer = ask(
            "SELECT 1 WHERE $__timeFilter(at) AND $__conditionalAll(r IN (${kabupaten:singlequote}), $kabupaten)",
            {"kabupaten": ["16.71"]},
            asking.until_now(1),
        )
    ((path, token, body),) = server.asked
    assert (path, token) == ("/api/ds/query", "Bearer a-token")
    (query,) = body["queries"]
    assert query["rawSql"] == "SELECT 1 WHERE $__timeFilter(at) AND r IN ('16.71')"
    assert query["datasource"]["uid"] == "posko-clickhouse"
    assert int(body["to"]) - int(body["from"]) == 3_600_000
    assert answer.columns == ("time", "reports")
    assert answer.kinds == ("time", "number")
    assert answer.rows == [(1732665600000, 3), (1732665900000, 5)]


def test_frames_of_grafana_satisfy_a_graph(server: Any) -> None:
    panel = Panel(Kind.SERIES, "hoax_speed", "", (Column("reports", "Laporan", "short"),), 12, 8)
    with asking.door(settings(server)) as ask:
        assert checking.judge(panel, ask("SELECT 1", {}, asking.until_now(1))) == ""


def test_what_grafana_refuses_is_said(server: Any) -> None:
    server.reply = (400, {"error": "code: 47, message: Unknown identifier", "frames": []})
    with asking.door(settings(server)) as ask, pytest.raises(asking.Refused, match="Unknown identifier"):
        ask("SELECT nothing", {}, asking.until_now(1))
