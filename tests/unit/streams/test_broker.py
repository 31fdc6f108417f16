from __future__ import annotations

import pytest

from posko import topics
from streams import broker

FOUR = {topic.name: 4 for topic in topics.ALL}


def test_equal_numbers_of_partitions_are_fine():
    broker.check(FOUR)


@pytest.mark.parametrize("name", [topics.REPORTS, topics.REJECTED])
def test_topics_that_are_not_kept_together_may_differ(name: str):
    broker.check({**FOUR, name: 12})


@pytest.mark.parametrize("name", broker.TOGETHER)
def test_a_topic_that_differs_is_named_with_its_number(name: str):
    with pytest.raises(broker.PartitionsDiffer, match=f"{name} 8"):
        broker.check({**FOUR, name: 8})
