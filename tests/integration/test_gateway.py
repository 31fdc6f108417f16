"""The gateway over a real Kafka: what is accepted is there, through kills and outages; bad input breaks nothing."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from uuid import uuid4

import httpx
import pytest

from producers.gateway.work import solved
from producers.officers import Officer

from .gateway_process import OFFICER, Gateway, gateway

__all__ = ["gateway"]  # a fixture


def report(**more: Any) -> dict[str, Any]:
    return {
        "report_id": str(uuid4()),
        "category": "logistics",
        "text": "logistik belum tiba",
        "reported_at": "2024-11-27T06:10:00+07:00",
        "area": "13.03.03",
        **more,
    }


def test_what_is_accepted_is_in_kafka_with_its_sender_and_its_mark(gateway: Gateway) -> None:
    one, outside = (
        report(reporter={"id": "someone else", "role": "polda", "institution": "polri"}),
        report(area="13.03.04"),
    )
    with gateway.client() as client:
        answer = client.post("/api/v1/reports", json={"reports": [one, outside, report(category="x")]})
    assert answer.status_code == 202
    assert [receipt["state"] for receipt in answer.json()["receipts"]] == ["accepted", "accepted", "refused"]
    stored = {message["report_id"]: message for message in gateway.stored()}
    assert stored[one["report_id"]]["reporter"]["id"] == OFFICER.id
    assert "outside_area" not in stored[one["report_id"]]
    assert stored[outside["report_id"]]["outside_area"] is True


def test_killed_while_phones_send_again_until_told_every_report_arrives_and_known_means_there(
    gateway: Gateway,
) -> None:
    reports = [report(text=f"laporan {number}") for number in range(60)]
    told: dict[str, list[str]] = {one["report_id"]: [] for one in reports}

    def phone(mine: list[dict[str, Any]]) -> None:
        with gateway.client() as client:
            for one in mine:
                while not told[one["report_id"]]:
                    with contextlib.suppress(httpx.TransportError):
                        answer = client.post("/api/v1/reports", json=one)
                        if answer.status_code == 202:
                            told[one["report_id"]].append(answer.json()["receipts"][0]["state"])

    with ThreadPoolExecutor(6) as phones:
        sending = [phones.submit(phone, reports[number::6]) for number in range(6)]
        gateway.kill()
        gateway.start()
        for one in sending:
            one.result()
    there = {message["report_id"] for message in gateway.stored()}
    assert set(told) <= there
    with gateway.client() as client:
        again = client.post("/api/v1/reports", json={"reports": reports}).json()["receipts"]
    assert {receipt["state"] for receipt in again} <= {"known", "accepted"}
    assert sum(receipt["state"] == "known" for receipt in again) >= 40  # what a kill took from the ledger is little


def test_a_link_signs_in_one_phone_and_revoking_ends_it(gateway: Gateway) -> None:
    gateway.officers.put(Officer("pps-2", "Petugas Dua", "", "pps", "kpu", ""), 1)
    link = f"https://posko.example.go.id/masuk#{gateway.officers.make_link('pps-2', int(time.time() * 1000))}"
    with httpx.Client(base_url=gateway.url, timeout=30) as phone, httpx.Client(base_url=gateway.url) as other:
        answer = phone.post("/api/v1/session", json={"link": link, "device": "a" * 32})
        assert answer.status_code == 201
        cookie = answer.headers["set-cookie"].lower()
        assert "httponly" in cookie
        assert "samesite=strict" in cookie
        assert phone.get("/api/v1/me").json()["officer"]["id"] == "pps-2"
        refused = other.post("/api/v1/session", json={"link": link, "device": "b" * 32})
        assert (refused.status_code, refused.json()["reason"]) == (403, "link_used")
        gateway.officers.revoke("pps-2", 1)
        deadline = time.monotonic() + 10
        while (answer := phone.get("/api/v1/me")).status_code == 200 and time.monotonic() < deadline:
            pass  # another process has the file: what it changes is seen a moment later
        assert answer.status_code == 401


def test_citizens_need_a_proof_of_work_and_are_marked(gateway: Gateway) -> None:
    one = report()
    with httpx.Client(base_url=gateway.url, timeout=30) as citizen:
        assert citizen.post("/api/v1/public/reports", json=one).status_code == 403
        challenge = citizen.get("/api/v1/public/challenge").json()["challenge"]
        headers = {"Posko-Challenge": challenge, "Posko-Solution": solved(challenge, [one["report_id"]])}
        answer = citizen.post("/api/v1/public/reports", json=one, headers=headers)
        assert answer.json()["receipts"][0]["state"] == "accepted"
        assert citizen.post("/api/v1/public/reports", json=report(), headers=headers).status_code == 403
        forged = {**headers, "Posko-Challenge": challenge.replace(challenge[:10], "9999999999")}
        assert citizen.post("/api/v1/public/reports", json=one, headers=forged).status_code == 403
    [stored] = [message for message in gateway.stored() if message["report_id"] == one["report_id"]]
    assert (stored["public"], stored["reporter"]["role"]) == (True, "citizen")


JSON = "application/json"
BAD = {
    "no type": ({"content": b"{}"}, 415, "not_json_type"),
    "another type": ({"content": b"{}", "headers": {"content-type": "text/plain"}}, 415, "not_json_type"),
    "another charset": ({"json": {}, "headers": {"content-type": f"{JSON}; charset=utf-16"}}, 415, "not_json_type"),
    "empty": ({"content": b"", "headers": {"content-type": JSON}}, 400, "empty"),
    "half": ({"content": b'{"a', "headers": {"content-type": JSON}}, 400, "not_json"),
    "not UTF-8": ({"content": b'{"a":"\xff"}', "headers": {"content-type": JSON}}, 400, "not_utf8"),
    "a bomb": ({"content": b"[" * 100_000, "headers": {"content-type": JSON}}, 400, "too_deep"),
    "a list": ({"json": [1]}, 422, "no_reports"),
    "no reports": ({"json": {"reports": []}}, 422, "no_reports"),
    "no list": ({"json": {"reports": 3}}, 422, "no_reports"),
    "501": ({"json": {"reports": [{}] * 501}}, 422, "too_many_reports"),
    "9 MB": ({"content": b" " * (9 << 20), "headers": {"content-type": JSON}}, 413, "too_large"),
}  # fmt: skip


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_request_is_refused_in_one_shape(gateway: Gateway, name: str) -> None:
    asked, status, reason = BAD[name]
    with gateway.client() as client:
        answer = client.post("/api/v1/reports", **asked)
        assert (answer.status_code, answer.json()["reason"]) == (status, reason)
        assert answer.json()["message"]
        english = client.post("/api/v1/nowhere", headers={"accept-language": "en"})
        assert english.json() == {"reason": "not_found", "message": "There is nothing at this address.", "field": ""}
        for header, value in (("x-content-type-options", "nosniff"), ("cache-control", "no-store")):
            assert answer.headers[header] == english.headers[header] == value


def test_a_body_without_end_is_cut_off_and_others_are_served(gateway: Gateway) -> None:
    host, port = gateway.url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port)), 30) as endless, gateway.client() as client:
        head = f"POST /api/v1/reports HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {gateway.token}\r\n"
        endless.sendall(f"{head}Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n".encode())
        with contextlib.suppress(OSError):
            for _ in range(20):
                endless.sendall(b"100000\r\n" + b" " * (1 << 20) + b"\r\n")
        assert b" 413 " in endless.recv(1000).split(b"\r\n")[0] + b" "
        assert client.post("/api/v1/reports", json=report()).status_code == 202


def test_ten_thousand_reports_at_once_are_all_answered(gateway: Gateway) -> None:
    def phone(number: int) -> set[str]:
        with gateway.client() as client:
            answer = client.post("/api/v1/reports", json={"reports": [report() for _ in range(250)]})
            assert answer.status_code in (202, 429, 503)
            assert answer.status_code == 202 or int(answer.headers["retry-after"]) > 0
            return {receipt["state"] for receipt in answer.json().get("receipts", [])}

    with ThreadPoolExecutor(40) as phones:
        assert set().union(*phones.map(phone, range(40))) == {"accepted"}
    with gateway.client() as client:
        assert client.get("/api/v1/me").status_code == 200


def test_without_clickhouse_reports_are_received_and_a_note_says_why_no_more_is_known(gateway: Gateway) -> None:
    with gateway.client() as client:
        answer = client.get("/api/v1/reports", params={"ids": "00000000-0000-4000-8000-000000000001"})
    assert answer.status_code == 200
    assert answer.json()["reports"] == [{"report_id": "00000000-0000-4000-8000-000000000001", "state": "received"}]
    assert answer.json()["note"]


def test_while_kafka_is_paused_nothing_is_accepted_and_then_everything(gateway: Gateway) -> None:
    broker = gateway.broker
    one = report()
    with gateway.client() as client:
        os.kill(broker, signal.SIGSTOP)
        try:
            answers = [client.post("/api/v1/reports", json=one) for _ in range(3)]
        finally:
            os.kill(broker, signal.SIGCONT)
        assert [answer.status_code for answer in answers] == [503] * 3
        assert all(int(answer.headers["retry-after"]) >= 2 for answer in answers)
        deadline = time.monotonic() + 60
        while (answer := client.post("/api/v1/reports", json=one)).status_code == 503 and time.monotonic() < deadline:
            time.sleep(0.2)
        assert answer.json()["receipts"][0]["state"] in ("known", "accepted")
    assert [message["report_id"] for message in gateway.stored()].count(one["report_id"]) == 1
