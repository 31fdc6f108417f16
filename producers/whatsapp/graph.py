"""Meta's Graph API: replies to people, and the files that they send. Bounded in time and size."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from typing import Any
from urllib.parse import urlsplit

import httpx

from posko import log
from posko.settings import Settings
from producers.attachments.kinds import MOST_BYTES, NotAccepted, checked
from producers.attachments.store import Kept, Store
from producers.attachments.thumbnail import thumbnail
from producers.officers import Sender
from producers.sms import outgoing

LIMIT_S = 20.0  # for one file, and for one answer
MEMORY = 1 << 20
logger = log.get("messages")


class Graph:
    """Does nothing without a token (POSKO_WHATSAPP_TOKEN)."""

    def __init__(self, known: Settings, store: Store | None) -> None:
        self._url = known.whatsapp_graph.rstrip("/")
        self._token = known.whatsapp_token.get_secret_value()
        self._store = store

    async def reply(self, line: str, phone: str, text: str) -> None:
        """Send a text from our number `line` (phone_number_id). Raises httpx.HTTPError."""
        if not self._token or not line.isdecimal():
            return
        body = {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": phone.lstrip("+"),
            "type": "text",
            "text": {"preview_url": False, "body": text},
        }
        await outgoing.post(f"{self._url}/{line}/messages", body, self._headers)

    async def fetch(self, announced: dict[str, Any], sender: Sender, now: int) -> dict[str, Any] | None:
        """Bring a file into the store: the attachment as reports have it, None when it cannot be had."""
        if not self._token or self._store is None:
            return None
        try:
            return await asyncio.wait_for(self._fetched(announced, sender, now), LIMIT_S)
        except (httpx.HTTPError, OSError, ValueError, NotAccepted, TimeoutError) as error:
            logger.warning("a file of a message could not be had", error=type(error).__name__)
            return None

    async def _fetched(self, announced: dict[str, Any], sender: Sender, now: int) -> dict[str, Any]:
        async with httpx.AsyncClient(timeout=LIMIT_S, follow_redirects=False) as client:
            answer = await client.get(f"{self._url}/{announced['media']}", headers=self._headers)
            answer.raise_for_status()
            url = answer.json().get("url", "")
            if urlsplit(url).scheme not in ("https", urlsplit(self._url).scheme):
                raise ValueError("the file is at no address of the web")
            with tempfile.SpooledTemporaryFile(MEMORY) as file:
                hashed, size = hashlib.sha256(), 0
                async with client.stream("GET", url, headers=self._headers) as source:
                    source.raise_for_status()
                    async for piece in source.aiter_bytes():
                        size += len(piece)
                        if size > MOST_BYTES:
                            raise NotAccepted("too_large")
                        hashed.update(piece)
                        file.write(piece)
                sha256 = hashed.hexdigest()
                if announced["sha256"] and announced["sha256"] != sha256:
                    raise NotAccepted("other_hash")
                mime = await asyncio.to_thread(self._keep, file, sha256, size, sender, now)
        return {"sha256": sha256, "mime": mime, "name": announced["name"], "bytes": size}

    def _keep(self, file: Any, sha256: str, size: int, sender: Sender, now: int) -> str:
        assert self._store is not None
        kind = checked(file, size)
        self._store.put(sha256, file, Kept(kind.mime, size, now), thumbnail(file, kind), sender.id)
        return kind.mime

    @property
    def _headers(self) -> dict[str, str]:
        return {"Authorization": f"Bearer {self._token}"}
