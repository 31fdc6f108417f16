"""The officer web app in a real Chromium, against the real gateway, Kafka and engine, over networks that fail."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any, Literal

import pytest
from PIL import Image
from playwright.sync_api import BrowserContext, expect

from tests.browser import chromium
from tests.browser.access import wrong_with
from tests.browser.conftest import VILLAGE, Phone, Post, now
from tests.browser.network import Network


@pytest.mark.timeout(480)
def test_50_reports_made_offline_over_two_reloads_and_a_kill_arrive_once_each_over_a_flapping_network(
    kept_browser: Callable[[], Any], thin: Network, post: Post, officer: str, tmp_path: Path
) -> None:
    texts = [f"kotak suara {number} belum tiba, perahu kandas" for number in range(50)]
    with kept_browser() as context:
        phone = Phone(context.pages[0], thin.address)
        phone.sign_in(post.key(officer))
        thin.become("cut")
        for text in texts[:20]:
            phone.write(text)
        phone.page.reload()
        for text in texts[20:35]:
            phone.write(text)
        chromium.kill(tmp_path / "profile")
    with kept_browser() as context:
        phone = Phone(context.pages[0], thin.address)
        phone.open()
        phone.page.reload()
        for text in texts[35:]:
            phone.write(text)
        expect(phone.page.locator('#reports > li[data-state="saved"]')).to_have_count(50)
        assert post.reports_of(officer) == []

        thin.become("flapping")
        for _ in range(240):
            context.set_offline(True)
            context.set_offline(False)
            phone.page.wait_for_timeout(500)
            if phone.page.locator("#count").is_hidden():
                break
        phone.until_sent(50)
        assert {"refused", "half", "unanswered", "once"} <= set(thin.fates)
    stored = post.reports_of(officer)
    assert sorted(row["text"] for row in stored) == sorted(texts)
    assert len({row["report_id"] for row in stored}) == 50


def test_a_link_signs_a_phone_in_once_and_its_key_stays_nowhere_in_view(signed_in: Phone, thin: Network) -> None:
    assert signed_in.page.url == f"{thin.address}/"
    thin.become("cut")
    signed_in.page.reload()
    expect(signed_in.page.locator("#report")).to_be_visible()
    assert "Petugas Uji" in signed_in.page.locator("header").inner_text()
    signed_in.page.goto(f"{thin.address}/masuk")
    expect(signed_in.page.locator("#report")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_screen_has_contrast_names_and_roles_as_wcag_aa_wants_them(
    signed_in: Phone, thin: Network, context: BrowserContext, scheme: Literal["light", "dark"]
) -> None:
    page = signed_in.page
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    seen = {"empty form": wrong_with(page)}
    signed_in.choose("Logistik")
    page.locator("#kinds button.more").click()
    signed_in.choose("Cari desa atau TPS")
    page.locator("#find").fill("tj baru")
    expect(page.locator("#found button")).to_have_count(8)
    seen["filled form"] = wrong_with(page)
    thin.become("cut")
    signed_in.write("kotak suara belum tiba")
    seen["list"] = wrong_with(page)
    page.evaluate("import('/app/dom.js').then((dom) => dom.alertUser('Penyimpanan HP penuh.'))")
    seen["alert"] = wrong_with(page)
    thin.become("good")
    stranger = context.browser.new_page(color_scheme=scheme)  # type: ignore[union-attr]
    stranger.goto(thin.address)
    expect(stranger.locator("#signin")).to_be_visible()
    seen["sign-in"] = wrong_with(stranger)
    stranger.close()
    assert [wrong for wrong in seen.values() if wrong] == []


def test_what_can_be_tapped_is_large_enough_for_a_thumb(signed_in: Phone) -> None:
    signed_in.choose("Logistik")
    small = signed_in.page.evaluate(
        """[...document.querySelectorAll(
            'button, .chip, .category, #tabs a, textarea, input[type=search], label.button')]
            .filter((one) => one.offsetParent).map((one) => [one.textContent.trim(), one.getBoundingClientRect()])
            .filter(([, box]) => box.width < 44 || box.height < 44).map(([words]) => words)"""
    )
    assert small == []


def test_a_link_opened_without_network_signs_in_when_there_is_one(
    phone: Phone, thin: Network, post: Post, officer: str
) -> None:
    phone.page.goto(thin.address)
    phone.until("navigator.serviceWorker.controller !== null")
    thin.become("cut")
    phone.page.goto(f"{thin.address}/masuk#{post.key(officer)}")
    expect(phone.page.locator("#alert")).to_contain_text("mencoba lagi sendiri")
    thin.become("good")
    expect(phone.page.locator("#report")).to_be_visible()


def test_a_link_that_is_not_valid_says_what_to_do(phone: Phone, thin: Network) -> None:
    phone.page.goto(f"{thin.address}/masuk#{'x' * 43}")
    expect(phone.page.locator("#alert")).to_contain_text("Minta tautan baru kepada posko")
    expect(phone.page.locator("#report")).to_be_hidden()


def test_category_and_text_are_enough_and_need_no_more_than_a_keyboard(
    signed_in: Phone, post: Post, officer: str
) -> None:
    page = signed_in.page
    page.locator('input[name="category"]').first.focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("radio", name="Keamanan")).to_be_checked()
    page.get_by_role("textbox", name="Ceritakan singkat").focus()
    page.keyboard.type("warga berkerumun di depan tps 4")
    page.get_by_role("button", name="Kirim laporan").focus()
    page.keyboard.press("Enter")
    signed_in.until_sent(1)
    [row] = post.reports_of(officer)
    assert (row["category"], row["text"], row["channel"]) == ("security", "warga berkerumun di depan tps 4", "app")


def test_what_is_missing_is_said_and_typed_words_survive_a_reload(signed_in: Phone) -> None:
    page = signed_in.page
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#missing")).to_have_text("Pilih dulu apa yang terjadi.")
    signed_in.choose("Hoaks")
    page.get_by_role("button", name="Kirim laporan").click()
    expect(page.locator("#missing")).to_have_text("Ceritakan singkat apa yang terjadi.")
    page.locator("#text").fill("beredar kabar tps pindah")
    signed_in.until("import('/app/store.js').then((s) => s.allMeta('draft:')).then((d) => d[0]?.text.length > 20)")
    page.reload()
    expect(page.locator("#text")).to_have_value("beredar kabar tps pindah")
    expect(page.get_by_role("radio", name="Hoaks")).to_be_checked()


def test_a_place_is_found_by_name_without_network_and_remembered_as_ones_own(
    signed_in: Phone, thin: Network, post: Post, officer: str
) -> None:
    page = signed_in.page
    thin.become("cut")
    signed_in.choose("Cari desa atau TPS")
    page.locator("#find").fill("35 ilir tps 7")
    page.locator("#found button").first.click()
    page.locator("#keep").check()
    expect(page.locator("#where-said")).to_contain_text("TPS 7, ")
    signed_in.write("surat suara kurang")
    page.locator("#tab-report").click()
    expect(page.get_by_role("radio", name="TPS saya")).to_be_checked()
    signed_in.write("surat suara tetap kurang")
    thin.become("good")
    page.locator("#again").click()
    signed_in.until_sent(2)
    assert [row["tps"] for row in post.reports_of(officer)] == [f"{VILLAGE}/007"] * 2


def test_gps_gives_the_point_and_says_how_good_it_is(signed_in: Phone, post: Post, officer: str) -> None:
    signed_in.choose("Tempat saya berdiri")
    expect(signed_in.page.locator("#where-said")).to_contain_text("12 meter")
    signed_in.write("banjir di jalan menuju tps")
    signed_in.until_sent(1)
    [row] = post.reports_of(officer)
    assert (row["lat"], row["lng"]) == (pytest.approx(-2.9909), pytest.approx(104.7566))


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    """A photo of 12 million pixels as phones make them, with time, place and name of the camera in it."""
    path = tmp_path / "IMG_0001.jpg"
    exif = Image.Exif()
    exif[0x0110] = "Kamera Rahasia"
    exif.get_ifd(0x8769)[0x9003] = "2024:11:27 06:05:04"
    exif.get_ifd(0x8825).update({1: "S", 2: (2.0, 59.0, 30.0), 3: "E", 4: (104.0, 45.0, 15.0)})
    Image.effect_noise((4000, 3000), 60).convert("RGB").save(path, exif=exif, quality=60)
    return path


@pytest.mark.parametrize("agreed", [False, True], ids=["place-kept-back", "place-agreed"])
def test_a_photo_is_shrunk_and_only_its_time_and_with_consent_its_place_leave_the_phone(
    signed_in: Phone, post: Post, picture: Path, agreed: bool
) -> None:
    page = signed_in.page
    signed_in.choose("Logistik")
    page.locator("#photo").set_input_files(picture)
    expect(page.locator("#thumbs img")).to_have_count(1)
    if agreed:
        page.locator("#photo-place").check()
    page.locator("#text").fill("segel kotak suara rusak")
    signed_in.send()
    expect(page.locator("#reports")).to_contain_text("Foto: 1 dari 1 terkirim.")
    [record] = page.evaluate("import('/app/store.js').then((store) => store.allReports())")
    [told] = record["report"]["attachments"]
    assert told["taken_at"] == "2024-11-27T06:05:04+07:00"
    assert ("lat" in told) == agreed
    kept = post.file(told["sha256"])
    assert kept.stat().st_size == told["bytes"] < 400_000
    with Image.open(kept) as arrived:
        assert max(arrived.size) == 1280
        assert dict(arrived.getexif()) == {}
    assert (
        page.evaluate("id => import('/app/store.js').then((store) => store.getPhoto(id))", record["photos"][0]["id"])
        is None
    )


def test_a_report_does_not_wait_for_a_photo_on_a_slow_network(
    signed_in: Phone, thin: Network, post: Post, officer: str, picture: Path
) -> None:
    page = signed_in.page
    page.clock.install()
    thin.become("slow")
    signed_in.choose("Logistik")
    page.locator("#photo").set_input_files(picture)
    expect(page.locator("#thumbs img")).to_have_count(1)
    page.locator("#text").fill("logistik basah")
    signed_in.send()
    page.clock.fast_forward(46_000)
    signed_in.until_sent(1)
    assert "foto menyusul" in signed_in.strip()
    assert len(post.reports_of(officer)) == 1
    thin.become("good")
    page.locator("#again").click()
    expect(page.locator("#reports")).to_contain_text("Foto: 1 dari 1 terkirim.")


def test_several_tabs_send_each_report_in_one_request(
    signed_in: Phone, context: BrowserContext, thin: Network, post: Post, officer: str
) -> None:
    other = Phone(context.new_page(), thin.address)
    other.open()
    context.set_offline(True)
    signed_in.write("tinta habis")
    other.write("bilik suara kurang")
    expect(other.page.locator('#reports > li[data-state="saved"]')).to_have_count(2)
    context.set_offline(False)
    signed_in.until_sent(2)
    other.until_sent(2)
    assert sorted(row["text"] for row in post.reports_of(officer)) == ["bilik suara kurang", "tinta habis"]
    assert thin.posts == 1


def test_the_browser_sends_what_waits_when_the_app_is_closed(
    signed_in: Phone, context: BrowserContext, thin: Network, post: Post, officer: str
) -> None:
    devtools = context.new_cdp_session(signed_in.page)
    known: list[dict[str, Any]] = []
    devtools.on("ServiceWorker.workerRegistrationUpdated", lambda told: known.extend(told["registrations"]))
    devtools.send("ServiceWorker.enable")
    thin.become("cut")
    signed_in.write("perahu cadangan dibutuhkan")
    signed_in.page.goto("about:blank")
    thin.become("good")
    registration = next(one["registrationId"] for one in known if one["scopeURL"].startswith(thin.address))
    sync = {"origin": thin.address, "registrationId": registration, "tag": "posko-send", "lastChance": False}
    devtools.send("ServiceWorker.dispatchSyncEvent", sync)
    for _ in range(100):
        if thin.posts:
            break
        signed_in.page.wait_for_timeout(100)
    assert thin.posts == 1
    signed_in.open()
    signed_in.until_sent(1)
    assert [row["text"] for row in post.reports_of(officer)] == ["perahu cadangan dibutuhkan"]


def test_a_revoked_officer_keeps_the_reports_and_sends_them_with_a_new_link(
    signed_in: Phone, thin: Network, post: Post, officer: str
) -> None:
    post.officers.revoke(officer, 1)
    signed_in.write("saksi dilarang masuk")
    expect(signed_in.page.locator("#strip")).to_contain_text("Tautan Anda tidak berlaku lagi. 1 laporan tersimpan")
    expect(signed_in.page.locator("#mine")).to_contain_text("Buka tautan baru dari posko")
    expect(signed_in.page.locator('#reports > li[data-state="held"]')).to_have_count(1)
    known = post.officers.listed(revoked=True)
    [gone] = [one for one in known if one.id == officer]
    post.officers.put(gone, 2, reinstate=True)
    signed_in.sign_in(post.key(officer))
    signed_in.until_sent(1)
    assert len(post.reports_of(officer)) == 1


def test_another_officer_on_the_same_phone_sends_nothing_in_the_first_ones_name(
    signed_in: Phone, thin: Network, post: Post, officer: str
) -> None:
    second = post.enrol()
    thin.become("cut")
    signed_in.write("formulir kurang")
    thin.become("good")
    signed_in.sign_in(post.key(second))
    signed_in.write("listrik padam")
    signed_in.until_sent(1)
    assert [row["text"] for row in post.reports_of(second)] == ["listrik padam"]
    signed_in.page.locator("#again").click()
    expect(signed_in.page.locator("#others")).to_be_hidden()
    assert [row["text"] for row in post.reports_of(officer)] == ["formulir kurang"]


def test_a_refused_report_says_why_and_can_be_mended(signed_in: Phone, post: Post, officer: str) -> None:
    page = signed_in.page
    page.clock.set_fixed_time("2019-01-01T00:00:00Z")
    signed_in.write("perahu logistik terbalik")
    card = page.locator('#reports > li[data-state="refused"]')
    expect(card).to_contain_text("periksa jam dan tanggal ponsel")
    expect(page.locator("#strip")).to_contain_text("1 laporan ditolak")
    page.clock.set_fixed_time(now() / 1000)
    card.get_by_role("button", name="Perbaiki").click()
    expect(page.locator("#text")).to_have_value("perahu logistik terbalik")
    signed_in.send()
    signed_in.until_sent(1)
    assert [row["text"] for row in post.reports_of(officer)] == ["perahu logistik terbalik"]


def test_a_full_phone_says_so_and_sends_what_fits(
    phone: Phone, context: BrowserContext, post: Post, officer: str, tmp_path: Path
) -> None:
    page = phone.page
    devtools = context.new_cdp_session(page)
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.address, "quotaSize": 1_500_000})
    phone.sign_in(post.key(officer))
    phone.choose("Logistik")
    page.locator("#text").fill("gudang bocor")
    for number in range(6):
        photo = tmp_path / f"{number}.jpg"
        Image.effect_noise((1280, 1280), 200 + number).convert("RGB").save(photo)
        page.locator("#photo").set_input_files(photo)
        phone.until(
            f"document.querySelectorAll('#thumbs img').length > {number} || !document.querySelector('#alert').hidden"
        )
        if page.locator("#alert").is_visible():
            break
    expect(page.locator("#alert")).to_contain_text("Penyimpanan HP penuh: ini BELUM tersimpan.")
    devtools.send("Storage.overrideQuotaForOrigin", {"origin": phone.address})
    expect(page.locator("#text")).to_have_value("gudang bocor")
    phone.send()
    phone.until_sent(1)


def test_numbers_and_short_forms_find_places(signed_in: Phone) -> None:
    found = signed_in.page.evaluate(
        """import('/app/places.js').then((places) => ({
            words: [35, 11, 20, 14, 7].map(places.inWords),
            numbers: ['tps 04 tj baru', 'tps no 12', 'desa tps'].map((text) => places.splitNumber(text).number),
            first: places.search('sei pinang', '16.71').length > 0,
            near: places.search('35 ilir')[0].code,
        }))"""
    )
    assert found["words"] == ["tiga puluh lima", "sebelas", "dua puluh", "empat belas", "tujuh"]
    assert found["numbers"] == [4, 12, None]
    assert found["first"]
    assert re.fullmatch(r"16\.71\.\d\d\.\d{4}", found["near"])
    assert found["near"].startswith(VILLAGE[:8])
