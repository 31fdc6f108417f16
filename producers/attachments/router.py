"""The door for files: PUT, HEAD and GET /api/v1/attachments/{sha256}, and a small picture of it.

A file goes only to the person who sent it, always as a download, never as something a browser would run.
"""

from __future__ import annotations

import asyncio
import errno
import re
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, Any

import msgspec
from litestar import Request, Response, Router, get, head, put
from litestar.params import Parameter
from litestar.response import Stream

from posko import log
from producers.attachments.kinds import ALL, MOST_BYTES, NotAccepted, checked
from producers.attachments.receive import Received, receive
from producers.attachments.store import Kept, Store
from producers.attachments.thumbnail import thumbnail
from producers.attachments.wording import told
from producers.gateway.access import language_of_request, officer_of
from producers.gateway.errors import Problem, Refused
from producers.gateway.limits import Bucket
from producers.gateway.parts import Parts

AT_ONCE = 64  # files that may be coming in; the next is asked to come again
KIB_A_MINUTE = 20 << 10  # of one officer in the long run,
KIB_AT_ONCE = 300 << 10  # and at once: some two thousand photos as the app makes them
STATUS = {"unknown_type": 415, "too_large": 413, "broken": 422, "two_in_one": 422, "other_hash": 422, "too_slow": 408,
          "no_room": 507}  # fmt: skip
HARMLESS = {
    "Content-Security-Policy": "default-src 'none'; sandbox",
    "Cache-Control": "private, max-age=86400, immutable",
}
_HASH = re.compile(r"[0-9a-f]{64}")
logger = log.get("attachments")
AnyRequest = Request[Any, Any, Any]
Hash = Annotated[str, Parameter(description="SHA-256 of the file: 64 lower-case hexadecimal digits.")]


class Stored(msgspec.Struct, frozen=True):
    """A file that is kept; `mime` is what its content says."""

    sha256: str
    mime: str
    bytes: int


def router(parts: Parts) -> Router:
    """The door; `parts.attachments` is its Store."""
    store: Store = parts.attachments
    folder = parts.settings.data
    bucket = Bucket(KIB_A_MINUTE, KIB_AT_ONCE)
    disk = ThreadPoolExecutor(4, "attachments")
    drawing = ThreadPoolExecutor(1, "thumbnails")  # one at a time: a picture takes up to 100 MB while it is unpacked
    under_way = 0

    async def on(pool: ThreadPoolExecutor, work: Any, *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(pool, work, *arguments)

    async def found(request: AnyRequest, sha256: str) -> Kept:
        officer = officer_of(request, parts.officers)
        kept: Kept | None = await on(disk, store.find, sha256, officer.id) if _HASH.fullmatch(sha256) else None
        if kept is None:
            raise Refused(404, "not_found")
        return kept

    async def keep(received: Received, sha256: str, sender: str) -> Stored:
        if received.sha256 != sha256:
            raise NotAccepted("other_hash")
        kind = await on(disk, checked, received.file, received.size)
        small = await on(drawing, thumbnail, received.file, kind)
        kept = Kept(kind.mime, received.size, parts.now())
        await on(disk, store.put, sha256, received.file, kept, small, sender)
        return Stored(sha256, kind.mime, received.size)

    @put("/{sha256:str}", status_code=201, request_max_body_size=MOST_BYTES + 1)
    async def put_file(request: AnyRequest, sha256: Hash) -> Response[Stored | Problem]:
        """Keep a file: its bytes are the body. A repeat is harmless. What it is, its content says."""
        nonlocal under_way
        officer = officer_of(request, parts.officers)
        if not _HASH.fullmatch(sha256):
            return _refusal(request, "other_hash")
        length = request.headers.get("content-length", "")
        if length.isdigit() and int(length) > MOST_BYTES:
            return _refusal(request, "too_large")
        kib = (int(length) >> 10) + 1 if length.isdigit() else MOST_BYTES >> 10
        if wait := bucket.take(officer.id, kib):
            raise Refused(429, "too_many_requests", retry_after=int(wait) + 1, seconds=int(wait) + 1)
        if under_way >= AT_ONCE:
            raise Refused(503, "busy", retry_after=5)
        under_way += 1
        try:
            received = await receive(request.stream(), folder)
            try:
                return Response(await keep(received, sha256, officer.id), status_code=201)
            finally:
                received.file.close()
        except NotAccepted as error:
            return _refusal(request, error.reason)
        except TimeoutError:
            return _refusal(request, "too_slow")
        except OSError as error:
            logger.error("an attachment cannot be kept", error=error.strerror or type(error).__name__)
            if error.errno in (errno.ENOSPC, errno.EDQUOT):
                return _refusal(request, "no_room")
            raise Refused(503, "busy", retry_after=30) from error
        finally:
            under_way -= 1

    @head("/{sha256:str}")
    async def is_there(request: AnyRequest, sha256: Hash) -> Response[None]:
        """Whether this file of one's own has arrived."""
        kept = await found(request, sha256)
        return Response(None, headers={"X-Attachment-Bytes": str(kept.bytes)})

    @get("/{sha256:str}")
    async def get_file(request: AnyRequest, sha256: Hash) -> Stream:
        """A file that one sent, as a download."""
        kept = await found(request, sha256)
        named = f'attachment; filename="{sha256[:12]}.{ALL[kept.mime].suffix}"'
        headers = {**HARMLESS, "Content-Disposition": named, "Content-Length": str(kept.bytes)}
        return Stream(_pieces(store, sha256, disk), media_type=kept.mime, headers=headers)

    @get("/{sha256:str}/thumb")
    async def get_thumb(request: AnyRequest, sha256: Hash) -> Response[bytes]:
        """A small JPEG of a picture that one sent; 404 where there is none."""
        await found(request, sha256)
        small = await on(disk, store.thumb, sha256)
        if small is None:
            raise Refused(404, "not_found")
        headers = {**HARMLESS, "Content-Disposition": f'attachment; filename="{sha256[:12]}-kecil.jpg"'}
        return Response(small, media_type="image/jpeg", headers=headers)

    return Router("/api/v1/attachments", route_handlers=[put_file, is_there, get_file, get_thumb])


def _refusal(request: AnyRequest, reason: str) -> Response[Stored | Problem]:
    said = told(reason, language_of_request(request))
    return Response(Problem(reason, said), status_code=STATUS[reason])


async def _pieces(store: Store, sha256: str, pool: ThreadPoolExecutor) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    pieces = store.read(sha256)
    while piece := await loop.run_in_executor(pool, next, pieces, b""):
        yield piece
