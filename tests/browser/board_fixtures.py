"""Staff at the board of the running instance: accounts with a password, signed in with a browser or by hand."""

from __future__ import annotations

import json
import re
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from uuid import uuid4

import clickhouse_connect
import httpx
import pytest
from kafka import KafkaProducer
from playwright.sync_api import Browser, Page, expect

from dashboards.board.accounts import passwords
from dashboards.board.accounts.database import Database
from dashboards.board.accounts.events import Events
from dashboards.board.accounts.users import Users
from dashboards.board.guard import COOKIE
from dashboards.grafana import asking, variables
from dashboards.grafana.cached import cached
from dashboards.grafana.pages import PAGES
from dashboards.grafana.variables import Place
from posko import context, topics
from posko.local.progress import drained
from tests.integration.conftest import Instance

PASSWORD = "empat puluh perahu"
DESK: dict[str, Any] = {"viewport": {"width": 1440, "height": 900}, "locale": "id-ID", "timezone_id": "Asia/Jakarta"}
WAIT_MS = 30_000


class Desk:
    """The board of an instance, and what is stored behind it."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.address = instance.settings.board_address
        self.users = Users(Database(instance.data))
        self.events = Events(Database(instance.data))
        self._producer = KafkaProducer(bootstrap_servers=instance.settings.kafka_address)
        self._client = clickhouse_connect.get_client(**instance.settings.clickhouse_client_options)

    def account(self, role: str, *areas: str) -> str:
        """A new account whose one-time password has been changed."""
        name = f"{role}-{uuid4().hex[:8]}"
        self.users.add(name, role, areas, "posko", int(time.time() * 1000))
        self.users.choose(name, passwords.hashed(PASSWORD))
        return name

    def report(self, text: str, village: str = "16.71.01.1001", **fields: Any) -> str:
        """Send one report; the id of the incident that it opened or joined, as soon as it is stored."""
        number, known = uuid4(), {"category": "logistics", "kind": "late"} | fields
        content = {
            "report_id": str(number),
            "text": text,
            "reported_at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
            "reporter": {"id": f"kpps-{village}-{number.int % 900}", "role": "kpps", "institution": "kpu"},
            "area": village,
            **known,
        }
        self._producer.send(topics.REPORTS, json.dumps(content).encode(), village[:8].encode()).get(30)
        assert drained(self.instance.settings, 60) == []
        sql = "SELECT incident_id FROM posko.reports WHERE report_id = {id:String}"
        [(incident,)] = self.ask(sql, id=str(number))
        return str(incident)

    def ask(self, sql: str, **parameters: Any) -> list[tuple[Any, ...]]:
        return [tuple(row) for row in self._client.query(sql, parameters=parameters).result_rows]

    def panel(self, page: str, question: str, **chosen: str) -> list[dict[str, Any]]:
        """The rows of a dashboard's panel, asked with the very text that Grafana sends, its cache included."""
        panel = next(one for one in PAGES[page].panels if one.ask == question)
        settings = self.instance.settings
        place = Place(context.load(settings.election).election, settings.board_address)
        given = variables.given(PAGES[page], place) | {name: [value] for name, value in chosen.items()}
        with asking.door(settings, through_grafana=False) as ask:
            answer = ask(cached(panel.sql), given, asking.until_now(6))
        return [dict(zip(answer.columns, row, strict=True)) for row in answer.rows]

    def steps(self, incident: str) -> list[tuple[str, str, str]]:
        """What people did to an incident: who, what, with which words."""
        sql = "SELECT actor, action, detail, role FROM posko.incident_log WHERE incident_id = {id:String} ORDER BY seq"
        return [(actor, action, detail) for actor, action, detail, role in self.ask(sql, id=incident) if role]

    @contextmanager
    def by_hand(self, name: str) -> Iterator[httpx.Client]:
        """A client that is signed in and sends whatever it likes, with the token that a form would have."""
        with httpx.Client(base_url=self.address, trust_env=False, timeout=20) as client:
            token = token_of(client.get("/masuk").text)
            answer = client.post("/masuk", data={"name": name, "password": PASSWORD, "_csrf_token": token})
            assert answer.status_code == 303
            assert COOKIE in client.cookies
            client.headers.update({"x-csrf": token, "x-posko": "1"})
            yield client


def token_of(page: str) -> str:
    """The token against forged requests that is in a page."""
    found = re.search(r'name="csrf" content="([0-9a-f]+)"', page)
    assert found
    return found[1]


@pytest.fixture(scope="session")
def desk(post: Any) -> Desk:
    """The board of the instance that all browser tests share; accounts and incidents are each test's own."""
    return Desk(post.instance)


@pytest.fixture
def sit(browser: Browser, desk: Desk) -> Iterator[Callable[[str], Page]]:
    """`sit(name)` is a page on which this account is signed in, with a browser of its own."""
    complaints: list[str] = []
    expect.set_options(timeout=WAIT_MS)
    with ExitStack() as stack:

        def seated(name: str) -> Page:
            page = stack.enter_context(browser.new_context(**DESK)).new_page()
            page.set_default_timeout(WAIT_MS)
            page.on("pageerror", lambda error: complaints.append(str(error)))
            page.on("console", lambda said: complaints.append(said.text) if "Content Security" in said.text else None)
            page.goto(desk.address)
            expect(page.locator("input[name=name]")).to_be_focused()
            page.keyboard.type(name)
            page.keyboard.press("Tab")
            page.keyboard.type(PASSWORD)
            page.keyboard.press("Enter")
            expect(page.locator("#angka")).to_be_visible()
            page.wait_for_load_state()  # what is to be seen listens to keys only once its modules have run
            return page

        yield seated
    assert complaints == []
