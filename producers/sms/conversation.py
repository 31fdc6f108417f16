"""From messages of people to reports that Kafka has: kept first, joined, sent, answered."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
from collections.abc import Awaitable, Callable
from itertools import count
from typing import Any
from weakref import WeakValueDictionary

import msgspec

from posko import log
from producers.gateway.errors import Unavailable
from producers.gateway.parts import Parts
from producers.officers import Sender
from producers.sms import parts as pieces
from producers.sms import reply
from producers.sms.inbox import Inbox, Long
from producers.sms.incoming import Incoming
from producers.sms.joining import Step, Unit, steps

LOOK_S = 1.0  # between two looks for what is due
FORGET_LOOKS = 3600  # looks between two times of forgetting what is old
AGAIN_MS = 5_000  # what Kafka did not take is tried again after this
OLD_MS = 30 * 24 * 3_600_000  # a message's own time counts when it is not older than this
AHEAD_MS = 300_000  # nor further in the future
FULL = "Terlalu banyak pesan sekaligus. Tunggu sebentar, lalu kirim lagi."

Tell = Callable[[str, str], Awaitable[None]]  # (phone, text)
Fetch = Callable[[dict[str, Any], Sender], Awaitable[dict[str, Any] | None]]  # the file that a message announced
logger = log.get("messages")


class Busy(Exception):
    """Somebody sends more than a person can; `seconds` to wait."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"too many messages; wait {seconds:.0f} s")
        self.seconds = int(seconds) + 1


