"""A thread that hands groups of messages to Kafka and says when each group is acknowledged."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from posko import log
from producers.connection import Closed
from producers.kafka import Sender, TooLarge

IDLE_S = 0.5  # without anything new: then what Kafka refused is tried again

logger = log.get("producers")


class Place(NamedTuple):
    """Where Kafka put a message; the offset is -1 when it only said that it has it."""

    partition: int
    offset: int


class Message(NamedTuple):
    """One message."""

    value: bytes
    key: bytes | None


class Group:
    """Messages that are settled together: `settled()` is called once, in some thread, when `outcomes` is complete.

    An outcome is where the message is in Kafka, or why Kafka refused it for good.
    """

    def __init__(self, messages: Sequence[Message], settled: Callable[[], None]) -> None:
        self.messages = messages
        self.outcomes: list[Place | Exception | None] = [None] * len(messages)
        self.left = len(messages)
        self.settled = settled


class Lane:
    """Owns a `producers.kafka.Sender`, which waits for an absent broker as long as it takes; so whoever offers groups
    bounds how many are unsettled. Its failures end it: `error` is then set, and nothing more is settled.
    """

    def __init__(
        self,
        opened: Callable[[Callable[[Any, Exception], None], Callable[[Any, int, int], None], threading.Event], Sender],
        bootstrap: str = "",
    ) -> None:
        """`opened(on_failed, on_acknowledged, stopping)` makes the Sender; it is called in the lane's thread."""
        self.bootstrap = bootstrap
        self.error: Exception | None = None
        self.connected = threading.Event()
        self.ended = threading.Event()
        self._opened = opened
        self._stopping = threading.Event()
        self._groups: queue.SimpleQueue[Group | None] = queue.SimpleQueue()
        self._counting = threading.Lock()
        self._sender: Sender | None = None
        self._thread = threading.Thread(target=self._run, name="kafka-lane", daemon=True)
        self._thread.start()

    @classmethod
    def to(cls, bootstrap: str, topic: str, partitions: int) -> Lane:
        """A lane to a topic of the broker at `bootstrap` (host:port[,host:port])."""

        def opened(
            on_failed: Callable[[Any, Exception], None],
            on_acknowledged: Callable[[Any, int, int], None],
            stopping: threading.Event,
        ) -> Sender:
            return Sender(bootstrap, topic, partitions, on_failed, on_acknowledged=on_acknowledged, ended=stopping)

        return cls(opened, bootstrap)

    def offer(self, group: Group) -> None:
        """Hand a group over; returns at once."""
        self._groups.put(group)

    def stop(self, seconds: float = 5.0) -> None:
        """End the thread after what was offered is handed to Kafka, or after `seconds`; what is unacknowledged then is
        never settled."""
        self._groups.put(None)
        self._thread.join(seconds)
        self._stopping.set()  # ends what waits for an absent broker
        self.ended.set()
        self.connected.set()  # nobody waits for it any longer
        if self._sender:
            self._sender.close(wait=False)
        self._thread.join(seconds)

    def _run(self) -> None:
        try:
            self._sender = sender = self._opened(self._failed, self._acknowledged, self._stopping)
            self.connected.set()
            while True:
                try:
                    group = self._groups.get(timeout=IDLE_S)
                except queue.Empty:
                    sender.settle()
                    continue
                if group is None:
                    return
                self._hand_over(sender, group)
        except Closed:
            return
        except Exception as error:
            self.error = error
            logger.error("the way into Kafka ended", error=str(error)[:500], kind=type(error).__name__)
        finally:
            self.ended.set()

    def _hand_over(self, sender: Sender, group: Group) -> None:
        for number, message in enumerate(group.messages):
            try:
                sender.send(message.value, message.key, (group, number))
            except TooLarge as error:
                self._settle(group, number, error)

    def _acknowledged(self, tag: tuple[Group, int], partition: int, offset: int) -> None:
        self._settle(*tag, Place(partition, offset))

    def _failed(self, tag: tuple[Group, int], error: Exception) -> None:
        self._settle(*tag, error)

    def _settle(self, group: Group, number: int, outcome: Place | Exception) -> None:
        with self._counting:
            group.outcomes[number] = outcome
            group.left -= 1
            last = not group.left
        if last:
            group.settled()
