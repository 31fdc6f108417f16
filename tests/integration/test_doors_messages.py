"""SMS and WhatsApp as their gateways call us: understood, joined, answered, once in Kafka however often delivered."""

from __future__ import annotations

import base64
import hashlib
import hmac
import io
import json
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest
from PIL import Image

from producers.sms.reply import ONE_SMS

from .doors import NOON, PHONE, Doors, Elsewhere, doors, elsewhere

SECRET = "geheim-123"
KEY = {"X-Posko-Secret": SECRET}
SMS = {"sms_secret": SECRET, "sms_twilio_token": "12345", "gateway_url": "https://posko.example"}
LOG = "LOG 4 prahu kandas"


def message(text: str = LOG, number: str = "0812 3456 7890", name: str = "m1", **more: Any) -> dict[str, Any]:
    return {"from": number, "text": text, "id": name, "time": NOON // 1000, **more}


async def sms(here: Doors, text: str = LOG, number: str = "0812 3456 7890", name: str = "m1", **more: Any) -> str:
    answer = await here.client.post("/sms/in", json=message(text, number, name, **more), headers=KEY)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["reply"])


async def test_a_short_message_is_one_report_and_its_answer_says_what_was_understood(
    kafka: str, tmp_path: Path
) -> None:
    async with doors(tmp_path, kafka, **SMS) as here:
        said = [await sms(here) for _ in range(3)]
        [report] = await here.reports()
        assert report["tps"] == "16.71.01.1001/004"
        assert (report["text"], report["original"], report["channel"]) == ("prahu kandas", LOG, "sms")
        assert report["reporter"] == {"id": "kpps-17", "role": "kpps", "institution": "kpu", "home": "16.71.01.1001"}
        assert PHONE[3:] not in json.dumps(report)
        name = report["report_id"][:6].upper()
        place = "TPS 4, 35 Ilir, Kec. Ilir Barat II, Kota Palembang"
        assert said == [f"Laporan {name} diterima: Logistik; {place}. Terima kasih."] * 3
        assert len(said[0]) <= ONE_SMS


async def test_what_is_missing_is_asked_for_and_the_answer_completes_the_report(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **SMS, messages_public=True) as here:
        stranger = "0813 1111 2222"
        assert (await sms(here, "ada masalah pak", stranger, "a")).startswith(
            "BELUM DIKIRIM. Jenis laporan? Balas LOG,"
        )
        assert "Di mana?" in await sms(here, "LOG prahu kandas", stranger, "b")
        assert await here.reports() == []
        assert "diterima: Logistik; TPS 4, 35 Ilir" in await sms(here, "tps 4 35 ilir", stranger, "c")
        [report] = await here.reports()
        assert (report["tps"], report["public"]) == ("16.71.01.1001/004", True)
        assert (report["reporter"]["role"], report["reporter"]["institution"]) == ("citizen", "public")
        assert "131111" not in json.dumps(report)

        await sms(here, "KAM ada keributan besar", stranger, "d")
        await here.later("sms", 179)
        assert len(await here.reports()) == 1
        await here.later("sms", 2)
        assert (await here.reports())[1]["text"] == "ada keributan besar"


async def test_who_is_not_enrolled_is_turned_away_unless_citizens_may_report(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **SMS) as here:
        assert "belum terdaftar" in await sms(here, number="0813 1111 2222")
        assert await sms(here, number="TELKOMSEL", name="m2") == ""
        assert await here.reports() == []


async def test_pieces_of_a_long_message_join_in_any_order_and_across_a_restart(kafka: str, tmp_path: Path) -> None:
    first = {"text": "LOG 4 prahu kandas di ", "name": "p1", "udh": "050003A10201"}
    second = {"text": "muara, air surut", "name": "p2", "udh": "050003A10202"}
    async with doors(tmp_path, kafka, **SMS) as here:
        assert await sms(here, **second) == ""
        topic = here.topic
    async with doors(tmp_path, kafka, topic, **SMS) as here:
        said = await sms(here, **first)
        assert "diterima: Logistik" in said
        assert [await sms(here, **first), await sms(here, **second)] == [said, ""]
        await here.later("sms", 700)
        [report] = await here.reports()
        assert report["text"] == "prahu kandas di muara, air surut"