class Conversation:
    """One door's messages. `door` is a channel of the report; `tell` answers what cannot be answered at once."""

    def __init__(
        self, door: str, parts: Parts, inbox: Inbox, tell: Tell, quiet_ms: int = 0, fetch: Fetch | None = None
    ) -> None:
        """`quiet_ms`: see `joining.steps`; `fetch`: brings the files that messages announce into the store."""
        self.door, self._parts, self._inbox, self._tell = door, parts, inbox, tell
        self._public, self._quiet_ms, self._fetch = parts.settings.messages_public, quiet_ms, fetch
        self._turns: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._told: set[asyncio.Task[None]] = set()

    def sender(self, phone: str) -> Sender | None:
        """Who has this phone: an officer, else a citizen; None when citizens cannot report here.

        A door may put the number of ours that was written to before it, `line/+62...`: answers come from there.
        """
        phone = phone.rpartition("/")[2]
        if officer := self._parts.officers.by_phone(phone):
            return Sender.of(officer, self.door)
        if not self._public:
            return None
        made = hmac.new(self._inbox.secret, phone.encode(), hashlib.sha256).hexdigest()
        return Sender.citizen(f"warga-{made[:20]}", self.door)

    async def short(self, message: Incoming) -> str:
        """Take a short message, or a piece of one; what to answer, `""` for nothing.

        Raises Busy when its sender sends too much.
        """
        name = f"{self.door}:{message.gateway}:{message.message_id}"
        before = await self._on_disk(self._inbox.reply_to, name)
        if before:
            return str(before)
        sender = self.sender(message.sender)
        if not message.sender or sender is None:
            return reply.closed() if message.sender else ""
        now = self._parts.now()
        if before is None:
            self._limit(sender)
        if message.part is None:
            sent = int(message.at.timestamp() * 1000)
            return await self.take(message.sender, Unit(name, plausible(sent, now), now, message.text))
        long = await self._on_disk(self._inbox.add_piece, self.door, message, name, now)
        if long is None:
            return ""
        said = await self._whole(long)
        await self._on_disk(self._inbox.answered, name, said)
        return said

    async def chat(self, phone: str, unit: Unit) -> None:
        """Take a message that is answered later, if it is somebody's who may report. Raises Busy."""
        if await self._on_disk(self._inbox.reply_to, unit.id) is not None:
            return
        sender = self.sender(phone)
        if sender is None:
            if not self._parts.limits.strangers.take(phone):
                self._later(phone, reply.closed())
            return
        self._limit(sender)
        now = self._parts.now()
        unit = msgspec.structs.replace(unit, at=plausible(unit.at, now), received=now)
        self._later(phone, await self.take(phone, unit))

    async def take(self, phone: str, unit: Unit) -> str:
        """Keep a message of an admitted sender and do what can be done now; what to answer, `""` for nothing yet."""
        if not await self._on_disk(self._inbox.add, self.door, phone, unit):
            return FULL
        said = await self.look(phone)
        if said:
            await self._on_disk(self._inbox.answered, unit.id, said)
        return said

    async def look(self, phone: str) -> str:
        """Send what can be sent of a person's messages; the answer to the last of them."""
        turn = self._turns.setdefault(phone, asyncio.Lock())
        async with turn:
            sender = self.sender(phone)
            units = await self._on_disk(self._inbox.waiting, self.door, phone)
            if sender is None:  # revoked meanwhile
                await self._on_disk(self._inbox.done, units)
                return ""
            said = ""
            now = self._parts.now()
            for step in await self._on_disk(steps, units, self._parts.context, sender, now, self._quiet_ms):
                said = await self._do(step, sender, now)
            return said

    async def tend(self) -> None:
        """For as long as the gateway runs: send what waited long enough, and tell people."""
        for look in count():
            await asyncio.sleep(LOOK_S)
            try:
                await self.due()
                if not look % FORGET_LOOKS:
                    await self._on_disk(self._inbox.forget, self._parts.now())
            except Exception as error:
                logger.error("waiting messages cannot be looked at", door=self.door, error=str(error)[:300])

    async def due(self) -> None:
        """Look at everybody whose messages are due, once."""
        now = self._parts.now()
        for long in await self._on_disk(self._inbox.late, self.door, now):
            self._later(long.phone, await self._whole(long))
        for phone in await self._on_disk(self._inbox.due, self.door, now):
            self._later(phone, await self.look(phone))

    async def _do(self, step: Step, sender: Sender, now: int) -> str:
        if step.action == "drop":
            await self._on_disk(self._inbox.done, step.units)
            return ""
        if step.action == "wait":
            await self._on_disk(self._inbox.postpone, step.units, step.due)
            return (
                reply.asking(step.draft.understood, step.draft.missing, self._parts.context.catalog) if step.ask else ""
            )
        report = {**step.report}
        if announced := report.pop("attachments", None):
            files = [await self._fetch(one, sender) for one in announced] if self._fetch else []
            report["attachments"] = [one for one in files if one]
        try:
            [receipt] = await self._parts.acceptance.take([report], sender)
        except Unavailable as error:
            await self._on_disk(self._inbox.postpone, step.units, now + max(AGAIN_MS, error.retry_after * 1000))
            return reply.waiting()
        await self._on_disk(self._inbox.done, step.units)
        if receipt.state == "refused":
            return reply.refused(receipt.message)
        if receipt.state == "conflict":
            return reply.conflict()
        return reply.accepted(step.draft.understood, reference(receipt.report_id), step.draft.missing)

    async def _whole(self, long: Long) -> str:
        now = self._parts.now()
        unit = Unit(f"{long.id}+", plausible(long.at, now), now, pieces.joined(long.texts, long.total))
        await self._on_disk(self._inbox.joined, self.door, long, unit)
        return await self.look(long.phone)

    def _limit(self, sender: Sender) -> None:
        """Officers as at every other door; others by their phone, not their address: that is the gateway's."""
        limits = self._parts.limits
        wait = (limits.strangers if sender.kind == "citizen" else limits.reports).take(sender.id)
        if wait:
            raise Busy(wait)

    def _later(self, phone: str, said: str) -> None:
        if said and said != reply.waiting():
            task = asyncio.get_running_loop().create_task(self._quietly(phone, said))
            self._told.add(task)
            task.add_done_callback(self._told.discard)

    async def _quietly(self, phone: str, said: str) -> None:
        try:
            await self._tell(phone, said)
        except Exception as error:
            logger.warning("a reply could not be sent", door=self.door, error=type(error).__name__)

    async def _on_disk(self, work: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.to_thread(work, *arguments)


def plausible(at: int, now: int) -> int:
    """A message's own time (ms), or `now` when that can hardly be true."""
    return at if now - OLD_MS <= at <= now + AHEAD_MS else now


def reference(report_id: str) -> str:
    """What people can name a report by."""
    return report_id[:6].upper()
