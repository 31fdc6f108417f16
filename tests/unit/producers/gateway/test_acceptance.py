"""Acceptance: accepted is what Kafka has, known is what Kafka has, and everybody is told in time."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from posko.context import Context
from producers.client.lane import Lane
from producers.gateway import acceptance as module
from producers.gateway.acceptance import Acceptance, Receipt
from producers.gateway.check import Check
from producers.gateway.errors import Unavailable
from producers.gateway.ledger import Ledger
from producers.officers import Sender

from .conftest import NOW, OFFICER, SENDER, Broker, Clock, report


async def until(promise: Callable[[], bool]) -> None:
    """Let the gateway work until `promise()` holds; a promise that is never kept ends with the test's timeout."""
    while not promise():
        await asyncio.sleep(0.001)


def states(receipts: list[Receipt]) -> list[str]:
    return [receipt.state for receipt in receipts]


async def test_a_report_is_accepted_once_then_known_and_with_other_content_in_conflict(
    acceptance: Acceptance, broker: Broker
) -> None:
    assert states(await acceptance.take([report()], SENDER)) == ["accepted"]
    assert states(await acceptance.take([report()], SENDER)) == ["known"]
    [conflict] = await acceptance.take([report(text="lain")], SENDER)
    assert (conflict.state, conflict.field, conflict.reason) == ("conflict", "report_id", "conflict")
    assert "laporan baru" in conflict.message
    assert len(broker.stored) == 1


async def test_within_one_request_repeats_are_known_and_contradictions_are_named_in_their_order(
    acceptance: Acceptance, broker: Broker
) -> None:
    receipts = await acceptance.take(
        [report(1), report(2, severity=9), report(1), report(1, text="lain"), report(3), "no report"], SENDER
    )
    assert states(receipts) == ["accepted", "refused", "known", "conflict", "accepted", "refused"]
    assert [receipt.report_id for receipt in receipts[:3]] == [
        report(1)["report_id"], report(2)["report_id"], report(1)["report_id"],
    ]  # fmt: skip
    assert len(broker.stored) == 2
    await acceptance.take([report(4)], SENDER, "cap")
    assert dict(acceptance.said) == {
        ("app", "accepted"): 2, ("app", "refused"): 2, ("app", "known"): 1, ("app", "conflict"): 1,
        ("cap", "accepted"): 1,
    }  # fmt: skip


async def test_a_restart_after_the_ledger_was_written_knows_what_was_accepted(
    known: Context, broker: Broker, tmp_path: Path
) -> None:
    for expected in ("accepted", "known"):
        ledger = Ledger(tmp_path / "gateway.sqlite3")
        started = Acceptance(Check(known), ledger, cast(Lane, broker), lambda: NOW)
        assert states(await started.take([report()], SENDER)) == [expected]
        await started.close()
        ledger.close()


async def test_a_kill_between_kafka_and_the_ledger_leads_to_accepted_twice_never_to_known(
    known: Context, broker: Broker, tmp_path: Path
) -> None:
    killed = Ledger(tmp_path / "gateway.sqlite3")
    killed.record = lambda lines, now: None  # type: ignore[method-assign]  # it died before this line
    assert states(await Acceptance(Check(known), killed, cast(Lane, broker)).take([report()], SENDER)) == ["accepted"]
    after = Acceptance(Check(known), Ledger(tmp_path / "gateway.sqlite3"), cast(Lane, broker))
    assert states(await after.take([report()], SENDER)) == ["accepted"]
    assert len(broker.stored) == 2


async def test_while_kafka_is_away_nothing_is_accepted_and_a_resend_is_not_sent_twice(
    acceptance: Acceptance, broker: Broker, clock: Clock
) -> None:
    broker.holds = True
    first = asyncio.create_task(acceptance.take([report()], SENDER))
    await until(lambda: bool(broker.held))
    again = [asyncio.create_task(acceptance.take([report()], SENDER)) for _ in range(2)]
    await asyncio.sleep(0)
    clock.go_on(module.PATIENCE_S)
    for taking in (first, *again, acceptance.take([report(2)], SENDER)):
        with pytest.raises(Unavailable) as away:
            await taking
        assert away.value.retry_after == 8
    assert sum(len(group.messages) for group in broker.held) == 1
    broker.holds = False
    broker.release()
    await asyncio.sleep(0)
    assert states(await acceptance.take([report(), report(2)], SENDER)) == ["known", "accepted"]
    assert acceptance.waiting == 0


