"""The sender: a process of its own that plays a simulated day and keeps what Kafka has acknowledged.

    python -m tests.chaos.sender --kafka 127.0.0.1:29000 --election sumsel-2024 --reports 20000 --rate 500 --seed 1 FILE

It tells on standard output how many messages are acknowledged, ten times a second; the last line is the total. On
standard input it is told how many it may have sent, so that it does not run ahead of the blows that are to come.
"""

from __future__ import annotations

import argparse
import sys
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

from posko import context, log
from producers.kafka import Sender
from producers.simulator.message import Message
from producers.simulator.play import play
from producers.simulator.progress import Quiet
from producers.simulator.run import plan
from tests.chaos.ledger import Ledger

TELL_S = 0.1


class Gate:
    """How many messages may have been sent."""

    def __init__(self) -> None:
        self._allowed = 0
        self._changed = threading.Condition()

    def wait(self, number: int) -> None:
        """Return when so many messages may have been sent."""
        with self._changed:
            self._changed.wait_for(lambda: self._allowed >= number)

    def follow(self, lines: Iterable[str]) -> None:
        """Take each line as the number that is allowed from now on."""
        for line in lines:
            with self._changed:
                self._allowed = int(line)
                self._changed.notify_all()


class Noting:
    """A target of `play` that hands over each message with what is true of it."""

    def __init__(self, sender: Sender, gate: Gate) -> None:
        self._sender, self._gate = sender, gate
        self._current: Message | None = None

    def passing(self, messages: Iterable[Message]) -> Iterator[Message]:
        """The messages; `send` is called for each before the next is asked for."""
        for number, message in enumerate(messages, 1):
            self._gate.wait(number)
            self._current = message
            yield message

    def send(self, key: bytes, value: bytes | None) -> None:
        self._sender.send(value, key, self._current)

    def close(self) -> None:
        self._sender.close()


def send(kafka: str, election: str, reports: int, rate: float, seed: int, ledger: Ledger, gate: Gate) -> None:
    """Play a day of `reports` messages in about `reports / rate` seconds, its quiet and its busy hours included."""
    known = context.load(election)
    day = plan(
        known, seed=seed, size="day", reports=reports, hours=(4, 24), speed=0, rate=0, duration=reports / rate
    )  # fmt: skip
    sender = Sender(kafka, on_acknowledged=ledger.acknowledged, on_failed=ledger.refused)
    target = Noting(sender, gate)
    play(target.passing(day.day.messages()), day.day.span, target, None, day.pace, Quiet(), day.limit)


def tell(ledger: Ledger, done: threading.Event) -> None:
    """Print how much is acknowledged until `done`."""
    while not done.wait(TELL_S):
        print(ledger.count, flush=True)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--kafka", required=True)
    arguments.add_argument("--election", required=True)
    arguments.add_argument("--reports", type=int, required=True)
    arguments.add_argument("--rate", type=float, required=True)
    arguments.add_argument("--seed", type=int, required=True)
    arguments.add_argument("ledger", type=Path)
    given = arguments.parse_args()
    log.configure()
    done = threading.Event()
    with Ledger(given.ledger) as ledger:
        gate = Gate()
        threading.Thread(target=gate.follow, args=(sys.stdin,), daemon=True).start()
        threading.Thread(target=tell, args=(ledger, done), daemon=True).start()
        try:
            send(given.kafka, given.election, given.reports, given.rate, given.seed, ledger, gate)
        finally:
            done.set()
    print(ledger.count, flush=True)


if __name__ == "__main__":
    main()
