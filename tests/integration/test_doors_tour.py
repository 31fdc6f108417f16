"""The same event through every door of a running command post: one incident, with every voice in it."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import uuid4
from zoneinfo import ZoneInfo

import clickhouse_connect
import httpx
import pytest
from playwright.sync_api import sync_playwright

from posko.local.progress import drained
from producers.cap.alert import NAMESPACE
from producers.officers import Officer, Officers
from producers.openrosa.accounts import Accounts
from tests.browser import chromium
from tests.browser.conftest import PHONE, Phone

from .conftest import Instance, free_ports, posko

Up = Callable[..., AbstractContextManager[Instance]]
VILLAGE, TPS = "16.71.01.1001", "16.71.01.1001/004"
SECRETS = {"POSKO_SMS_SECRET": "gerbang", "POSKO_WHATSAPP_SECRET": "app", "POSKO_LOG_LEVEL": "warning"}
NOW = datetime.now(ZoneInfo("Asia/Jakarta")).replace(microsecond=0)  # what short messages count as sent
AT = NOW.isoformat()
PEOPLE = (
    Officer("kpps-17", "", "", "kpps", "kpu", VILLAGE),
    Officer("kpps-18", "Petugas Uji", "", "kpps", "kpu", VILLAGE),
    Officer("babinsa-4", "", "", "babinsa", "tni", VILLAGE),
    Officer("pkd-9", "", "+6281200000009", "pkd", "bawaslu", VILLAGE),
    Officer("polsek-2", "", "+6281200000002", "polsek", "polri", "16.71.01"),
    Officer("bpbd-sistem", "", "", "bpbd", "pemda", "16", program=True),
)


def by_api(client: httpx.Client, officers: Officers) -> None:
    report = {"report_id": str(uuid4()), "category": "logistics", "kind": "stranded", "reported_at": AT, "tps": TPS,
              "text": "Perahu pengangkut logistik kandas, kotak suara belum tiba di TPS"}  # fmt: skip
    token = officers.make_token("kpps-17", 0)
    answer = client.post("/api/v1/reports", json=report, headers={"Authorization": f"Bearer {token}"})
    assert answer.json()["receipts"][0]["state"] == "accepted"


def by_phone(address: str, officers: Officers) -> None:
    """The officers' web app in a real browser."""
    key = officers.make_link("kpps-18", int(NOW.timestamp() * 1000))
    with (
        sync_playwright() as started,
        started.chromium.launch(executable_path=chromium.path(), args=chromium.FLAGS) as browser,
        browser.new_context(**PHONE) as context,
    ):
        phone = Phone(context.new_page(), address)
        phone.sign_in(key)
        phone.write("perahu pengangkut logistik kandas, kotak suara belum tiba di TPS 4")
        phone.until_sent(1)


def by_odk(client: httpx.Client, accounts: Accounts) -> None:
    xml = (
        f"<data id='posko_laporan' version='1'><end>{AT}</end><category>logistics</category><kind>stranded</kind>"
        f"<text>perahu logistik kandas, logistik belum tiba</text><village>{VILLAGE}</village><tps>4</tps>"
        f"<meta><instanceID>uuid:{uuid4()}</instanceID></meta></data>"
    )
    files = {"xml_submission_file": ("s.xml", xml, "text/xml")}
    auth = httpx.DigestAuth("babinsa-4", accounts.make("babinsa-4", 0))
    assert client.post("/odk/submission", files=files, auth=auth).status_code == 201


def by_sms(client: httpx.Client) -> None:
    fields = {"from": "081200000009", "text": "LOG 4 prahu kandas lgstk blm tiba", "id": "1"}
    answer = client.get("/sms/kannel", params={**fields, "secret": "gerbang"})
    assert "diterima: Logistik; TPS 4, 35 Ilir" in answer.text


def by_whatsapp(client: httpx.Client) -> None:
    text = {"body": "logistik TPS 4 35 ilir belum sampai, perahunya kandas"}
    message = {
        "from": "6281200000002",
        "id": "wamid.1",
        "timestamp": str(int(NOW.timestamp())),
        "type": "text",
        "text": text,
    }
    body = json.dumps({"entry": [{"changes": [{"value": {"messages": [message]}}]}]}).encode()
    signed = {"X-Hub-Signature-256": "sha256=" + hmac.new(b"app", body, hashlib.sha256).hexdigest()}
    assert client.post("/whatsapp/webhook", content=body, headers=signed).status_code == 200


def by_cap(client: httpx.Client, officers: Officers) -> dict[str, str]:
    xml = (
        f'<alert xmlns="{NAMESPACE}"><identifier>1</identifier><sender>bpbd</sender><sent>{AT}</sent>'
        "<status>Actual</status><msgType>Alert</msgType><info><category>Transport</category><event>Logistik</event>"
        "<description>Perahu logistik kandas, kotak suara TPS 4 belum tiba</description><area><areaDesc>x</areaDesc>"
        f"<geocode><valueName>kemendagri</valueName><value>{VILLAGE}</value></geocode></area></info></alert>"
    )
    token = {"Authorization": f"Bearer {officers.make_token('bpbd-sistem', 0)}"}
    assert client.post("/cap", content=xml, headers=token).status_code == 202
    return token


def by_file(instance: Instance, folder: Path) -> None:
    file = folder / "laporan.csv"
    file.write_text(
        f'uraian;tps;waktu;lembaga\n"Perahu logistik kandas, kotak suara belum tiba";{TPS};{NOW:%d/%m/%Y %H.%M};media\n'
    )
    done = posko("import", "reports", str(file), "--data", str(instance.data))
    assert done.stdout == "1 reports imported, 0 rows are wrong\n"


@pytest.mark.timeout(600)
def test_one_event_through_every_door_is_one_incident(posko_up: Up, tmp_path: Path) -> None:
    with posko_up(tmp_path / "instance", free_ports(), env=SECRETS) as instance:
        known = instance.settings
        officers = Officers(known.data / "officers.sqlite3")
        officers.put_all(PEOPLE, 0)
        database = clickhouse_connect.get_client(**known.clickhouse_client_options)

        def channels() -> dict[str, Any]:
            rows = database.query("SELECT channel, incident_id FROM posko.reports").result_rows
            return dict(rows)

        with httpx.Client(base_url=known.gateway_address, timeout=60) as client:
            by_whatsapp(client)  # it waits some seconds for a position and pictures
            by_api(client, officers)
            by_phone(known.gateway_address, officers)
            by_odk(client, Accounts(known.data / "odk.sqlite3"))
            by_sms(client)
            token = by_cap(client, officers)
            by_file(instance, tmp_path)
            instance.until(lambda: len(channels()) >= 5 and "whatsapp" in channels())
            assert drained(known, 100) == []
            assert channels().keys() == {"api", "app", "import", "odk", "sms", "whatsapp"}
            [incident] = set(channels().values())
            sql = "SELECT reports, institutions, category, kind, tps FROM posko.incidents"
            assert database.query(sql).result_rows == [(7, 6, "logistics", "stranded", TPS)]
            told = client.get(f"/cap/{incident}", headers=token)
            assert told.headers["content-type"].startswith("application/cap+xml")
            assert f"<identifier>{incident}-" in told.text
            assert client.get("/cap/16.71-NICHTDA", headers=token).status_code == 404