async def test_what_kafka_refused_is_not_accepted_and_can_be_sent_again(acceptance: Acceptance, broker: Broker) -> None:
    broker.holds = True
    taking = asyncio.create_task(acceptance.take([report()], SENDER))
    await until(lambda: bool(broker.held))
    broker.release(ValueError("no"))
    with pytest.raises(Unavailable):
        await taking
    broker.holds = False
    assert states(await acceptance.take([report()], SENDER)) == ["accepted"]


async def test_no_more_wait_for_kafka_than_fit(
    acceptance: Acceptance, broker: Broker, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "MOST_WAITING", 10)
    broker.holds = True
    taking = [asyncio.create_task(acceptance.take([report(number)], SENDER)) for number in range(30)]
    await until(lambda: bool(broker.held) and sum(one.done() for one in taking) == 20)
    assert acceptance.waiting == 10
    clock.go_on(module.PATIENCE_S)
    assert all(isinstance(one, Unavailable) for one in await asyncio.gather(*taking, return_exceptions=True))
    broker.release()
    await asyncio.sleep(0)
    assert acceptance.waiting == 0


async def test_requests_that_arrive_together_travel_together(acceptance: Acceptance, broker: Broker) -> None:
    groups = []
    offer = broker.offer
    broker.offer = lambda group: (groups.append(len(group.messages)), offer(group))[1]  # type: ignore[method-assign]
    taken = await asyncio.gather(*(acceptance.take([report(number)], SENDER) for number in range(30)))
    assert [states(one) for one in taken] == [["accepted"]] * 30
    assert sum(groups) == 30
    assert len(groups) <= 2


async def test_a_ledger_that_fails_costs_memory_of_resends_not_reports(
    acceptance: Acceptance, broker: Broker, ledger: Ledger
) -> None:
    ledger.close()
    assert states(await acceptance.take([report()], SENDER)) == ["accepted"]
    await acceptance.close()
    assert len(broker.stored) == 1


@pytest.mark.parametrize(
    ("changed", "reason", "field"),
    [
        ({"report_id": "kpps-1-7"}, "bad_value", "report_id"),
        ({"report_id": None}, "missing_field", "report_id"),
        ({"category": "x"}, "unknown_category", "category"),
        ({"kind": "x"}, "unknown_kind", "kind"),
        ({"text": " "}, "bad_value", "text"),
        ({"area": "13.99"}, "unknown_place", "area"),
        ({"tps": "13.03.03.9999/001"}, "unknown_place", "tps"),
        ({"reported_at": "kemarin"}, "bad_time", "reported_at"),
        ({"occurred_at": "2001-01-01T00:00:00+07:00"}, "clock_implausible", "occurred_at"),
        ({"lat": 1.0}, "bad_coordinates", "lng"),
        ({"extra": [[[[0]]]] * 70}, "", ""),
        ({"deep": orjson.loads("[" * 70 + "]" * 70)}, "too_deep", ""),
        ({"deep": orjson.loads("[" * 500 + "]" * 500)}, "too_deep", ""),
        ({"text": "x" * 5000}, "bad_value", "text"),
        ({"blob": "x" * (1 << 20)}, "too_large", ""),
    ],
)
async def test_a_refusal_has_the_reason_the_field_and_a_sentence_in_the_senders_language(
    acceptance: Acceptance, changed: dict[str, Any], reason: str, field: str
) -> None:
    english = Sender("officer", "x", "kpps", "kpu", "", "en", "app")
    [indonesian] = await acceptance.take([report(**changed)], SENDER)
    [other] = await acceptance.take([report(**changed)], english)
    assert (indonesian.reason, indonesian.field) == (reason, field)
    if reason:
        assert (indonesian.state, other.state) == ("refused", "refused")
        assert indonesian.message
        assert other.message
        assert indonesian.message != other.message


