"""The triage board in a real browser against everything real: Kafka, the stream worker, the engine."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable
from uuid import uuid4

from playwright.sync_api import Page, expect

from tests.browser.board_fixtures import WAIT_MS, Desk

pytest_plugins = ("tests.browser.board_fixtures",)

Sit = Callable[[str], Page]
OKI = "16.02.05.1007"  # a village of another kabupaten


def fill_and_send(page: Page, key: str, words: str) -> None:
    """Open an action's form by its key, write, send: no mouse."""
    page.wait_for_load_state()  # a page listens to keys once its modules have run
    page.keyboard.press(key)
    expect(page.locator("dialog[open] textarea").first).to_be_focused()
    page.keyboard.type(words)
    page.keyboard.press("Control+Enter")
    expect(page.locator("dialog[open]")).to_have_count(0)


def test_an_operator_takes_a_critical_incident_from_alert_to_resolution_with_the_keyboard_only(desk: Desk, sit: Sit):
    operator = desk.account("operator", "16.71")
    page = sit(operator)
    page.wait_for_function("document.querySelector('#sambungan').hidden")
    incident = desk.report(
        "ada ancaman bom di TPS 7, tas mencurigakan, hub 0812-3456-7890", category="security", kind="threat", severity=5
    )
    row = page.locator(f'.row[data-id="{incident}"]')
    expect(row).to_be_visible()  # by itself: nothing was pressed
    expect(page).to_have_title(re.compile(r"\([1-9]\d*!\) Antrean · Posko"))
    expect(row).to_contain_text("•••")
    assert "0812" not in page.content()

    page.keyboard.press("j")
    for _ in range(page.locator(".row").count()):
        if "chosen" in (row.get_attribute("class") or ""):
            break
        page.keyboard.press("j")
    page.keyboard.press("a")
    expect(row.locator(".status")).to_have_text("ditangani")
    page.keyboard.press("Enter")
    expect(page.locator("#insiden .head .status")).to_have_text("ditangani")
    fill_and_send(page, "v", "Kapolsek di tempat, tas diperiksa")
    expect(page.locator("#insiden .head .status")).to_have_text("terverifikasi")
    fill_and_send(page, "s", "tas berisi pakaian, area dibuka kembali")
    expect(page.locator("#insiden .head .status")).to_have_text("selesai")
    assert desk.steps(incident) == [
        (operator, "acknowledge", ""),
        (operator, "verify", "Kapolsek di tempat, tas diperiksa"),
        (operator, "resolve", "tas berisi pakaian, area dibuka kembali"),
    ]

    page.keyboard.press("u")  # it was the wrong incident
    expect(page.locator("#insiden .head .status")).to_have_text("dibuka lagi")
    assert desk.steps(incident)[-1] == (operator, "reopen", "dibatalkan: keliru")


def test_what_somebody_did_on_the_board_is_in_the_next_answers_of_the_dashboards_with_who_when_and_why(
    desk: Desk, sit: Sit
):
    text = "surat suara dicuri dari kantor PPS, pelaku kabur"
    incident = desk.report(text, OKI, category="security", kind="theft", severity=5)

    def shown() -> tuple[str, str, str]:
        """Its state on Situasi (among the newest, and in what comes first) and on its own page."""
        on = {ask: [row["status"] for row in desk.panel("situasi", ask) if row["incident_id"] == incident]
              for ask in ("newest", "burning")}  # fmt: skip
        [own] = desk.panel("insiden", "incident", insiden=incident)
        return on["newest"][0], (on["burning"] or [""])[0], own["status"]

    desk.instance.until(lambda: shown() == ("new", "new", "new"))
    operator, before = desk.account("operator"), int(time.time() * 1000)
    page = sit(operator)
    page.goto(f"{desk.address}/insiden/{incident}")
    fill_and_send(page, "a", "Polsek menuju kantor PPS")
    desk.instance.until(lambda: shown() == ("acknowledged", "acknowledged", "acknowledged"))
    fill_and_send(page, "v", "Kapolsek melihat lemari yang dibobol")
    fill_and_send(page, "s", "surat suara ditemukan, segel utuh")
    desk.instance.until(lambda: shown() == ("resolved", "", "resolved"))

    story = [row for row in desk.panel("insiden", "incident_story", insiden=incident) if row["source"] == "langkah"]
    told = [(row["who"], row["what"], row["detail"]) for row in reversed(story) if row["who"] != "sistem"]
    assert told == desk.steps(incident)
    assert told == [
        (operator, "acknowledge", "Polsek menuju kantor PPS"),
        (operator, "verify", "Kapolsek melihat lemari yang dibobol"),
        (operator, "resolve", "surat suara ditemukan, segel utuh"),
    ]
    kept = "SELECT toUnixTimestamp64Milli(at) FROM posko.incident_log WHERE incident_id = {id:String} AND role != ''"
    when = [at for (at,) in desk.ask(kept, id=incident)]
    assert before <= min(when) <= max(when) <= time.time() * 1000


