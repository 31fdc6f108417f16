"""The real system, a network in front of its gateway that can be thin, and phones: Chromium, driven by Playwright."""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import clickhouse_connect
import pytest
from playwright.sync_api import Browser, BrowserContext, Error, Page, Playwright, expect, sync_playwright

from posko.local.progress import drained
from producers.officers import Officer, Officers
from tests.browser import chromium
from tests.browser.network import Network, network
from tests.integration.conftest import Instance, alone, instance_up  # noqa: F401 - `alone` is a fixture
from tests.processes import free_ports

WAIT_MS = 30_000
PHONE: dict[str, Any] = {
    "viewport": {"width": 360, "height": 740},
    "locale": "id-ID",
    "timezone_id": "Asia/Jakarta",
    "has_touch": True,
    "is_mobile": True,
    "reduced_motion": "reduce",
    "geolocation": {"latitude": -2.9909, "longitude": 104.7566, "accuracy": 12},
    "permissions": ["geolocation"],
}
VILLAGE = "16.71.01.1001"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, Any, Any]:
    """Failures here are shown as Python shows them: pytest's own way parses the source, and Python 3.11 miscounts its
    depth in the greenlets of Playwright, which would end the whole run."""
    option = item.config.option
    style, option.tbstyle = option.tbstyle, "native"
    try:
        return (yield)
    finally:
        option.tbstyle = style


class Post:
    """A command post: an instance, its officers, and what has arrived there."""

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self.officers = Officers(instance.data / "officers.sqlite3")
        self._numbers = itertools.count(1)
        self._client = clickhouse_connect.get_client(**instance.settings.clickhouse_client_options)

    def enrol(self) -> str:
        """The id of a new officer."""
        officer = f"kpps-{next(self._numbers):04d}"
        self.officers.put(Officer(officer, "Petugas Uji", "", "kpps", "kpu", VILLAGE), now(), reinstate=True)
        return officer

    def key(self, officer: str) -> str:
        """The key of a new personal link."""
        return self.officers.make_link(officer, now())

    def reports_of(self, officer: str) -> list[dict[str, Any]]:
        """Every row that is stored of an officer's reports, those sent twice twice."""
        assert drained(self.instance.settings, 60) == []
        sql = "SELECT * FROM posko.reports WHERE reporter_id = {id:String}"
        return list(self._client.query(sql, parameters={"id": officer}).named_results())

    def file(self, sha256: str) -> Path:
        """Where an attachment is kept."""
        return self.instance.data / "attachments" / sha256[:2] / sha256


def now() -> int:
    """Milliseconds since 1970 UTC."""
    return int(time.time() * 1000)


class Phone:
    """What an officer does with the app, on one page."""

    def __init__(self, page: Page, address: str) -> None:
        self.page, self.address = page, address
        self.complaints: list[str] = []
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("console", lambda said: self.complaints.append(said.text) if "Content Security" in said.text else None)
        page.set_default_timeout(WAIT_MS)

    def sign_in(self, key: str) -> None:
        """Open the personal link; afterwards the app and the list of places are on the device."""
        self.page.goto(f"{self.address}/masuk#{key}")
        expect(self.page.locator("#report")).to_be_visible()
        self.until("navigator.serviceWorker.controller !== null")
        self.until("import('/app/places.js').then((places) => places.isReady())")

    def until(self, promise: str) -> None:
        """Return when a JavaScript expression is true. Playwright's own waiting would need `eval` in the page."""
        deadline = time.monotonic() + WAIT_MS / 1000
        while not self.page.evaluate(promise):
            assert time.monotonic() < deadline, promise
            self.page.wait_for_timeout(50)

    def open(self) -> None:
        """Start the app from the home screen."""
        self.page.goto(self.address)
        expect(self.page.locator("#report")).to_be_visible()

    def write(self, text: str, category: str = "Logistik") -> None:
        """Category, text, Kirim; then the list is shown."""
        self.page.locator("#tab-report").click()
        self.choose(category)
        self.page.locator("#text").fill(text)
        self.send()

    def choose(self, label: str) -> None:
        """Tap a choice by its words."""
        self.page.locator("#report label").filter(has_text=label).first.click()

    def send(self) -> None:
        """Tap Kirim; the report is on the device when this returns."""
        self.page.get_by_role("button", name="Kirim laporan").click()
        expect(self.page.locator("#mine")).to_be_visible()

    def until_sent(self, count: int) -> None:
        """Return when so many reports have been acknowledged, and none waits."""
        self.page.locator("#tab-mine").click()
        arrived = ", ".join(f'[data-state="{state}"]' for state in ("sent", "received", "joined", "verified"))
        expect(self.page.locator("#reports").locator(arrived)).to_have_count(count)
        expect(self.page.locator("#count")).to_be_hidden()

    def strip(self) -> str:
        """The sentence at the top."""
        return self.page.locator("#strip").inner_text()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests come last: Playwright keeps an event loop in this thread, and beside it no other can run."""
    here = Path(__file__).parent
    items.sort(key=lambda item: item.path.is_relative_to(here))


@pytest.fixture(scope="session")
def post(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Post]:
    """One for the whole run; officers are each test's own."""
    with instance_up(tmp_path_factory.mktemp("browser") / "instance", free_ports()) as instance:
        yield Post(instance)


@pytest.fixture
def thin(post: Post) -> Iterator[Network]:
    """The network between this test's phones and the gateway."""
    with network(("127.0.0.1", post.instance.settings.port("gateway"))) as made:
        yield made


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    expect.set_options(timeout=WAIT_MS)
    with sync_playwright() as started:
        yield started


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    with playwright.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS) as started:
        yield started


@pytest.fixture
def context(browser: Browser) -> Iterator[BrowserContext]:
    """A phone's browser with nothing in it."""
    with browser.new_context(**PHONE) as made:
        yield made


@pytest.fixture
def phone(context: BrowserContext, thin: Network) -> Iterator[Phone]:
    """A phone that nobody has signed in on."""
    made = Phone(context.new_page(), thin.address)
    yield made
    assert made.complaints == []


@pytest.fixture
def officer(post: Post) -> str:
    """A new officer's id."""
    return post.enrol()


@pytest.fixture
def signed_in(phone: Phone, post: Post, officer: str) -> Phone:
    """`officer`'s phone."""
    phone.sign_in(post.key(officer))
    return phone


@pytest.fixture
def kept_browser(playwright: Playwright, tmp_path: Path) -> Callable[[], Any]:
    """`with kept_browser() as context:` a browser whose profile stays on the disk, `tmp_path / "profile"`."""

    @contextmanager
    def started() -> Iterator[BrowserContext]:
        profile = tmp_path / "profile"
        made = playwright.chromium.launch_persistent_context(
            profile, executable_path=chromium.path(), args=chromium.FLAGS, **PHONE
        )
        yield made
        with suppress(Error):  # it may have been killed
            made.close()

    return started
