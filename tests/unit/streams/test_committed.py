"""How far a group has come: an answer that says nothing is not taken for "nothing yet"."""

from __future__ import annotations

import pytest
from aiokafka import TopicPartition
from aiokafka.errors import GroupAuthorizationFailedError, GroupCoordinatorNotAvailableError
from aiokafka.structs import OffsetAndMetadata

from streams.committed import answered

SOURCE = TopicPartition("reports", 3)
Answer = dict[TopicPartition, OffsetAndMetadata] | Exception


class Broker:
    """Gives one answer after the other."""

    def __init__(self, *answers: Answer) -> None:
        self.answers = list(answers)

    async def list_consumer_group_offsets(
        self, group_id: str, *, partitions: list[TopicPartition]
    ) -> dict[TopicPartition, OffsetAndMetadata]:
        assert (group_id, partitions) == ("posko-intake", [SOURCE])
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def ask(*answers: Answer) -> int | None:
    broker = Broker(*answers)
    found = await answered(broker, "posko-intake", SOURCE, pause=0)
    assert broker.answers == []
    return found


async def test_a_group_that_committed_goes_on_there() -> None:
    assert await ask({SOURCE: OffsetAndMetadata(14471, "")}) == 14471


async def test_a_group_that_never_committed_begins_at_the_beginning() -> None:
    assert await ask({SOURCE: OffsetAndMetadata(-1, "")}) is None


async def test_an_answer_without_the_partition_is_asked_for_again() -> None:
    assert await ask({}, {}, {SOURCE: OffsetAndMetadata(7, "")}) == 7


async def test_a_coordinator_that_is_not_there_yet_is_waited_for() -> None:
    assert await ask(GroupCoordinatorNotAvailableError(), {SOURCE: OffsetAndMetadata(7, "")}) == 7


async def test_what_waiting_does_not_heal_is_raised() -> None:
    with pytest.raises(GroupAuthorizationFailedError):
        await ask(GroupAuthorizationFailedError("posko-intake"))