async def test_the_door_says_who_sent_it_and_nobody_else_does(acceptance: Acceptance, broker: Broker) -> None:
    forged = {"reporter": {"id": "kapolda", "role": "polda", "institution": "polri"}, "channel": "sms", "public": True,
              "outside_area": True}  # fmt: skip
    await acceptance.take([report(1, **forged, area="13.03.03", later="x")], Sender.of(OFFICER, "app"))
    sent = orjson.loads(broker.stored[0].value)
    assert sent == report(1, area="13.03.03", later="x") | {
        "reporter": {"id": "kpps-1", "role": "kpps", "institution": "kpu", "home": "13.03.03"},
        "channel": "app",
    }
    assert broker.stored[0].key == b"13.03.03"


async def test_reports_from_outside_the_area_are_taken_and_marked(acceptance: Acceptance, broker: Broker) -> None:
    inside = [{}, {"area": "13.03"}, {"area": "13"}, {"tps": "13.03.03.2001/001"}, {"lat": -0.66, "lng": 100.94}]
    outside = [{"area": "13.03.04"}, {"area": "13.71"}, {"tps": "13.03.05.2001/1"}, {"lat": -0.95, "lng": 100.36}]
    for number, where in enumerate([*inside, *outside]):
        [receipt] = await acceptance.take([report(number, **where)], SENDER)
        marked = orjson.loads(broker.stored[-1].value).get("outside_area", False)
        assert (receipt.state, marked) == ("accepted", where in outside), where


async def test_citizens_are_marked_and_agencies_speak_for_people_of_their_own(
    acceptance: Acceptance, broker: Broker
) -> None:
    agency = Sender("agency", "siaga", "polda", "polri", "", "id", "api")
    await acceptance.take([report(1, public=False)], Sender.citizen("warga-1"))
    await acceptance.take([report(2, reporter={"id": "0412", "role": "polsek", "institution": "kpu"})], agency)
    citizen, theirs = (orjson.loads(message.value) for message in broker.stored)
    assert citizen["reporter"] == {"id": "warga-1", "role": "citizen", "institution": "public"}
    assert citizen["public"] is True
    assert theirs["reporter"] == {"id": "siaga/0412", "role": "polsek", "institution": "polri"}


async def test_a_resend_is_one_whatever_became_of_the_officer_since_and_of_the_order_of_fields(
    acceptance: Acceptance,
) -> None:
    await acceptance.take([report()], SENDER)
    moved = Sender("officer", "kpps-1", "pps", "kpu", "13.03.02", "en", "app")
    shuffled = dict(reversed(report().items())) | {"report_id": report()["report_id"].upper()}
    assert states(await acceptance.take([shuffled], moved)) == ["known"]
    other = Sender("officer", "kpps-2", "kpps", "kpu", "", "id", "app")
    assert states(await acceptance.take([report()], other)) == ["conflict"]


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["take", "hold", "release", "refuse", "kill"]),
        st.lists(st.tuples(st.integers(1, 4), st.sampled_from(["a", "b"])), min_size=1, max_size=3),
    ),
    max_size=12,
)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(STEPS)
def test_whatever_happens_known_and_accepted_mean_that_kafka_has_it(
    tmp_path_factory: pytest.TempPathFactory, known: Context, steps: list[tuple[str, list[tuple[int, str]]]]
) -> None:
    path = tmp_path_factory.mktemp("any") / "gateway.sqlite3"
    asyncio.run(_play(path, known, steps))


async def _play(path: Path, known: Context, steps: list[tuple[str, list[tuple[int, str]]]]) -> None:
    """Runs the steps; a gateway that is killed is left as it is."""
    broker, clock = Broker(), Clock()

    def started() -> Acceptance:
        return Acceptance(Check(known), Ledger(path), cast(Lane, broker), lambda: NOW, clock, patience=0.01)

    gateway = started()
    for step, reports in steps:
        if step == "hold":
            broker.holds = True
        elif step in ("release", "refuse"):
            broker.holds = False
            broker.release(ValueError("refused") if step == "refuse" else None)
            await asyncio.sleep(0)
        elif step == "kill":  # nothing is closed; what Kafka was handed may still arrive
            gateway = started()
        else:
            try:
                receipts = await gateway.take([report(number, text=text) for number, text in reports], SENDER)
            except Unavailable:
                continue
            has = {(value["report_id"], value["text"]) for value in (orjson.loads(one.value) for one in broker.stored)}
            for receipt, (number, text) in zip(receipts, reports, strict=True):
                said = report(number)["report_id"], text
                other = report(number)["report_id"], "b" if text == "a" else "a"
                assert said in has if receipt.state in ("accepted", "known") else other in has
