"""A file comes in: its bytes go to the disk and into the hash as they arrive, bounded in size and time."""

from __future__ import annotations

import asyncio
import hashlib
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import IO

from producers.attachments.kinds import HEAD, MOST_BYTES, NotAccepted, kind_of

STILL_S = 45.0  # no byte for so long: the phone has lost its network
WHOLE_S = 1200.0  # 25 MiB at 20 kB/s
ENOUGH = 64  # bytes that tell the kind
MEMORY = 1 << 19  # smaller files do not touch the disk here


class Received:
    """A file in hand: `file` is gone when it is closed or the process ends."""

    def __init__(self, file: IO[bytes], size: int, sha256: str) -> None:
        self.file, self.size, self.sha256 = file, size, sha256


async def receive(parts: AsyncIterator[bytes], folder: Path) -> Received:
    """The whole of a body, kept in a nameless file in `folder`.

    Raises NotAccepted as soon as it is clear that the file is too large or of no known type, TimeoutError when it
    comes too slowly, OSError when the disk is full.
    """
    file = tempfile.SpooledTemporaryFile(MEMORY, dir=str(folder))  # noqa: SIM115 - the caller closes it
    hashed, size, head, most = hashlib.sha256(), 0, b"", MOST_BYTES
    try:
        async with asyncio.timeout(WHOLE_S):
            async for part in _lively(parts):
                size += len(part)
                if len(head) < HEAD:
                    head += part[: HEAD - len(head)]
                    if len(head) >= ENOUGH:
                        most = kind_of(head).most
                if size > most:
                    raise NotAccepted("too_large")
                hashed.update(part)
                file.write(part)
        if not size:
            raise NotAccepted("broken")
    except BaseException:
        file.close()
        raise
    return Received(file, size, hashed.hexdigest())


async def _lively(parts: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    while True:
        try:
            async with asyncio.timeout(STILL_S):
                part = await anext(parts)
        except StopAsyncIteration:
            return
        yield part
