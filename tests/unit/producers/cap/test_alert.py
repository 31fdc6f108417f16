"""Alerts of agencies as reports, and incidents as alerts."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import orjson
import pytest

from posko import context
from posko.context import Context
from posko.report import parse
from producers.cap import alert, incident
from producers.cap.alert import NAMESPACE, NotMeant, Unreadable

AREA = "<area><areaDesc>Tanjung Baru, Tanjung Lubuk</areaDesc>{}</area>"


@pytest.fixture(scope="module")
def known() -> Context:
    return context.load("sumsel-2024")


def cap(
    area: str = "", status: str = "Actual", kind: str = "Alert", more: str = "", category: str = "Transport"
) -> bytes:
    return (
        f'<?xml version="1.0" encoding="UTF-8"?><alert xmlns="{NAMESPACE}"><identifier>BPBD-17</identifier>'
        f"<sender>bpbd@oki.example</sender><sent>2024-11-27T07:05:00+07:00</sent><status>{status}</status>"
        f"<msgType>{kind}</msgType><scope>Public</scope><info><language>id-ID</language><category>{category}</category>"
        "<event>Perahu kandas</event><urgency>Immediate</urgency><severity>Severe</severity>"
        "<certainty>Observed</certainty>"
        "<onset>2024-11-27T06:30:00+07:00</onset><headline>Perahu logistik kandas</headline>"
        "<description>Perahu logistik kandas di muara, belum tiba.</description>"
        f"{more}{AREA.format(area)}</info></alert>"
    ).encode()


def test_an_alert_is_a_report_and_always_the_same_one(known: Context) -> None:
    made = alert.read(cap(), known)
    assert made["report_id"] == alert.read(cap(), known)["report_id"]
    report = parse(orjson.dumps({**made, "reporter": {"id": "bpbd", "role": "bpbd", "institution": "pemda"}}))
    assert (report.category, report.severity, report.area) == ("logistics", 4, "16.02.02.2003")
    assert report.text == "Perahu logistik kandas di muara, belum tiba. Perahu kandas"
    assert report.reported_at - (report.occurred_at or 0) == 35 * 60_000


@pytest.mark.parametrize(
    ("area", "place"),
    [
        ("<geocode><valueName>kemendagri</valueName><value>1671011001</value></geocode>", {"area": "16.71.01.1001"}),
        ("<circle>-2.99,104.75 1.5</circle>", {"lat": -2.99, "lng": 104.75}),
        ("<polygon>-3,104 -3,105 -2,105 -2,104 -3,104</polygon>", {"lat": -2.5, "lng": 104.5}),
        ("<circle>here</circle>", {"area": "16.02.02.2003"}),
    ],
)
def test_its_place_is_read_from_code_shape_or_name(known: Context, area: str, place: dict[str, Any]) -> None:
    made = alert.read(cap(area), known)
    assert {name: made[name] for name in ("area", "lat", "lng") if name in made} == place


def test_category_and_kind_may_be_said_and_disasters_are_known(known: Context) -> None:
    said = "".join(
        f"<parameter><valueName>posko.{name}</valueName><value>{value}</value></parameter>"
        for name, value in (("category", "security"), ("kind", "accident"))
    )
    made = alert.read(cap(more=said), known)
    assert (made["category"], made["kind"]) == ("security", "accident")
    made = alert.read(cap(category="Met"), known)
    assert (made["category"], made["kind"]) == ("security", "disaster")


@pytest.mark.parametrize(
    ("status", "kind"), [("Test", "Alert"), ("Exercise", "Alert"), ("Actual", "Cancel"), ("Actual", "Ack")]
)
def test_tests_and_acknowledgements_are_no_reports(known: Context, status: str, kind: str) -> None:
    with pytest.raises(NotMeant, match=status):
        alert.read(cap(status=status, kind=kind), known)


@pytest.mark.parametrize(
    "xml",
    [
        b"",
        b"<alert/>",
        cap().replace(b"cap:1.2", b"cap:1.1"),
        cap().replace(b"<identifier>BPBD-17</identifier>", b""),
        cap().split(b"<info>")[0] + b"</alert>",
        b'<!DOCTYPE a [<!ENTITY x "y">]>' + cap(),
        cap("<geocode/>" * 3000),
        cap("x" * alert.MAX_BYTES),
    ],
    ids=["empty", "other", "version", "no id", "no info", "entities", "many", "large"],
)
def test_what_is_no_alert_is_refused(known: Context, xml: bytes) -> None:
    with pytest.raises(Unreadable):
        alert.read(xml, known)


def test_an_incident_goes_out_as_an_alert_that_reads_back_as_the_same_event(known: Context) -> None:
    at = datetime(2024, 11, 27, 0, 5, tzinfo=UTC)
    row = {
        "incident_id": "16.02-AB12CD34EF", "version": 3, "status": "verified", "category": "logistics",
        "kind": "stranded", "severity": 4, "confidence": "verified", "title": "Angkutan terhenti <di> Tanjung Baru",
        "summary": "perahu & kotak",
        "place_name": "Tanjung Baru, Kec. Tanjung Lubuk", "lat": -3.4, "lng": 104.8, "place_m": 2500.0,
        "province": "16", "regency": "16.02", "district": "16.02.02", "village": "16.02.02.2003", "first_at": at,
        "updated_at": at,
    }  # fmt: skip
    made = incident.alert(row, known.catalog, "posko@posko.example")
    root = ElementTree.fromstring(made)
    said = {one.tag.rpartition("}")[2]: one.text for one in root.iter()}
    assert (said["identifier"], said["msgType"], said["sent"]) == (
        "16.02-AB12CD34EF-3",
        "Update",
        "2024-11-27T00:05:00-00:00",
    )
    assert (said["severity"], said["certainty"], said["circle"]) == ("Severe", "Observed", "-3.40000,104.80000 2.50")
    back = alert.read(made, known)
    assert (back["category"], back["kind"], back["area"]) == ("logistics", "stranded", "16.02.02.2003")
    ended = ElementTree.fromstring(incident.alert({**row, "status": "resolved"}, known.catalog, "x"))
    assert ended.findtext(f"{{{NAMESPACE}}}msgType") == "Cancel"
