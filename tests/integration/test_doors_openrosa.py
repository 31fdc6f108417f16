"""ODK Collect's conversation with us, step by step as the OpenRosa specifications have it."""

from __future__ import annotations

import hashlib
import io
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import httpx
import pytest
from PIL import Image

from .doors import NOON, OFFICER, Doors, doors

ID = "0d5b3a52-54c4-4a52-9d0f-6a1d1f0e7c01"
LIST = "{http://openrosa.org/xforms/xformsList}"
MANIFEST = "{http://openrosa.org/xforms/xformsManifest}"


def filled(
    version: str, text: str = "perahu kandas", photo: str = "", instance: str = ID, form: str = "posko_laporan"
) -> bytes:
    return (
        f"<?xml version='1.0' ?><data xmlns:orx='http://openrosa.org/xforms' id='{form}' version='{version}'>"
        "<start>2024-11-27T06:59:00.000+07:00</start><end>2024-11-27T07:04:00.000+07:00</end>"
        f"<category>logistics</category><kind>stranded</kind><text>{text}</text><place><regency>16.71</regency>"
        "<district>16.71.01</district><village>16.71.01.1001</village><tps>4</tps></place>"
        "<location>-2.99 104.75 1 5</location>"
        f"<severity/><occurred_at/><photo>{photo}</photo><photo2/>"
        f"<orx:meta><orx:instanceID>uuid:{instance}</orx:instanceID></orx:meta></data>"
    ).encode()


def picture(colour: str = "navy") -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), colour).save(file, "JPEG")
    return file.getvalue()


class Collect:
    """The app on an officer's phone, with a key in the server's address."""

    def __init__(self, here: Doors) -> None:
        self.here, self.client = here, here.client
        self.base = f"/odk/{here.parts.officers.make_token(OFFICER.id, NOON)}"

    async def version(self) -> str:
        listed = await self.client.get(f"{self.base}/formList", headers={"X-OpenRosa-Version": "1.0"})
        found = ElementTree.fromstring(listed.content).findtext(f"{LIST}xform/{LIST}version")
        assert found
        return found

    async def send(self, xml: bytes, files: dict[str, bytes] | None = None, more: bool = False) -> Any:
        """A submission as the app makes it; `more`: the rest of its files follows."""
        parts: list[Any] = [("xml_submission_file", ("submission.xml", xml, "text/xml"))]
        parts += [(name, (name, content, "image/jpeg")) for name, content in (files or {}).items()]
        if more:
            parts.append(("*isIncomplete*", (None, b"yes")))
        return await self.client.post(f"{self.base}/submission", files=parts)


def told(answer: Any) -> str:
    return ElementTree.fromstring(answer.content).findtext("{http://openrosa.org/http/response}message") or ""


async def test_the_form_and_its_files_come_down_as_listed(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, election="sijunjung-2024") as here:
        collect = Collect(here)
        listed = await here.client.get(f"{collect.base}/formList")
        assert (listed.headers["X-OpenRosa-Version"], listed.headers["content-type"]) == (
            "1.0",
            "text/xml; charset=utf-8",
        )
        [form] = ElementTree.fromstring(listed.content)
        down = await here.client.get(form.findtext(f"{LIST}downloadUrl") or "")
        assert form.findtext(f"{LIST}hash") == "md5:" + hashlib.md5(down.content).hexdigest()
        manifest = await here.client.get(form.findtext(f"{LIST}manifestUrl") or "")
        files = ElementTree.fromstring(manifest.content)
        assert [one.findtext(f"{MANIFEST}filename") for one in files] == [
            "regencies.csv",
            "districts.csv",
            "villages.csv",
        ]
        for file in files:
            got = await here.client.get(file.findtext(f"{MANIFEST}downloadUrl") or "")
            assert file.findtext(f"{MANIFEST}hash") == "md5:" + hashlib.md5(got.content).hexdigest()
        for wrong in ("forms/other/v/form.xml", "forms/posko_laporan/v/other.xml", "forms/posko_laporan/v/media/x.csv"):
            assert (await here.client.get(f"{collect.base}/{wrong}")).status_code == 404


async def test_a_submission_with_a_photo_is_one_report_however_often_it_is_sent(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka) as here:
        collect, photo = Collect(here), picture()
        asked = await here.client.head(f"{collect.base}/submission")
        assert (asked.status_code, asked.headers["X-OpenRosa-Accept-Content-Length"]) == (204, str(16 << 20))
        xml = filled(await collect.version(), photo="1.jpg")
        answers = [await collect.send(xml, {"1.jpg": photo}) for _ in range(3)]
        assert [answer.status_code for answer in answers] == [201, 202, 202]
        assert told(answers[0]) == "Laporan diterima posko."
        [report] = await here.reports()
        assert (report["report_id"], report["tps"], report["kind"]) == (ID, "16.71.01.1001/4", "stranded")
        assert (report["channel"], report["reporter"]["id"]) == ("odk", "kpps-17")
        assert "form_outdated" not in report
        digest = hashlib.sha256(photo).hexdigest()
        assert report["attachments"] == [{"sha256": digest, "mime": "image/jpeg", "name": "1.jpg", "bytes": len(photo)}]
        assert b"".join(here.parts.attachments.read(digest)) == photo
        other = await collect.send(filled(await collect.version(), "lain", "1.jpg"), {"1.jpg": photo})
        assert (other.status_code, len(await here.reports())) == (409, 1)


