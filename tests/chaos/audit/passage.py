"""From topic to topic: each message comes out of a stage exactly once, as what it should."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping

from tests.chaos.findings import Findings
from tests.chaos.ledger import Place, Sent

INTAKE = "each message of reports was accepted or rejected, once"
CORRELATE = "each accepted report was matched, once"
EXPECTED = "what became of each message is what should"


def once(promise: str, inputs: Iterable[Hashable], outputs: Iterable[Hashable], found: Findings) -> None:
    """Each of `inputs` is once in `outputs`, and nothing else is."""
    check = found.check(promise)
    seen = Counter(outputs)
    for one in inputs:
        check.looked += 1
        number = seen.pop(one, 0)
        if number != 1:
            check.add("doubled" if number else "lost", f"{one} came out {number} times")
    for one, number in seen.items():
        check.add("wrong", f"{one} came out {number} times and had not gone in")


def as_expected(
    arrived: Mapping[Place, Sent], accepted: Mapping[Place, str], rejected: Mapping[Place, str], found: Findings
) -> None:
    """Each message was accepted with its own report_id, or rejected for the reason that the truth names.

    `accepted`: report_id by place; `rejected`: reason by place. What is in neither is for `once` to say.
    """
    check = found.check(EXPECTED)
    for place, sent in arrived.items():
        check.looked += 1
        if place in accepted and (sent.reason or accepted[place] != sent.report_id):
            wanted = f"rejected for {sent.reason}" if sent.reason else f"accepted as {sent.report_id}"
            check.add("wrong", f"{place} was accepted as {accepted[place]}, should be {wanted}")
        elif place in rejected and rejected[place] != sent.reason:
            wanted = f"rejected for {sent.reason}" if sent.reason else f"accepted as {sent.report_id}"
            check.add("wrong", f"{place} was rejected for {rejected[place]}, should be {wanted}")