async def test_a_piece_that_never_comes_does_not_keep_the_others_back(kafka: str, tmp_path: Path) -> None:
    with elsewhere() as provider:
        async with doors(tmp_path, kafka, **SMS, sms_send=provider.url) as here:
            await sms(here, "LOG 4 prahu kandas di ", name="p1", part=1, parts=3, ref=7)
            await here.later("sms", 601)
            [report] = await here.reports()
            assert report["text"] == "prahu kandas di [...] [...]"
            _, told = await provider.next()
            assert told["to"] == PHONE
            assert "diterima" in told["text"]


async def test_kannel_in_both_of_its_ways(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **SMS) as here:
        raw = "LOG 4 prahu kandas – ditunggu".encode("utf-16-be")
        fields = {"from": PHONE, "coding": "2", "id": "k1", "time": NOON // 1000, "secret": SECRET, "text": raw}
        got = await here.client.get("/sms/kannel?" + urlencode(fields))
        assert (got.status_code, got.headers["content-type"]) == (200, "text/plain; charset=utf-8")
        assert "diterima" in got.text
        headers = {**KEY, "X-Kannel-From": PHONE, "X-Kannel-Time": str(NOON // 1000), "X-Kannel-Coding": "0"}
        posted = await here.client.post("/sms/kannel", content=b"KAM 4 ada ribut", headers=headers)
        assert "Keamanan" in posted.text
        assert [one["text"] for one in await here.reports()] == ["prahu kandas – ditunggu", "ada ribut"]


async def test_twilio_with_its_signature_and_nobody_without(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **SMS) as here:
        form = {"From": PHONE, "Body": LOG, "MessageSid": "SM1", "To": "+62800"}
        signed = "https://posko.example/sms/twilio" + "".join(name + form[name] for name in sorted(form))
        good = base64.b64encode(hmac.new(b"12345", signed.encode(), hashlib.sha1).digest()).decode()
        answer = await here.client.post("/sms/twilio", data=form, headers={"X-Twilio-Signature": good})
        assert answer.text.startswith('<?xml version="1.0" encoding="UTF-8"?><Response><Message>Laporan ')
        for given in ({}, {"X-Twilio-Signature": "x"}):
            assert (await here.client.post("/sms/twilio", data=form, headers=given)).status_code == 403
        assert (
            await here.client.post("/sms/twilio", data={**form, "Body": "x"}, headers={"X-Twilio-Signature": good})
        ).status_code == 403
        assert len(await here.reports()) == 1


@pytest.mark.parametrize("secret", ["", SECRET], ids=["closed", "open"])
async def test_without_the_secret_nobody_comes_in(kafka: str, tmp_path: Path, secret: str) -> None:
    async with doors(tmp_path, kafka, sms_secret=secret) as here:
        for given in ({}, {"X-Posko-Secret": ""}, {"X-Posko-Secret": "falsch"}, {"Authorization": "Bearer falsch"}):
            assert (await here.client.post("/sms/in", json=message(), headers=given)).status_code == 403
        assert (await here.client.get("/sms/kannel?secret=&from=0812&text=x")).status_code == 403
        assert (await here.client.post("/sms/twilio", data={"From": PHONE})).status_code == 403
        assert (await here.client.post("/whatsapp/webhook", json={})).status_code == 403


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"", 400),
        (b"[]", 400),
        (b"{", 400),
        (b"{}", 422),
        (b"\xff\xfe", 400),
        (b"[" * 30_000, 400),
        (b"x" * 70_000, 413),
    ],
    ids=["empty", "list", "cut", "nothing", "bytes", "deep", "large"],
)
async def test_calls_that_are_no_message_get_a_clear_answer(
    kafka: str, tmp_path: Path, body: bytes, status: int
) -> None:
    async with doors(tmp_path, kafka, **SMS) as here:
        assert (await here.client.post("/sms/in", content=body, headers=KEY)).status_code == status


WA = {"whatsapp_verify": "hallo", "whatsapp_secret": "app", "whatsapp_token": "token"}


def call(*messages: dict[str, Any]) -> bytes:
    value = {"messaging_product": "whatsapp", "metadata": {"phone_number_id": "555"}, "messages": list(messages)}
    return json.dumps({"object": "whatsapp_business_account", "entry": [{"changes": [{"value": value}]}]}).encode()