async def test_a_submission_in_several_parts_is_a_report_when_the_last_has_come(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka) as here:
        collect = Collect(here)
        xml = filled(await collect.version(), photo="1.jpg").replace(b"<photo2/>", b"<photo2>2.jpg</photo2>")
        first = await collect.send(xml, {"1.jpg": picture()}, more=True)
        assert (first.status_code, await here.reports()) == (201, [])
        assert (await collect.send(xml, {"2.jpg": picture("red")})).status_code == 201
        [report] = await here.reports()
        assert [one["name"] for one in report["attachments"]] == ["1.jpg", "2.jpg"]


async def test_an_old_form_a_stray_kind_and_a_broken_photo_do_not_cost_the_report(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka) as here:
        collect = Collect(here)
        xml = filled("v0", photo="1.jpg").replace(b"<kind>stranded</kind>", b"<kind>brawl</kind>")
        answer = await collect.send(xml, {"1.jpg": b"<html><script>alert(1)</script>"})
        assert answer.status_code == 201
        assert "1 lampiran tidak dapat dibaca" in told(answer)
        assert "Formulir Anda sudah lama" in told(answer)
        [report] = await here.reports()
        assert (report["form_version"], report["form_outdated"], report["kind_chosen"]) == ("v0", True, "brawl")
        assert not {"kind", "attachments"} & report.keys()


async def test_what_is_no_submission_is_refused_and_brings_nothing(kafka: str, tmp_path: Path) -> None:
    bomb = (
        b'<!DOCTYPE d [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;">]><data id="posko_laporan"><text>&b;</text></data>'
    )
    async with doors(tmp_path, kafka) as here:
        collect = Collect(here)
        assert (await collect.send(bomb)).status_code == 400
        assert (await collect.send(b"")).status_code == 400
        assert (await collect.send(b"\xff\xfe")).status_code == 400
        assert (await collect.send(filled("v", form="other"))).status_code == 404
        assert (await collect.send(filled("v").replace(b"logistics", b"nonsense"))).status_code == 422
        plain = await here.client.post(
            f"{collect.base}/submission", content=filled("v"), headers={"Content-Type": "text/xml"}
        )
        assert plain.status_code == 415
        cut = {"Content-Type": "multipart/form-data"}
        assert (await here.client.post(f"{collect.base}/submission", content=b"x", headers=cut)).status_code == 400
        large = await collect.send(filled("v"), {"1.jpg": bytes(17 << 20)})
        assert large.status_code == 413
        assert await here.reports() == []


async def test_digest_opens_for_the_officer_and_closes_when_revoked(kafka: str, tmp_path: Path) -> None:
    from producers.openrosa.accounts import Accounts

    async with doors(tmp_path, kafka, election="sijunjung-2024") as here:
        password = Accounts(tmp_path / "odk.sqlite3").make(OFFICER.id, NOON)

        async def status(user: str, secret: str) -> int:
            auth = httpx.DigestAuth(user, secret)
            return (await here.client.get("/odk/formList", auth=auth)).status_code

        first = await here.client.get("/odk/formList")
        assert (first.status_code, first.headers["WWW-Authenticate"][:20]) == (401, 'Digest realm="posko"')
        assert await status(OFFICER.id, password) == 200
        assert [await status(OFFICER.id, "falsch"), await status("kpps-18", password)] == [401, 401]
        posted = await here.client.post(
            "/odk/submission", files={"xml_submission_file": ("s.xml", filled("v"), "text/xml")},
            auth=httpx.DigestAuth(OFFICER.id, password),
        )  # fmt: skip
        assert posted.status_code == 201
        assert (await here.client.get("/odk/falsch/formList")).status_code == 401
        here.parts.officers.revoke(OFFICER.id, NOON)
        assert await status(OFFICER.id, password) == 401


@pytest.mark.parametrize("door", ["/odk/formList", "/odk/x/formList"])
async def test_who_guesses_is_slowed_down(kafka: str, tmp_path: Path, door: str) -> None:
    wrong = 'Digest username="x", realm="posko", nonce="1-a", uri="/odk/formList", qop=auth, nc=00000001, response="b"'
    async with doors(tmp_path, kafka) as here:
        answers = [await here.client.get(door, headers={"Authorization": wrong}) for _ in range(61)]
        assert {answer.status_code for answer in answers[:60]} == {401}
        assert (answers[60].status_code, int(answers[60].headers["Retry-After"]) > 0) == (429, True)
