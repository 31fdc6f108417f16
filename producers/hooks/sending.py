"""One hook's deliveries: posted until the other side accepts them, with patience, and not for ever."""

from __future__ import annotations

import asyncio
import random
import ssl
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache
from typing import Literal
from urllib.parse import urlsplit

import certifi
import httpx
import orjson
from tenacity import AsyncRetrying, retry_if_exception_type, wait_random_exponential

from posko import log, metrics
from posko.errors import first_line
from producers.hooks import address, signature
from producers.hooks.hook import Hook
from producers.hooks.store import Delivery, Store

LIMIT_S = 15.0  # for one call, from the name's look-up to the answer
AT_ONCE = 4  # calls to one hook
BATCH = 16  # deliveries between two looks
MOST_WAIT_S = 300.0  # between two attempts on a hook that does not answer
REFUSED_MS = 60_000  # so long a delivery waits that was refused for what it says
DAY_MS = 86_400_000  # a hook that has accepted nothing for so long is switched off
_REFUSED = frozenset({400, 409, 413, 415, 422})  # what is in it does not please; others may
logger = log.get("hooks")

State = Literal["told", "refused", "failed", "gone"]


class Failed(Exception):
    """The other side accepts nothing now."""


async def post(client: httpx.AsyncClient, hook: Hook, delivery: Delivery, now_s: float) -> tuple[State, str]:
    """One attempt: what came of it, and why it came to nothing."""
    told = {"event": delivery.event, "delivery": delivery.id, "hook": hook.name}
    content = orjson.dumps({**told, "incident": orjson.Fragment(delivery.body or b"null")})
    parts = urlsplit(hook.url)
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "posko",
        "X-Posko-Event": delivery.event,
        "X-Posko-Delivery": delivery.id,
        **signature.headers(hook.secret, now_s, content),
    }
    try:
        async with asyncio.timeout(LIMIT_S):
            host = parts.hostname or ""
            ip = await address.resolved(host, parts.port or (443 if parts.scheme == "https" else 80), hook.private)
            # The checked address is called; the name is still what the certificate must be for.
            request = client.stream(
                "POST", httpx.URL(hook.url).copy_with(host=ip), content=content, headers=headers,
                extensions={"sni_hostname": host},
            )  # fmt: skip
            async with request as answer:
                status = answer.status_code
    except TimeoutError:
        return "failed", f"no answer within {LIMIT_S:.0f} s"
    except (httpx.HTTPError, httpx.InvalidURL, address.BadAddress, OSError) as error:
        return "failed", f"{type(error).__name__}: {first_line(error, 200)}"
    if 200 <= status < 300:
        return "told", ""
    return "gone" if status == 410 else "refused" if status in _REFUSED else "failed", f"status {status}"


@cache
def _trusted() -> ssl.SSLContext:
    """Certificates that the machine trusts, and those that browsers do."""
    known = ssl.create_default_context()
    known.load_verify_locations(certifi.where())
    return known


def client_of() -> httpx.AsyncClient:
    """A client for one hook. It follows no redirects and uses no proxy: both would lead elsewhere than was checked."""
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE, keepalive_expiry=30)
    return httpx.AsyncClient(verify=_trusted(), timeout=LIMIT_S, limits=limits, follow_redirects=False, trust_env=False)


class Sending:
    """What one hook is told. `news` is set when something new may wait; `now`: milliseconds since 1970 UTC."""

    def __init__(self, hook: Hook, store: Store, now: Callable[[], int], longest_wait: float = MOST_WAIT_S) -> None:
        self.hook, self.news = hook, asyncio.Event()
        self._store, self._now, self._longest = store, now, longest_wait
        self._over = False

    async def run(self) -> None:
        """Until cancelled, or until the hook is switched off."""
        async with client_of() as client:
            while not self._over:
                async for attempt in AsyncRetrying(
                    retry=retry_if_exception_type(Failed), wait=wait_random_exponential(1, self._longest)
                ):
                    with attempt:
                        await self._turn(client)

    async def _turn(self, client: httpx.AsyncClient) -> None:
        """Tell what is due, or wait for it. Raises Failed when the other side accepted none of it."""
        self.news.clear()
        due, at = await asyncio.to_thread(self._store.due, self.hook.name, self._now(), BATCH)
        if not due:
            wait = 60.0 if at is None else max(0.02, (at - self._now()) / 1000)
            with suppress(TimeoutError):
                await asyncio.wait_for(self.news.wait(), wait)
            return
        gate = asyncio.Semaphore(AT_ONCE)

        async def one(delivery: Delivery) -> tuple[State, str]:
            async with gate:
                return await post(client, self.hook, delivery, self._now() / 1000)

        await self._settle(due, await asyncio.gather(*map(one, due)))

    async def _settle(self, due: Sequence[Delivery], outcomes: Sequence[tuple[State, str]]) -> None:
        name, now = self.hook.name, self._now()
        by = {state: [one for one, (found, _) in zip(due, outcomes, strict=True) if found == state]
              for state in ("told", "refused", "failed", "gone")}  # fmt: skip
        for state in ("refused", "failed", "gone"):
            if by[state]:
                metrics.HOOK_FAILED.labels(name, state).inc(len(by[state]))
        if by["told"]:
            await asyncio.to_thread(self._store.told, self.hook, by["told"])
        if by["refused"]:
            again = now + int(REFUSED_MS * random.uniform(1, 1.5))  # noqa: S311 no secret
            logger.warning("a hook refuses incidents", hook=name, incidents=len(by["refused"]))
            await asyncio.to_thread(self._store.later, name, [one.incident for one in by["refused"]], again)
        if by["gone"]:
            await self._switch_off("the other side says that it is gone (410)")
        elif not by["told"]:
            why = next(why for _, why in outcomes if why)
            since = await asyncio.to_thread(self._store.failed, name, why, now)
            if now - since >= DAY_MS:
                await self._switch_off(f"it has accepted nothing for a day: {why}")
            elif by["failed"]:
                logger.info("a hook does not accept; trying again", hook=name, why=why)
                raise Failed(why)

    async def _switch_off(self, why: str) -> None:
        self._over = True
        await asyncio.to_thread(self._store.switch_off, self.hook.name, why)
        logger.error("a hook is switched off; posko hook add switches it on again", hook=self.hook.name, why=why)
