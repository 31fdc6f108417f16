"""All hooks at work beside the requests: one reader, and a task for each hook, so that a slow one holds up no other."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Callable
from dataclasses import replace

from posko import log, topics
from posko.context import Context
from posko.errors import first_line
from producers.hooks.hook import Hook
from producers.hooks.reading import LOOK_S, Reader
from producers.hooks.sending import MOST_WAIT_S, Sending
from producers.hooks.store import Store
from producers.officers import Officers

logger = log.get("hooks")


class Outbound:
    """To be used in one event loop. A hook is at work only while its agency's program may report."""

    def __init__(
        self,
        store: Store,
        officers: Officers,
        context: Context,
        kafka: str,
        now: Callable[[], int],
        topic: str = topics.INCIDENTS,
        longest_wait: float = MOST_WAIT_S,
    ) -> None:
        self._store, self._officers, self._now, self._longest = store, officers, now, longest_wait
        self._at_work: dict[str, tuple[Sending, asyncio.Task[None]]] = {}
        self._reader = Reader(store, self._hooks, context, kafka, now, self._noted, topic)

    async def run(self) -> None:
        """Until cancelled."""
        reading = asyncio.create_task(self._reader.run())
        try:
            while not reading.done():
                try:
                    self._set_to_work(await asyncio.to_thread(self._hooks))
                except sqlite3.Error as error:
                    logger.error("the file of hooks cannot be used; trying again", error=first_line(error))
                await asyncio.sleep(LOOK_S)
            await reading  # it ends only by failing
        finally:
            tasks = [reading, *(task for _, task in self._at_work.values())]
            self._at_work.clear()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    def _hooks(self) -> list[Hook]:
        return [hook for hook in self._store.hooks() if allowed(hook, self._officers)]

    def _noted(self) -> None:
        for sending, _ in self._at_work.values():
            sending.news.set()

    def _set_to_work(self, hooks: list[Hook]) -> None:
        wanted = {hook.name: _settings(hook) for hook in hooks if not hook.off}
        for name, (sending, task) in list(self._at_work.items()):
            if task.done() or wanted.get(name) != sending.hook:
                if task.done() and not task.cancelled() and (error := task.exception()):
                    logger.error("a hook's deliveries ended; they begin again", hook=name, exc_info=error)
                task.cancel()
                del self._at_work[name]
        for name, hook in wanted.items():
            if name not in self._at_work:
                sending = Sending(hook, self._store, self._now, self._longest)
                self._at_work[name] = sending, asyncio.create_task(sending.run())


def allowed(hook: Hook, officers: Officers) -> bool:
    """Whether the agency's program behind a hook may report, and so be told."""
    officer = officers.get(hook.officer)
    return officer is not None and officer.program


def _settings(hook: Hook) -> Hook:
    """What the operator said, without what became of it."""
    return replace(hook, failing_since=None, why="", told=0)
