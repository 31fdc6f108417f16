"""Signing in to the board: one-time passwords, lockout, forged requests, and an institution's OpenID Connect.

The institution is a small real provider on this machine. Kafka and ClickHouse are not needed: the board says that the
database is away and lets people in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlencode, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey

from dashboards.board.accounts import passwords
from dashboards.board.accounts.database import NAME, Database
from dashboards.board.accounts.events import Events
from dashboards.board.accounts.users import Users
from posko import settings
from tests.processes import free_ports, process, wait_until

CLIENT, SECRET = "posko-papan", "rahasia-untuk-uji"
CHOSEN = "tiga perahu berlabuh"


class Institution:
    """An OpenID provider that signs in whoever `subject` says; what is set on it is what it gets wrong."""

    def __init__(self) -> None:
        self.key, self.other = (RSAKey.generate_key(2048, {"kid": "k1"}) for _ in range(2))
        self.subject: dict[str, Any] = {}
        self.wrong: dict[str, Any] = {}
        self.signs_with = self.key
        self._asked: dict[str, dict[str, str]] = {}
        institution = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                path, query = urlsplit(self.path).path, parse_qs(urlsplit(self.path).query)
                if path == "/authorize":
                    given = {name: values[0] for name, values in query.items()}
                    institution._asked["code-1"] = given
                    back = urlencode({"code": "code-1", "state": given["state"]})
                    self.send_response(302)
                    self.send_header("Location", f"{given['redirect_uri']}?{back}")
                    self.end_headers()
                    return
                self._json(institution.discovery() if "well-known" in path else institution.keys())

            def do_POST(self) -> None:
                body = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                self._json(institution.token({name: values[0] for name, values in body.items()}, self.headers))

            def _json(self, content: dict[str, Any]) -> None:
                body = json.dumps(content).encode()
                self.send_response(400 if "error" in content else 200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, args=(0.1,), daemon=True).start()

    def discovery(self) -> dict[str, Any]:
        paths = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
        return {"issuer": self.issuer, **{name: f"{self.issuer}/{path}" for name, path in paths.items()}}

    def keys(self) -> dict[str, Any]:
        return {"keys": [self.key.as_dict(private=False)]}

    def token(self, given: dict[str, str], headers: Any) -> dict[str, Any]:
        asked = self._asked.pop(given.get("code", ""), None)
        challenge = base64.urlsafe_b64encode(hashlib.sha256(given["code_verifier"].encode()).digest()).rstrip(b"=")
        known = "Basic " + base64.b64encode(f"{CLIENT}:{SECRET}".encode()).decode()
        if not asked or asked["code_challenge"] != challenge.decode() or headers["Authorization"] != known:
            return {"error": "invalid_grant"}
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "iat": now, "exp": now + 60, "nonce": asked["nonce"]}
        signed = jwt.encode({"alg": "RS256", "kid": "k1"}, claims | self.subject | self.wrong, self.signs_with)
        return {"access_token": "x", "token_type": "Bearer", "id_token": signed}


class Board:
    """A running board and its accounts."""

    def __init__(self, data: Path, address: str, institution: Institution) -> None:
        self.data, self.address, self.institution = data, address, institution
        self.users, self.events = Users(Database(data)), Events(Database(data))

    def browser(self) -> httpx.Client:
        return httpx.Client(base_url=self.address, trust_env=False, timeout=20)

    def sign_in(self, client: httpx.Client, name: str, password: str) -> httpx.Response:
        return client.post("/masuk", data={"name": name, "password": password, "_csrf_token": token(client)})


def token(client: httpx.Client) -> str:
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', client.get("/masuk").text)
    assert found
    return found[1]


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    data, base = tmp_path_factory.mktemp("board"), free_ports()
    known, institution = settings.load(data=data, port_base=base), Institution()
    environment = {
        "POSKO_OIDC_ISSUER": institution.issuer,
        "POSKO_OIDC_CLIENT": CLIENT,
        "POSKO_OIDC_SECRET": SECRET,
        "POSKO_READY_FILE": str(data / "ready"),
    }
    command = [sys.executable, "-m", "posko", "board", "--data", str(data), "--port-base", str(base)]
    log = data / "board.log"
    with process(command, log, environment) as running:
        wait_until((data / "ready").exists, running, log)
        yield Board(data, known.board_address, institution)
    institution.server.shutdown()


def now() -> int:
    return int(time.time() * 1000)


def test_a_one_time_password_lets_in_to_choose_ones_own_and_nowhere_else(board: Board):
    once = board.users.add("anna", "operator", [], "posko", now())
    with board.browser() as client:
        assert board.sign_in(client, "anna", once).headers["location"] == "/"
        assert client.get("/").headers["location"] == "/sandi"
        assert client.get("/arus").status_code == 403
        form = {"old": once, "new": CHOSEN, "again": CHOSEN, "_csrf_token": token(client)}
        assert client.post("/sandi", data=form | {"new": "pendek", "again": "pendek"}).status_code == 422
        before = client.cookies["posko_board"]
        assert client.post("/sandi", data=form).headers["location"] == "/"
        assert client.cookies["posko_board"] != before
        page = client.get("/")
        assert "Basis data belum menjawab" in page.text
        assert "script-src 'self'" in page.headers["content-security-policy"]
    with board.browser() as client:
        assert board.sign_in(client, "anna", once).status_code == 401
    logged = (board.data / "board.log").read_text()
    assert once not in logged
    assert CHOSEN not in logged


def test_a_situation_report_that_cannot_be_made_says_so(board: Board):
    board.users.add("citra", "viewer", [], "posko", now())
    board.users.choose("citra", passwords.hashed(CHOSEN))
    with board.browser() as client:
        assert client.get("/sitrep").headers["location"].startswith("/masuk?ke=%2Fsitrep")
        board.sign_in(client, "citra", CHOSEN)
        answer = client.get("/sitrep")
        assert answer.status_code == 503
        assert "laporan situasi belum dapat dibuat" in answer.text
        assert client.get("/sitrep", params={"jam": "1000"}).status_code == 400


def test_a_session_is_new_at_each_sign_in_and_ends_at_signing_out(board: Board):
    board.users.add("budi", "viewer", [], "posko", now())
    board.users.choose("budi", passwords.hashed(CHOSEN))
    with board.browser() as client:
        assert client.get("/insiden/16.71-AAAAAAAAAA").headers["location"].startswith("/masuk?ke=%2Finsiden")
        form = {"name": "budi", "password": CHOSEN, "_csrf_token": token(client)}
        planted = {"cookie": f"posko_board=planted; posko_csrf={client.cookies['posko_csrf']}"}
        first = client.post("/masuk", data=form, headers=planted).cookies["posko_board"]
        assert first != "planted"
        assert client.get("/").status_code == 200
        board.sign_in(client, "budi", CHOSEN)
        assert client.cookies["posko_board"] != first
        second = client.cookies["posko_board"]
        client.post("/keluar", data={"_csrf_token": token(client)})
    with board.browser() as thief:
        for old in (first, second):
            assert thief.get("/", headers={"cookie": f"posko_board={old}"}).status_code == 303


def test_a_request_without_the_forms_token_changes_nothing(board: Board):
    board.users.add("cici", "commander", [], "posko", now())
    board.users.choose("cici", passwords.hashed(CHOSEN))
    with board.browser() as client:
        board.sign_in(client, "cici", CHOSEN)
        assert client.post("/serah", data={"text": "dari luar"}).status_code == 403
        assert client.post("/serah", data={"text": "x", "_csrf_token": "0" * 128}).status_code == 403
        assert "dari luar" not in client.get("/serah").text
        client.post("/serah", data={"text": "perahu ditunggu", "_csrf_token": token(client)})
        assert "perahu ditunggu" in client.get("/serah").text


def test_after_five_failures_even_the_right_password_waits(board: Board):
    board.users.add("dodi", "viewer", [], "posko", now())
    board.users.choose("dodi", passwords.hashed(CHOSEN))
    with board.browser() as client:
        assert {board.sign_in(client, "dodi", "salah").status_code for _ in range(5)} == {401}
        locked = board.sign_in(client, "dodi", CHOSEN)
        assert locked.status_code == 429
        assert "Tunggu 1 menit" in locked.text
        assert "posko_board" not in client.cookies


def through_institution(board: Board, client: httpx.Client) -> httpx.Response:
    """Press the button, and go where the institution sends: back."""
    leave = client.get("/masuk/oidc", params={"ke": "/peta"})
    assert leave.headers["location"].startswith(board.institution.issuer)
    away = httpx.get(leave.headers["location"], trust_env=False)
    return client.get(away.headers["location"])


def test_an_institution_says_who_somebody_is_and_the_board_what_they_may(board: Board):
    board.users.add("eka", "verifier", ["16.71"], "kpu", now(), "eka@kpu.example")
    board.users.choose("eka", passwords.hashed(CHOSEN))
    board.institution.subject = {"sub": "4711", "email": "eka@kpu.example", "email_verified": True}
    with board.browser() as client:
        answer = through_institution(board, client)
        assert answer.headers["location"] == "/peta"
        assert "eka" in client.get("/serah").text


@pytest.mark.parametrize(
    ("subject", "wrong", "status"),
    [
        ({"sub": "1", "email": "eka@kpu.example", "email_verified": False}, {}, 403),
        ({"sub": "1", "email": "nobody@kpu.example", "email_verified": True}, {}, 403),
        ({"sub": "1"}, {"aud": "another"}, 502),
        ({"sub": "1"}, {"iss": "http://evil.example"}, 502),
        ({"sub": "1"}, {"exp": 1}, 502),
        ({"sub": "1"}, {"nonce": "of another sign-in"}, 502),
    ],
    ids=["email not verified", "no account", "for another", "of another", "expired", "replayed"],
)
def test_what_the_institution_does_not_vouch_for_lets_nobody_in(
    board: Board, subject: dict[str, Any], wrong: dict[str, Any], status: int
):
    board.institution.subject, board.institution.wrong = subject, wrong
    with board.browser() as client:
        assert through_institution(board, client).status_code == status
        assert "posko_board" not in client.cookies
    board.institution.wrong = {}


def test_a_token_that_somebody_else_signed_lets_nobody_in(board: Board):
    board.institution.subject = {"sub": "1", "email": "eka@kpu.example", "email_verified": True}
    board.institution.signs_with = board.institution.other
    with board.browser() as client:
        assert through_institution(board, client).status_code == 502
        assert "posko_board" not in client.cookies
    board.institution.signs_with = board.institution.key


def test_an_answer_that_this_browser_did_not_ask_for_lets_nobody_in(board: Board):
    board.institution.subject = {"sub": "4711", "email": "eka@kpu.example", "email_verified": True}
    with board.browser() as attacker, board.browser() as victim:
        leave = attacker.get("/masuk/oidc")
        away = httpx.get(leave.headers["location"], trust_env=False)
        assert victim.get(away.headers["location"]).status_code == 502
        assert "posko_board" not in victim.cookies


def test_the_file_is_the_owners_alone(board: Board):
    assert (board.data / NAME).stat().st_mode & 0o077 == 0
    assert {event["what"] for event in board.events.latest(200)} >= {"sign_in", "sign_in_failed", "oidc_failed"}