def test_of_two_operators_the_later_one_is_told_who_was_first_and_may_go_on(desk: Desk, sit: Sit):
    incident = desk.report("kotak suara belum tiba di TPS 12, perahu kandas")
    first, second = desk.account("operator"), desk.account("operator")
    early, late = sit(first), sit(second)
    for page in (early, late):
        page.goto(f"{desk.address}/insiden/{incident}")
    late.keyboard.press("t")
    late.locator("dialog[open] input[name=value]").fill("Babinsa")
    early.keyboard.press("a")
    early.locator("dialog[open] button.primary").click()
    expect(early.locator("#insiden .head .status")).to_have_text("ditangani")

    late.locator("dialog[open] button.primary").click()
    expect(late.locator("dialog[open] [data-error]")).to_contain_text(f"{first} (posko) menangani")
    assert [action for _, action, _ in desk.steps(incident)] == ["acknowledge", "refused"]
    late.get_by_role("button", name="Tetap lakukan").click()
    expect(late.locator("dialog[open]")).to_have_count(0)
    expect(late.locator(".facts")).to_contain_text("Babinsa")
    expect(early.locator(".facts")).to_contain_text("Babinsa")  # by itself
    assert desk.steps(incident)[-1] == (second, "assign", "Babinsa")


def test_rows_stay_where_they_are_while_others_arrive(desk: Desk, sit: Sit):
    known = desk.report("surat suara kurang 30 lembar di TPS 3", kind="missing_ballots", severity=4)
    page = sit(desk.account("operator"))
    page.goto(f"{desk.address}/?urut=baru")
    expect(page.locator(f'.row[data-id="{known}"]')).to_be_visible()
    page.keyboard.press("j")
    before = page.locator(".row").evaluate_all("rows => rows.map(row => row.id)")
    fresh = desk.report("tinta habis di TPS 5", kind="tools", severity=5, village=OKI)
    desk.report("surat suara kurang 30 lembar di TPS 3, tolong", kind="missing_ballots", severity=4)
    expect(page.locator("#baru")).to_be_visible()
    expect(page.locator(f'.row[data-id="{known}"] .by')).to_contain_text("2 lap.")  # changed, where it was
    assert page.locator(".row").evaluate_all("rows => rows.map(row => row.id)") == before
    page.keyboard.press("n")
    expect(page.locator(f'.row[data-id="{fresh}"]')).to_be_visible()
    expect(page.locator("#baru")).to_be_hidden()


def test_a_viewer_cannot_act(desk: Desk, sit: Sit):
    incident = desk.report("listrik padam di TPS 9", kind="power_outage")
    viewer = desk.account("viewer")
    page = sit(viewer)
    page.goto(f"{desk.address}/insiden/{incident}")
    expect(page.locator("#insiden")).to_contain_text("Peran Anda hanya melihat")
    assert page.locator("[data-act], form[data-form]").count() == 0
    page.keyboard.press("a")
    assert page.locator("dialog[open]").count() == 0
    with desk.by_hand(viewer) as client:
        for action in ("acknowledge", "note", "silence", ""):
            form = {"action": action, "why": "x", "value": "60"}
            assert client.post(f"/insiden/{incident}/tindakan", data=form).status_code == 403
        assert client.post("/serah", data={"text": "x"}).status_code == 403
    assert desk.steps(incident) == []


