"""Replies that cannot be given in the answer to a call, sent over HTTP: bounded in time, tried again, never fatal."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx
from tenacity import AsyncRetrying, retry_if_exception, stop_after_attempt, wait_random_exponential

from posko.settings import Settings
from producers.sms.conversation import Tell

LIMIT_S = 10.0  # for one attempt
ATTEMPTS = 4


def sms(known: Settings) -> Tell:
    """Posts {"to", "text"} to POSKO_SMS_SEND with the shared secret as bearer token; does nothing without it."""

    async def tell(phone: str, text: str) -> None:
        if known.sms_send:
            headers = {"Authorization": f"Bearer {known.sms_secret.get_secret_value()}"}
            await post(known.sms_send, {"to": phone, "text": text}, headers)

    return tell


async def post(url: str, body: Mapping[str, Any], headers: Mapping[str, str]) -> None:
    """POST JSON; tries again after network failures, 429 and 5xx. Raises httpx.HTTPError at last."""
    async for attempt in AsyncRetrying(
        retry=retry_if_exception(_passing),
        stop=stop_after_attempt(ATTEMPTS),
        wait=wait_random_exponential(multiplier=0.5, max=10),
        reraise=True,
    ):
        with attempt:
            async with httpx.AsyncClient(timeout=LIMIT_S, follow_redirects=False) as client:
                answer = await client.post(url, json=dict(body), headers=dict(headers))
                answer.raise_for_status()


def _passing(error: BaseException) -> bool:
    if isinstance(error, httpx.HTTPStatusError):
        return error.response.status_code == 429 or error.response.status_code >= 500
    return isinstance(error, httpx.TransportError)
