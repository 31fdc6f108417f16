from __future__ import annotations

import json

import orjson
import pytest

from posko import passage, topics
from posko.report import Invalid
from streams.inhand import InHand
from streams.intake import ALL_FAILED, EverythingFails, Intake
from streams.names import Names
from streams.turns import Turns
from tests.unit.streams.records import record

ENRICHED, REJECTED = 8, 3


def by_content(raw: bytes | None, received_at: int, partition: int, offset: int) -> dict:
    """Enough of a domain to steer each case by the message itself."""
    if raw is None:
        raise Invalid("empty", "", "The message has no value.")
    if raw == b"bug":
        raise KeyError("Ibu Siti 0812")
    return {"scope": raw.decode(), "received_at": received_at, "from": [partition, offset]}


async def outputs(*records, enrich=by_content, names=Names()):
    return (await Intake(enrich, names, ENRICHED, REJECTED, Turns()).outputs(records)).lots


def headers(lot: tuple) -> dict[str, str]:
    return {name: value.decode() for name, value in lot[2] if name != passage.TIMES}


async def test_an_accepted_message_goes_to_the_partition_of_its_scope():
    lots = await outputs(record(b"16.71", offset=5, partition=2))
    partition = topics.partition_of(b"16.71", ENRICHED)
    [(key, value, _)] = lots[topics.ENRICHED, partition]
    assert key == b"16.71"
    assert json.loads(value) == {"scope": "16.71", "received_at": 1_700_000_000_005, "from": [2, 5]}


async def test_messages_of_one_scope_keep_their_order():
    lots = await outputs(*(record(b"16.71", offset=offset) for offset in range(50)))
    [lot] = lots.values()
    assert [orjson.loads(value)["from"][1] for _, value, _ in lot] == list(range(50))


async def test_a_refused_message_keeps_its_bytes_and_says_why_and_where_from():
    [(at, [lot])] = (await outputs(record(None, offset=7, key=b"167101", partition=1))).items()
    assert at == (topics.REJECTED, topics.partition_of(b"167101", REJECTED))
    assert lot[:2] == (b"167101", None)
    assert headers(lot) == {
        "reason": "empty",
        "field": "",
        "detail": "The message has no value.",
        "topic": "reports",
        "partition": "1",
        "offset": "7",
        "received_at": "1700000000007",
    }


async def test_a_fault_of_the_program_rejects_one_message_and_spares_the_others():
    lots = await outputs(record(b"16.71"), record(b"bug", offset=1), record(b"16.71", offset=2))
    rejected = [lot for (topic, _), lot in lots.items() if topic == topics.REJECTED]
    accepted = [lot for (topic, _), lot in lots.items() if topic == topics.ENRICHED]
    assert [len(lot) for lot in accepted] == [2]
    assert headers(rejected[0][0])["reason"] == "internal_error"
    assert "KeyError" in headers(rejected[0][0])["detail"]
    assert rejected[0][0][1] == b"bug"


async def test_what_a_fault_was_about_is_not_repeated(capsys):
    lots = await outputs(record(b"bug"))
    said = str(lots) + "".join(capsys.readouterr())
    assert "KeyError" in said
    assert "Siti" not in said
    assert "0812" not in said


async def test_a_large_batch_that_fails_altogether_stops_the_worker():
    with pytest.raises(EverythingFails):
        await outputs(*(record(b"bug", offset=offset) for offset in range(ALL_FAILED)))


@pytest.mark.parametrize(
    "values",
    [[b"bug"] * (ALL_FAILED - 1), [b"bug"] * ALL_FAILED + [b"16.71"], [None] * 50],
    ids=["few", "not all", "refused"],
)
async def test_anything_less_goes_on(values):
    lots = await outputs(*(record(value, offset=offset) for offset, value in enumerate(values)))
    assert sum(len(lot) for lot in lots.values()) == len(values)


async def test_small_batches_in_a_row_that_all_fail_stop_the_worker_and_its_next_life():
    held = InHand()
    intake = Intake(by_content, Names(), ENRICHED, REJECTED, Turns(), held)
    bad = [record(b"bug", offset=offset) for offset in range(5)]
    for _ in range(ALL_FAILED // 5 - 1):
        await intake.outputs(bad)
    for _ in range(2):
        with pytest.raises(EverythingFails):
            await intake.outputs(bad)
    anew = Intake(by_content, Names(), ENRICHED, REJECTED, Turns(), held)
    with pytest.raises(EverythingFails):
        await anew.outputs(bad)
    assert len(await anew.outputs([*bad, record(b"16.71")])) == 6
    assert len(await anew.outputs(bad)) == 5


async def test_where_the_program_failed_is_kept_without_what_it_was_about():
    [(_, [lot])] = (await outputs(record(b"bug"))).items()
    said = headers(lot)["traceback"]
    assert said.endswith("KeyError")
    assert "streams/test_intake.py" in said
    assert "in by_content" in said
    assert "0812" not in said
    assert len(said) <= 8 << 10


async def test_a_report_that_outgrows_the_topic_is_rejected():
    def huge(raw, *_):
        return {"scope": "16", "text": "x" * topics.MAX_MESSAGE}

    [(_, [lot])] = (await outputs(record(b"{}"), enrich=huge)).items()
    assert headers(lot)["reason"] == "too_large"


async def test_a_prefix_moves_every_topic():
    lots = await outputs(record(b"16.71"), record(None), names=Names("test-"))
    assert {topic for topic, _ in lots} == {"test-reports.enriched", "test-reports.rejected"}
