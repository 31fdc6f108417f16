"""The board for everybody: axe finds nothing in both schemes and languages; keys that act at once can be off."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.access import wrong_with
from tests.browser.board_fixtures import DESK, Desk

pytest_plugins = ("tests.browser.board_fixtures",)

Sit = Callable[[str], Page]
PAGES = ("/", "/?status=semua&kategori=logistics", "/peta", "/peta?wilayah=16.71", "/ikhtisar", "/serah", "/sandi")


@pytest.fixture(scope="module")
def incident(desk: Desk) -> str:
    """One with two reports that contradict each other in severity, a step taken, and a hand-over note."""
    text = "kotak suara TPS 11 dirusak massa, petugas mengungsi, hub 0812-3456-7890"
    given = {"category": "security", "kind": "vandalism", "village": "16.74.01.1011"}  # where no other test reports
    found = desk.report(text, severity=5, **given)
    desk.report(text + " tolong segera", severity=2, **given)
    with desk.by_hand(desk.account("operator")) as client:
        client.post(f"/insiden/{found}/tindakan", data={"action": "acknowledge", "why": "regu berangkat"})
        client.post("/serah", data={"text": "Tunggu kabar Polsek soal TPS 11."})
    return found


@pytest.mark.parametrize("language", ["id", "en"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing_wrong_on_any_page(
    scheme: str, language: str, desk: Desk, incident: str, sit: Sit, browser: Browser
) -> None:
    page = sit(desk.account("commander"))
    page.emulate_media(color_scheme=scheme)  # type: ignore[arg-type]
    page.context.add_cookies([{"name": "posko_bahasa", "value": language, "url": desk.address}])
    seen = {}
    for path in (*PAGES, f"/insiden/{incident}", "/sitrep"):
        page.goto(f"{desk.address}{path}")
        seen[path] = wrong_with(page)
    page.goto(f"{desk.address}/insiden/{incident}")
    page.keyboard.press("c")
    expect(page.locator("dialog[open]")).to_be_visible()
    seen["a form"] = wrong_with(page)
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    page.locator(".me summary").evaluate("one => one.parentElement.open = true")
    seen["keys"] = wrong_with(page)
    stranger = browser.new_page(**DESK, color_scheme=scheme)
    stranger.goto(desk.address)
    seen["sign-in"] = wrong_with(stranger)
    stranger.close()
    assert {where: wrong for where, wrong in seen.items() if wrong} == {}


def test_keys_of_one_letter_can_be_switched_off_and_stay_off(desk: Desk, incident: str, sit: Sit) -> None:
    page = sit(desk.account("operator"))
    page.keyboard.press("j")
    expect(page.locator(".row.chosen")).to_have_count(1)
    page.locator(".me summary").click()
    page.get_by_role("checkbox", name="Tombol pintas satu huruf").uncheck()
    page.goto(f"{desk.address}/insiden/{incident}")  # another page, the same browser
    expect(page.locator(".actions kbd").first).to_be_hidden()
    for key in ("c", "x", "?", "/"):
        page.keyboard.press(key)
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert page.url.endswith(f"/insiden/{incident}")
    page.get_by_role("button", name="Catat").click()  # the mouse, Ctrl+Enter and Escape go on
    page.locator("dialog[open] textarea").fill("dicatat tanpa tombol pintas")
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)
    page.locator(".me summary").click()
    page.get_by_role("checkbox", name="Tombol pintas satu huruf").check()
    page.keyboard.press("c")
    expect(page.locator("dialog[open]")).to_have_count(1)
