"""The report contract: what is accepted, in which normal form, and how precisely the rest is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posko import report
from posko.report import Invalid, parse
from posko.report_errors import REASONS

SHA = "0" * 63 + "a"
FULL: dict[str, Any] = {
    "report_id": "5f0c1f9e-8d3a-4b57-9a53-0c2f1f6f3f11",
    "category": "logistics",
    "kind": "late",
    "text": "lgstk blm tiba tps 4, prahu kandas",
    "reported_at": "2024-11-27T07:05:00+07:00",
    "occurred_at": "2024-11-27T06:50:00+07:00",
    "reporter": {"id": "r-1", "role": "kpps", "institution": "kpu"},
    "tps": "16.71.01.1001/004",
    "area": "16.71.01",
    "lat": -2.99,
    "lng": 104.75,
    "severity": 3,
    "channel": "app",
    "attachments": [{"sha256": SHA, "mime": "image/jpeg", "name": "kotak.jpg", "bytes": 1200}],
}
REQUIRED = ("report_id", "category", "text", "reported_at", "reporter")


def encoded(**changes: Any) -> bytes:
    """The full report with fields changed, or left out where the change is `...`."""
    return json.dumps({name: value for name, value in {**FULL, **changes}.items() if value is not ...}).encode()


def refused(raw: bytes | None) -> Invalid:
    with pytest.raises(Invalid) as caught:
        parse(raw)
    return caught.value


@contextmanager
def suppress_invalid() -> Iterator[list[Invalid]]:
    """Collects an Invalid; everything else goes through."""
    refusal: list[Invalid] = []
    try:
        yield refusal
    except Invalid as error:
        refusal.append(error)


def test_a_full_report_is_read() -> None:
    parsed = parse(encoded())
    assert parsed.report_id == FULL["report_id"]
    assert (parsed.reported_at, parsed.occurred_at) == (1732665900000, 1732665000000)
    assert (parsed.reporter.id, parsed.reporter.role, parsed.reporter.institution) == ("r-1", "kpps", "kpu")
    assert (parsed.tps, parsed.area, parsed.lat, parsed.lng) == ("16.71.01.1001/004", "16.71.01", -2.99, 104.75)
    assert (parsed.severity, parsed.channel, parsed.kind) == (3, "app", "late")
    assert parsed.attachments == FULL["attachments"]
    assert parsed.extra == {}


def test_only_the_required_fields_are_required() -> None:
    parsed = parse(json.dumps({name: FULL[name] for name in REQUIRED}).encode())
    assert (parsed.tps, parsed.area, parsed.kind, parsed.channel) == ("", "", "", "")
    assert (parsed.lat, parsed.lng, parsed.severity, parsed.occurred_at) == (None, None, None, None)
    assert (parsed.attachments, parsed.extra) == ([], {})


@pytest.mark.parametrize("nothing", [None, ""], ids=["null", "empty"])
@pytest.mark.parametrize("field", ["occurred_at", "tps", "area", "channel", "kind"])
def test_an_optional_field_without_content_counts_as_not_given(field: str, nothing: str | None) -> None:
    assert parse(encoded(**{field: nothing})) == parse(encoded(**{field: ...}))


def test_unknown_fields_are_kept_wherever_they_stand() -> None:
    reporter = {**FULL["reporter"], "phone_model": "A12"}
    parsed = parse(encoded(reporter=reporter, app={"version": [1, 2.5, None]}, note="x"))
    assert parsed.extra == {"app": {"version": [1, 2.5, None]}, "note": "x", "reporter": {"phone_model": "A12"}}


NORMAL_FORMS = {
    "upper-case UUID": ("report_id", FULL["report_id"].upper(), FULL["report_id"]),
    "number without zeros": ("tps", "16.71.01.1001/4", "16.71.01.1001/004"),
    "number with more zeros": ("tps", "16.71.01.1001/0004", "16.71.01.1001/004"),
    "code without dots": ("tps", "1671011001/4", "16.71.01.1001/004"),
    "area without dots": ("area", "167101", "16.71.01"),
    "province": ("area", "16", "16"),
    "village": ("area", "16.71.01.1001", "16.71.01.1001"),
    "text with blanks around": ("text", "\n  kandas \t", "kandas"),
    "whole float": ("severity", 4.0, 4),
    "UTC": ("reported_at", "2024-11-27T00:05:00Z", 1732665900000),
    "lower-case UTC": ("reported_at", "2024-11-27t00:05:00z", 1732665900000),
    "short offset": ("reported_at", "2024-11-27T07:05+07", 1732665900000),
    "no punctuation": ("reported_at", "20241127T070500+0700", 1732665900000),
    "nanoseconds": ("reported_at", "2024-11-27T07:05:00.123456789+07:00", 1732665900123),
    "before 1970": ("reported_at", "1969-12-31T23:59:59.999Z", -1),
    "whole degrees": ("lat", 0, 0.0),
}


@pytest.mark.parametrize(("field", "sent", "normal"), NORMAL_FORMS.values(), ids=NORMAL_FORMS.keys())
def test_one_meaning_has_one_form(field: str, sent: Any, normal: Any) -> None:
    assert getattr(parse(encoded(**{field: sent})), field) == normal


def test_a_byte_order_mark_is_tolerated() -> None:
    assert parse(b"\xef\xbb\xbf" + encoded()) == parse(encoded())


def test_the_last_of_two_equal_keys_counts() -> None:
    assert parse(encoded().replace(b'"severity": 3', b'"severity": 3, "severity": 5')).severity == 5


UNREADABLE = {
    "null value": (None, "empty"),
    "no bytes": (b"", "empty"),
    "blank": (b" \n", "not_json"),
    "words": (b"halo", "not_json"),
    "cut off": (encoded()[:-5], "not_json"),
    "two objects": (encoded() * 2, "not_json"),
    "NaN": (encoded(lat=float("nan")), "not_json"),
    "Infinity": (encoded(lat=float("inf")), "not_json"),
    "number too large": (b'{"lat": 1e999}', "not_json"),
    "half a surrogate pair": (b'{"text": "\\ud800"}', "not_json"),
    "latin-1": ('{"text": "caf\xe9"}'.encode("latin-1"), "not_utf8"),
    "UTF-8 surrogate": (b'{"text": "\xed\xa0\x80"}', "not_utf8"),
    "UTF-16 with mark": ('{"a": 1}'.encode("utf-16"), "not_utf8"),
    "UTF-16 without mark": ('{"a": 1}'.encode("utf-16-le"), "not_utf8"),
    "UTF-32": ('{"a": 1}'.encode("utf-32-be"), "not_utf8"),
    "list": (b"[1]", "not_an_object"),
    "null": (b"null", "not_an_object"),
    "text": (b'"a"', "not_an_object"),
    "number": (b"3", "not_an_object"),
    "2 MB": (encoded(text="x" * (2 << 20)), "too_large"),
    "one byte too many": (encoded() + b" " * (report.MAX_BYTES + 1 - len(encoded())), "too_large"),
    "deep": (encoded(x=json.loads("[" * 64 + "]" * 64)), "too_deep"),
    "very deep": (b'{"x":' + b"[" * 50_000 + b"]" * 50_000 + b"}", "too_deep"),
}


@pytest.mark.parametrize(("raw", "reason"), UNREADABLE.values(), ids=UNREADABLE.keys())
def test_bytes_that_hold_no_object_are_refused_as_what_they_are(raw: bytes | None, reason: str) -> None:
    error = refused(raw)
    assert (error.reason, error.field) == (reason, "")
    assert error.detail.endswith(".")


def test_the_limits_themselves_are_accepted() -> None:
    assert parse(encoded(x=json.loads("[" * 63 + "]" * 63))).extra
    assert parse(encoded() + b" " * (report.MAX_BYTES - len(encoded()))).severity == 3
    assert len(parse(encoded(text="x" * 4000)).text) == 4000
    assert parse(encoded(text="[" * 4000)).text  # many brackets are not depth


MISTAKES = {
    "UUID": ("report_id", "17", "bad_value"),
    "UUID in braces": ("report_id", "{5f0c1f9e-8d3a-4b57-9a53-0c2f1f6f3f11}", "bad_value"),
    "nil UUID": ("report_id", str(UUID(int=0)), "bad_value"),
    "number for an id": ("report_id", 17, "wrong_type"),
    "number for a category": ("category", 1, "wrong_type"),
    "blank category": ("category", " ", "bad_value"),
    "long category": ("category", "x" * 101, "bad_value"),
    "blank text": ("text", " \n\u3000", "bad_value"),
    "long text": ("text", "x" * 4001, "bad_value"),
    "list for text": ("text", ["a"], "wrong_type"),
    "epoch": ("reported_at", 1732665900, "wrong_type"),
    "no offset": ("reported_at", "2024-11-27T07:05:00", "bad_time"),
    "date only": ("reported_at", "2024-11-27", "bad_time"),
    "words for a time": ("reported_at", "tadi pagi", "bad_time"),
    "31 November": ("reported_at", "2024-11-31T07:05:00Z", "bad_time"),
    "occurred without offset": ("occurred_at", "2024-11-27T07:05:00", "bad_time"),
    "text for a reporter": ("reporter", "r-1", "wrong_type"),
    "TPS 0": ("tps", "16.71.01.1001/0", "bad_value"),
    "TPS 1000": ("tps", "16.71.01.1001/1000", "bad_value"),
    "TPS of a kecamatan": ("tps", "16.71.01/4", "bad_value"),
    "Arabic digits": ("tps", "16.71.01.1001/\u0664", "bad_value"),
    "odd code": ("area", "16.7", "bad_value"),
    "number for an area": ("area", 16, "wrong_type"),
    "latitude 91": ("lat", 91, "bad_coordinates"),
    "longitude -180.1": ("lng", -180.1, "bad_coordinates"),
    "text for a latitude": ("lat", "-2.9", "bad_coordinates"),
    "truth for a latitude": ("lat", True, "bad_coordinates"),
    "severity 0": ("severity", 0, "bad_value"),
    "severity 6": ("severity", 6, "bad_value"),
    "severity 2.5": ("severity", 2.5, "wrong_type"),
    "truth for a severity": ("severity", True, "wrong_type"),
    "huge severity": ("severity", 10**30, "bad_value"),
    "other channel": ("channel", "fax", "bad_value"),
    "object for attachments": ("attachments", {}, "wrong_type"),
    "too many attachments": ("attachments", FULL["attachments"] * 21, "bad_value"),
}


@pytest.mark.parametrize(("field", "sent", "reason"), MISTAKES.values(), ids=MISTAKES.keys())
def test_a_wrong_field_is_named_with_what_is_expected(field: str, sent: Any, reason: str) -> None:
    error = refused(encoded(**{field: sent}))
    assert (error.reason, error.field) == (reason, field)
    assert field in error.detail
    assert "expected" in error.detail


@pytest.mark.parametrize("field", REQUIRED)
@pytest.mark.parametrize("nothing", [..., None], ids=["missing", "null"])
def test_a_missing_required_field_is_named(field: str, nothing: Any) -> None:
    error = refused(encoded(**{field: nothing}))
    assert (error.reason, error.field) == ("missing_field", field)


INSIDE = {
    "reporter without id": ({"reporter": {"role": "kpps", "institution": "kpu"}}, "missing_field", "reporter.id"),
    "reporter without role": ({"reporter": {"id": "a", "institution": "kpu"}}, "missing_field", "reporter.role"),
    "number as id": ({"reporter": {**FULL["reporter"], "id": 7}}, "wrong_type", "reporter.id"),
    "empty id": ({"reporter": {**FULL["reporter"], "id": " "}}, "bad_value", "reporter.id"),
    "control characters in id": ({"reporter": {**FULL["reporter"], "id": "a\x00b"}}, "bad_value", "reporter.id"),
    "long id": ({"reporter": {**FULL["reporter"], "id": "x" * 201}}, "bad_value", "reporter.id"),
    "empty role": ({"reporter": {**FULL["reporter"], "role": ""}}, "bad_value", "reporter.role"),
    "attachment without hash": ({"attachments": [{"mime": "a/b"}]}, "missing_field", "attachments[0].sha256"),
    "short hash": ({"attachments": [{**FULL["attachments"][0], "sha256": "ab"}]}, "bad_value", "attachments[0].sha256"),
    "second attachment": ({"attachments": FULL["attachments"] + [{}]}, "missing_field", "attachments[1].sha256"),
    "negative size": ({"attachments": [{**FULL["attachments"][0], "bytes": -1}]}, "bad_value", "attachments[0].bytes"),
    "null attachment": ({"attachments": [None]}, "wrong_type", "attachments[0]"),
    "latitude alone": ({"lng": ...}, "bad_coordinates", "lng"),
    "longitude alone": ({"lat": None}, "bad_coordinates", "lat"),
}


@pytest.mark.parametrize(("changes", "reason", "field"), INSIDE.values(), ids=INSIDE.keys())
def test_a_mistake_inside_a_field_is_named_by_its_path(changes: dict[str, Any], reason: str, field: str) -> None:
    error = refused(encoded(**changes))
    assert (error.reason, error.field) == (reason, field)


@pytest.mark.parametrize(
    "changes",
    [
        {"text": "Rahasia Rahmat 081234567890" * 200},
        {"text": ["Rahasia"]},
        {"reporter": {**FULL["reporter"], "id": "Rahasia\x00"}},
        {"reporter": {**FULL["reporter"], "id": "Rahasia" * 40}},
        {"reporter": "Rahasia"},
    ],
    ids=["text", "text of another type", "reporter id", "long reporter id", "reporter"],
)
def test_what_a_person_said_or_is_called_is_not_repeated(changes: dict[str, Any]) -> None:
    assert "Rahasia" not in str(refused(encoded(**changes)))


def test_a_long_value_is_shortened() -> None:
    assert len(refused(encoded(tps="9" * 100)).detail) < 200


def test_every_reason_is_documented() -> None:
    documented = (Path(__file__).parents[2] / "docs" / "report.md").read_text(encoding="utf-8")
    assert [reason for reason in REASONS if f"`{reason}`" not in documented] == []


@given(st.binary(max_size=300))
def test_arbitrary_bytes_raise_nothing_but_invalid(raw: bytes) -> None:
    assert refused(raw).reason in REASONS


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(st.sampled_from([*FULL, "extra", "x"]), JSON, max_size=3))
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow])
def test_a_report_with_arbitrary_fields_is_read_or_refused_with_a_known_reason(changes: dict[str, Any]) -> None:
    with suppress_invalid() as refusal:
        parse(json.dumps({**FULL, **changes}).encode())
    assert [error for error in refusal if error.reason not in REASONS or not error.detail] == []


WORDS = st.text(min_size=1, max_size=50).filter(lambda text: text.strip())
CODES = st.from_regex(r"\A[0-9]{2}(\.[0-9]{2}(\.[0-9]{2}(\.[0-9]{4})?)?)?\Z")
OPTIONAL = {
    "occurred_at": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
    "tps": st.from_regex(r"\A[0-9]{2}\.[0-9]{2}\.[0-9]{2}\.[0-9]{4}/[1-9][0-9]{0,2}\Z"),
    "area": CODES,
    "severity": st.integers(1, 5),
    "channel": st.sampled_from(sorted(report.CHANNELS)),
    "kind": WORDS,
    "lat": st.none(),
    "unknown": JSON.filter(lambda value: "NaN" not in json.dumps(value) and "Infinity" not in json.dumps(value)),
}
VALID = st.fixed_dictionaries(
    {
        "report_id": st.uuids().filter(lambda uuid: uuid.int > 0).map(str),
        "category": WORDS,
        "text": WORDS,
        "reported_at": st.datetimes(timezones=st.timezones()).map(lambda moment: moment.isoformat()),
        "reporter": st.fixed_dictionaries({"id": st.uuids().map(str), "role": WORDS, "institution": WORDS}),
    },
    optional=OPTIONAL,
)


@given(VALID)
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_a_valid_report_is_always_accepted(content: dict[str, Any]) -> None:
    parsed = parse(json.dumps(content).encode())
    assert parsed.report_id == content["report_id"]
    assert parsed.text == content["text"].strip()
    assert set(parsed.extra) == content.keys() & {"unknown"}
