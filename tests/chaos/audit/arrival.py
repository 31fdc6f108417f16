"""From the sender into Kafka: what was acknowledged is there."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping

from tests.chaos.findings import Findings
from tests.chaos.ledger import Place, Sent

PROMISE = "what Kafka acknowledged is in reports"


def compare(sent: Iterable[Sent], kafka: Mapping[Place, str], found: Findings) -> dict[Place, Sent]:
    """The message behind each place of the topic. `kafka`: the digest of the value at each place.

    A message that is there more often than it was sent is the producer's doubt, not a fault: it is a resend, and what
    becomes of it is looked at like of any other.
    """
    check = found.check(PROMISE)
    known: dict[Place, Sent] = {}
    by_digest: dict[str, Sent] = {}
    elsewhere: list[Sent] = []
    for message in sent:
        check.looked += 1
        by_digest.setdefault(message.digest, message)
        place = (message.partition, message.offset)
        if message.offset < 0:
            elsewhere.append(message)
        elif kafka.get(place) == message.digest:
            known[place] = message
        else:
            check.add("lost", f"{message.report_id}, acknowledged at partition {place[0]} offset {place[1]}")
    free = defaultdict(list)
    for place, value in kafka.items():
        if place not in known:
            free[value].append(place)
    for message in elsewhere:
        if places := free[message.digest]:
            known[places.pop()] = message
        else:
            check.add("lost", f"{message.report_id}, acknowledged without a place")
    again = 0
    for value, places in free.items():
        for place in places:
            if value in by_digest:
                known[place], again = by_digest[value], again + 1
            else:
                check.add("wrong", f"partition {place[0]} offset {place[1]} holds a message that nobody sent")
    found.notes["sent twice by a producer in doubt"] = f"{again:,}"
    return known
