"""The part of Grafana's HTTP API that a push uses, with its state in memory and its rules about what is refused.

Source: Grafana's HTTP API reference (data source, folder, dashboard, playlist, alerting provisioning), 9.3 to 11.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import unquote

ALERTING = "/api/v1/provisioning"


class Grafana:
    """What is stored, by kind and key, and every request made."""

    def __init__(self) -> None:
        self.stored: dict[str, dict[str, Any]] = {
            kind: {} for kind in ("datasources", "folders", "dashboards", "playlists", "rules", "contacts", "timings")
        }
        self.policies: dict[str, Any] = {
            "receiver": "grafana-default-email",
            "routes": [{"receiver": "others", "object_matchers": [["team", "=", "web"]]}],
        }
        self.requests: list[tuple[str, str]] = []
        self.address = ""

    def answer(self, method: str, path: str, body: Any) -> tuple[int, Any]:
        """Status and content."""
        self.requests.append((method, path))
        for prefix, kind, key in (
            ("/api/datasources", "datasources", "uid"),
            ("/api/folders", "folders", "uid"),
            ("/api/playlists", "playlists", "name"),
            (f"{ALERTING}/alert-rules", "rules", "uid"),
            (f"{ALERTING}/contact-points", "contacts", "uid"),
            (f"{ALERTING}/mute-timings", "timings", "name"),
        ):
            if path.startswith(prefix):
                return self._thing(method, path.removeprefix(prefix).strip("/").removeprefix("uid/"), kind, key, body)
        if path == "/api/dashboards/db":
            uid = body["dashboard"]["uid"]
            if uid in self.stored["dashboards"] and not body.get("overwrite"):
                return 412, {"message": "The dashboard has been changed by someone else"}
            if body["folderUid"] not in self.stored["folders"]:
                return 400, {"message": "folder not found"}
            self.stored["dashboards"][uid] = body["dashboard"]
            return 200, {"uid": uid, "url": f"/d/{uid}/x", "status": "success"}
        if path == f"{ALERTING}/policies":
            if method == "PUT":
                if any(route["receiver"] == "Posko" for route in body["routes"]) and not self.stored["contacts"]:
                    return 400, {"message": "receiver 'Posko' does not exist"}
                self.policies = body
                return 202, {"message": "policies updated"}
            return 200, self.policies
        return 404, {"message": f"{method} {path} is not known here"}

    def _thing(self, method: str, name: str, kind: str, key: str, body: Any) -> tuple[int, Any]:
        there = self.stored[kind]
        if kind == "playlists" and name:  # known by a uid that Grafana made
            name = next((known for known, one in there.items() if one["uid"] == name), "")
        if method == "GET":
            if not name:
                return 200, list(there.values())
            return (200, there[name]) if name in there else (404, {"message": "not found"})
        if method == "PUT":
            if name not in there:
                return 404, {"message": "not found"}
            there[name] = {**there[name], **body}
            return 200, there[name]
        if body[key] in there:
            return 409, {"message": "already exists"}
        if kind == "rules" and body["folderUID"] not in self.stored["folders"]:
            return 400, {"message": "folder does not exist"}
        there[body[key]] = {**body, "uid": body.get("uid", f"made-{len(there)}")}
        return 201, there[body[key]]


@contextmanager
def running(token: str) -> Iterator[Grafana]:
    """A server at `.address` that wants this token."""
    grafana = Grafana()

    class Handler(BaseHTTPRequestHandler):
        def _any(self) -> None:
            size = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(size)) if size else None
            if self.headers["Authorization"] != f"Bearer {token}":
                status, content = 401, {"message": "Unauthorized"}
            else:
                status, content = grafana.answer(self.command, unquote(self.path.partition("?")[0]), body)
            data = json.dumps(content).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = _any

        def log_message(self, *_: Any) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    grafana.address = f"http://127.0.0.1:{server.server_port}"
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield grafana
    finally:
        server.shutdown()
        server.server_close()
