from __future__ import annotations

from collections import Counter, defaultdict
from itertools import pairwise

import orjson
import pytest

from posko.context import Context
from posko.intake import Intake
from posko.report import Invalid
from producers.simulator import mishaps
from producers.simulator.day import Day
from producers.simulator.message import Message


def content(message: Message) -> dict:
    assert message.value is not None
    return orjson.loads(message.value)


def small(context: Context, seed: int) -> list[Message]:
    return list(Day(*context, seed=seed, hours=(6, 9), scale=2.0).messages())


def test_the_same_seed_gives_the_same_bytes_and_the_same_truth(sijunjung: Context) -> None:
    assert small(sijunjung, 5) == small(sijunjung, 5)


def test_another_seed_gives_another_day(sijunjung: Context) -> None:
    first, second = ({message.report_id for message in small(sijunjung, seed)} for seed in (5, 6))
    assert len(first) > 50
    assert not (first & second) - {None}


def test_messages_come_in_the_order_of_sending_and_inside_the_day(day: Day, messages: list[Message]) -> None:
    assert all(before.at <= after.at for before, after in pairwise(messages))
    assert day.span.start <= messages[0].at
    assert messages[-1].at <= day.span.end + 30 * 60_000


def test_every_kind_of_the_catalogue_happens(sijunjung: Context, messages: list[Message]) -> None:
    known = {(category, kind) for category, entry in sijunjung.catalog.categories.items() for kind in entry.kinds}
    assert {(message.category, message.kind) for message in messages if message.message == "first"} == known


def test_shares_of_what_goes_wrong_are_those_of_the_field(messages: list[Message]) -> None:
    counted = Counter(message.message for message in messages)
    share = {name: number / len(messages) for name, number in counted.items()}
    assert 0.03 < share["resend"] < 0.14
    assert 0.005 < share["garbage"] < 0.025
    assert 0.003 < share["marked"] < 0.02
    assert 0 < share["conflict"] < 0.005
    assert 0.002 < share["edited_resend"] < 0.02
    assert share["first"] > 0.8


def test_a_resend_is_the_same_bytes_on_the_same_partition_after_the_first(messages: list[Message]) -> None:
    first: dict[str | None, Message] = {}
    times: Counter[str | None] = Counter()
    for message in messages:
        if message.message in ("first", "marked"):
            first[message.report_id] = message
        elif message.message == "resend":
            assert (message.key, message.value) == (first[message.report_id].key, first[message.report_id].value)
            times[message.report_id] += 1
    assert set(times.values()) <= {1, 2, 3}
    assert 2 in times.values()


def test_an_edited_resend_has_a_new_id_of_the_same_person_and_event(messages: list[Message]) -> None:
    ids = {message.report_id for message in messages if message.message in ("first", "marked")}
    by_person: defaultdict[str, set[str | None]] = defaultdict(set)
    for message in messages:
        if message.message == "first":
            by_person[content(message)["reporter"]["id"]].add(message.event_id)
    edited = [message for message in messages if message.message == "edited_resend"]
    assert edited
    for message in edited:
        assert message.report_id not in ids
    known = [message for message in edited if message.event_id in by_person[content(message)["reporter"]["id"]]]
    assert len(known) >= 0.9 * len(edited)  # the rest followed a marked report


def test_a_conflict_repeats_an_id_with_other_content(messages: list[Message]) -> None:
    first = {message.report_id: message.value for message in messages if message.message in ("first", "marked")}
    conflicts = [message for message in messages if message.message == "conflict"]
    assert conflicts
    assert all(first[message.report_id] != message.value for message in conflicts)


def test_report_ids_are_used_once(messages: list[Message]) -> None:
    fresh = Counter(
        message.report_id for message in messages if message.report_id and message.message not in ("resend", "conflict")
    )
    assert set(fresh.values()) == {1}


def test_intake_accepts_refuses_and_marks_exactly_as_the_truth_says(
    sijunjung: Context, messages: list[Message]
) -> None:
    intake = Intake(*sijunjung)
    for message in messages:
        if message.expected == "rejected":
            with pytest.raises(Invalid) as refused:
                intake.enrich(message.value, message.at, 0, 0)
            assert refused.value.reason == message.reason, message.spoiled
        else:
            enriched = intake.enrich(message.value, message.at, 0, 0)
            assert enriched["report_id"] == message.report_id
            if message.message == "marked":
                assert message.reason in enriched["marks"], content(message)


@pytest.mark.parametrize("seed", range(20, 24))
def test_whatever_happens_can_be_told(sijunjung: Context, monkeypatch: pytest.MonkeyPatch, seed: int) -> None:
    monkeypatch.setattr(mishaps, "MARKED", 0.5)  # the rarest ways of telling come up often
    day = Day(*sijunjung, seed=seed, hours=(4, 24), scale=3.0)
    marks = Counter(message.reason for message in day.messages() if message.message == "marked")
    assert marks.keys() == {"outside_area", "tps_unknown", "clock_ahead", "late"}
    assert marks.total() > 300


def test_witnesses_are_many_for_few_events(messages: list[Message]) -> None:
    told = Counter(
        message.event_id for message in messages if message.message == "first" and message.category != "hoax"
    )
    sizes = sorted(told.values())
    assert sizes[len(sizes) // 2] <= 4
    assert 15 <= sizes[-1] <= 90
    assert sum(size == 1 for size in sizes) > len(sizes) / 5


def test_a_hoax_is_told_in_many_places_and_words(sijunjung: Context) -> None:
    province = Day(*sijunjung, seed=2, hours=(4, 24), scale=9.0)
    told: defaultdict[str | None, list[Message]] = defaultdict(list)
    for message in province.messages():
        if message.category == "hoax" and message.message == "first":
            told[message.event_id].append(message)
    largest = max(told.values(), key=len)
    texts = {content(message)["text"] for message in largest}
    assert len(largest) > 50
    assert len(texts) > 0.95 * len(largest)
    assert len({content(message)["reporter"]["id"].split("-")[1][:8] for message in largest}) >= 5


def test_the_planned_number_of_messages_is_about_right(sijunjung: Context, day: Day, messages: list[Message]) -> None:
    assert 0.75 < len(messages) / day.expected_messages() < 1.35


def test_memory_holds_only_what_is_under_way(sijunjung: Context) -> None:
    busy = Day(*sijunjung, seed=7, hours=(4, 24), scale=5.0)
    most = sent = 0
    for _ in busy.messages():
        sent += 1
        most = max(most, len(busy._waiting))
    assert most < sent / 5