def test_an_area_holds_against_requests_made_by_hand(desk: Desk):
    theirs = desk.report("perahu logistik kandas di sungai", kind="stranded", village=OKI)
    ours = desk.report("segel kotak suara rusak di TPS 2", kind="broken_seal")
    with desk.by_hand(desk.account("commander", "16.71")) as client:
        seen = client.get("/daftar", params={"banyak": 1000, "status": "semua"}).text
        assert ours in seen
        assert theirs not in seen
        assert 'data-id="' not in client.get("/daftar", params={"wilayah": "16.02"}).text
        report = desk.ask("SELECT report_id FROM posko.reports WHERE incident_id = {id:String}", id=theirs)[0][0]
        for path in ("", "/isi", f"/jawaban/{uuid4()}"):
            assert client.get(f"/insiden/{theirs}{path}").status_code == 404
        for path, form in (("tindakan", {"action": "acknowledge"}), (f"pelapor/{report}", {})):
            assert client.post(f"/insiden/{theirs}/{path}", data=form).status_code == 404
        assert client.post(f"/insiden/{ours}/pelapor/{report}").status_code == 404
        merge = {"action": "merge", "value": theirs, "why": "sama"}
        assert client.post(f"/insiden/{ours}/tindakan", data=merge).status_code == 404
        split = {"action": "split", "report": report, "why": "lain"}
        assert client.post(f"/insiden/{ours}/tindakan", data=split).status_code == 422
        assert f">{theirs}<" not in client.get(f"/insiden/{ours}").text
    assert desk.steps(theirs) == desk.steps(ours) == []


def test_who_a_reporter_is_shows_to_few_and_each_look_is_kept(desk: Desk, sit: Sit):
    words = "pak kades membagi sembako bergambar calon, hubungi saya 0813-9876-5432"
    incident = desk.report(words, "16.74.01.1011", category="asn_neutrality", kind="village_head", phone="081398765432")
    [(report, reporter)] = desk.ask(
        "SELECT report_id, reporter_id FROM posko.reports WHERE incident_id = {id:String}", id=incident
    )
    with desk.by_hand(desk.account("operator")) as client:
        assert client.post(f"/insiden/{incident}/pelapor/{report}").status_code == 403
        assert reporter not in client.get(f"/insiden/{incident}").text
    verifier = desk.account("verifier")
    page = sit(verifier)
    page.goto(f"{desk.address}/insiden/{incident}")
    assert "0813-9876" not in page.content()
    page.get_by_role("button", name="Lihat pelapor").click()
    expect(page.locator(".person-box")).to_have_text(f"id: {reporter} · phone: 081398765432")
    expect(page.locator("[data-text]")).to_contain_text("0813-9876-5432")
    [event] = desk.events.of_incident(incident)
    assert (event["name"], event["what"], event["detail"]) == (verifier, "unmask", report)


def test_the_board_says_when_the_line_breaks_and_comes_back_by_itself(desk: Desk, sit: Sit):
    page = sit(desk.account("viewer"))
    page.wait_for_function("document.querySelector('#sambungan').hidden")
    running = desk.instance.service("board").pid
    assert running
    os.kill(running, signal.SIGKILL)
    banner = page.locator("#sambungan")
    expect(banner).to_contain_text("Sambungan terputus", timeout=WAIT_MS)
    desk.instance.until(lambda: desk.instance.service("board").pid not in (None, running))
    expect(banner).to_contain_text("Tersambung lagi", timeout=2 * WAIT_MS)
    expect(banner).to_be_hidden()


def test_no_page_is_wider_than_the_screen(desk: Desk, sit: Sit):
    incident = desk.report("formulir C1 kurang di TPS 8", kind="forms")
    page = sit(desk.account("operator"))
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": 740})
        for path in ("/", "/peta", "/peta?wilayah=16.71", "/ikhtisar", "/serah", f"/insiden/{incident}"):
            page.goto(f"{desk.address}{path}")
            assert page.evaluate("document.documentElement.scrollWidth") <= width, path


def test_the_situation_report_is_about_ones_own_area_and_runs_nothing(desk: Desk):
    mine = desk.report("kotak suara dibakar massa di gudang", category="security", kind="vandalism", severity=5)
    theirs = desk.report(
        "kotak suara dibakar massa di balai", village=OKI, category="security", kind="vandalism", severity=5
    )
    with desk.by_hand(desk.account("viewer", "16.71")) as client:
        answer = client.get("/sitrep", params={"jam": "24"})
    assert answer.status_code == 200
    assert "Kota Palembang" in answer.text
    assert f"/insiden/{mine}" in answer.text
    assert f"/insiden/{theirs}" not in answer.text
    assert "<script" not in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'; style-src 'sha256-")
    with desk.by_hand(desk.account("viewer", "16.02")) as client:
        assert f"/insiden/{theirs}" in client.get("/sitrep").text