def said(name: str, kind: str, content: Any) -> dict[str, Any]:
    return {"from": PHONE[1:], "id": f"wamid.{name}", "timestamp": str(NOON // 1000), "type": kind, kind: content}


async def post(here: Doors, body: bytes, secret: str = "app") -> int:
    made = "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
    answer = await here.client.post("/whatsapp/webhook", content=body, headers={"X-Hub-Signature-256": made})
    return answer.status_code


def picture() -> bytes:
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "navy").save(file, "JPEG")
    return file.getvalue()


def announced(provider: Elsewhere, photo: bytes) -> dict[str, Any]:
    """A picture as WhatsApp announces it, ready to be fetched."""
    provider.served |= {"/9": json.dumps({"url": f"{provider.url}/file/9"}).encode(), "/file/9": photo}
    return {"id": "9", "mime_type": "image/jpeg", "sha256": base64.b64encode(hashlib.sha256(photo).digest()).decode()}


async def test_text_position_and_picture_on_whatsapp_are_one_report(kafka: str, tmp_path: Path) -> None:
    photo = picture()
    with elsewhere() as provider:
        async with doors(tmp_path, kafka, **WA, whatsapp_graph=provider.url) as here:
            first = call(said("1", "text", {"body": "LOG 4 prahu kandas"}))
            assert await post(here, first) == 200
            await here.later("whatsapp", 10)
            rest = call(
                said("2", "location", {"latitude": -2.99, "longitude": 104.75}),
                said("3", "image", announced(provider, photo)),
            )
            assert [await post(here, body) for body in (rest, first, rest)] == [200, 200, 200]
            await here.later("whatsapp", 15)
            assert await here.reports() == []
            topic = here.topic
        async with doors(tmp_path, kafka, topic, **WA, whatsapp_graph=provider.url) as here:
            await here.later("whatsapp", 31)
            [report] = await here.reports()
            assert (report["tps"], report["lat"], report["channel"]) == ("16.71.01.1001/004", -2.99, "whatsapp")
            [file] = report["attachments"]
            assert (file["sha256"], file["bytes"]) == (hashlib.sha256(photo).hexdigest(), len(photo))
            path, reply = await provider.next()
            assert (path, reply["to"]) == ("/555/messages", PHONE[1:])
            assert "diterima: Logistik; TPS 4" in reply["text"]["body"]
            assert await post(here, first) == 200
            await here.later("whatsapp", 400)
            assert len(await here.reports()) == 1


async def test_forged_calls_and_statuses_on_whatsapp_do_nothing(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **WA) as here:
        body = call(said("1", "text", {"body": "LOG 4 prahu kandas"}))
        assert [await post(here, body, secret) for secret in ("", "other")] == [403, 403]
        assert (await here.client.post("/whatsapp/webhook", content=body)).status_code == 403
        for harmless in (
            b"{}",
            b"[]",
            b'{"entry":[{"changes":[{"value":{"statuses":[{"id":"wamid.1"}]}}]}]}',
            b'{"entry":3}',
        ):
            assert await post(here, harmless) == 200
        assert await post(here, b"{") == 400
        await here.later("whatsapp", 400)
        assert await here.reports() == []


async def test_meta_is_given_its_challenge_back_for_the_right_token_only(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, kafka, **WA) as here:
        asked = {"hub.mode": "subscribe", "hub.challenge": "4711", "hub.verify_token": "hallo"}
        assert (await here.client.get("/whatsapp/webhook", params=asked)).text == "4711"
        for wrong in ({**asked, "hub.verify_token": "x"}, {**asked, "hub.verify_token": ""}, {"hub.challenge": "4711"}):
            assert (await here.client.get("/whatsapp/webhook", params=wrong)).status_code == 403


async def test_while_kafka_is_away_messages_are_kept_and_that_is_what_is_answered(kafka: str, tmp_path: Path) -> None:
    async with doors(tmp_path, "127.0.0.1:1", "nowhere", patience=0.2, **SMS) as here:
        assert (await sms(here)).startswith("Laporan TERSIMPAN, belum diteruskan")
    with elsewhere() as provider:
        async with doors(tmp_path, kafka, **SMS, sms_send=provider.url) as here:
            await here.later("sms", 70)
            [report] = await here.reports()
            assert report["text"] == "prahu kandas"
            _, told = await provider.next()
            assert "diterima: Logistik" in told["text"]
