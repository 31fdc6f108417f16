"""The way back: status, headers and a body that is sent while it is made."""

from __future__ import annotations

import asyncio
import secrets
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO

import orjson
from aiohttp import web

from posko.local.engine import codecs
from posko.local.engine.errors import QUERY_WAS_CANCELLED, ClickHouseError
from posko.local.engine.handle import Progress

_SMALL = 512  # bytes: not worth compressing
_IN_MEMORY = 8 << 20  # bytes
_PATIENCE = 120.0  # seconds that a client may stand still while a thread waits to send

# Source: the `Content-Type` of ClickHouse's output formats.
_TYPES = {
    "json": "application/json; charset=UTF-8",
    "jsoncompact": "application/json; charset=UTF-8",
    "jsonstrings": "application/json; charset=UTF-8",
    "jsoneachrow": "application/x-ndjson; charset=UTF-8",
    "jsoncompacteachrow": "application/x-ndjson; charset=UTF-8",
    "csv": "text/csv; charset=UTF-8; header=absent",
    "csvwithnames": "text/csv; charset=UTF-8; header=present",
    "tabseparated": "text/tab-separated-values; charset=UTF-8",
    "tsv": "text/tab-separated-values; charset=UTF-8",
    "tabseparatedwithnames": "text/tab-separated-values; charset=UTF-8",
    "tsvwithnames": "text/tab-separated-values; charset=UTF-8",
    "xml": "application/xml; charset=UTF-8",
    "markdown": "text/markdown; charset=UTF-8",
    **dict.fromkeys(("native", "rowbinary", "arrow", "arrowstream", "parquet", "orc"), "application/octet-stream"),
}


class Answer:
    """One response. A worker thread writes; the event loop sends as fast as the client reads."""

    def __init__(
        self,
        http: web.Request,
        common: Mapping[str, str],
        version: str,
        *,
        query_id: str,
        format_name: str,
        encoding: str | None,
        whole: bool,
        folder: Path,
    ) -> None:
        """`common`: headers of every response; `whole`: send nothing before the end, keep much of it in `folder`."""
        self._http = http
        self._version = version
        self._loop = asyncio.get_running_loop()
        self._headers = {
            **common,
            "X-ClickHouse-Query-Id": query_id,
            "X-ClickHouse-Format": format_name,
            "Content-Type": _TYPES.get(format_name.lower(), "text/plain; charset=UTF-8"),
        }
        self._encoding = encoding
        self._codec: codecs.Compressor | None = None
        self._whole = whole
        self._folder = folder
        self._kept: IO[bytes] | None = None
        self._first = b""
        self._tag = secrets.token_hex(8)
        self._response: web.StreamResponse | None = None
        self.gone = False  # the client has left: set by the event loop, read by the worker

    @property
    def started(self) -> bool:
        """Whether the status has been sent, so that an error can only follow in the body."""
        return self._response is not None

    def write(self, data: bytes) -> None:
        """The next piece of the result; called in a worker thread. ClickHouseError 394 when nobody reads it."""
        if self.gone:
            raise ClickHouseError.say(QUERY_WAS_CANCELLED, "The client has closed the connection")
        if self._whole:
            self._keep(data)
        elif not self._first and not self.started:
            self._first = data  # alone it can be sent with its length and the final summary
        else:
            piece, self._first = self._first + data if self._first else data, b""
            self._deliver(self._packed(piece))

    async def finish(self, progress: Progress, elapsed: float) -> web.StreamResponse:
        """Send what is left; `elapsed` in seconds."""
        if self._response is not None:
            if self._codec is not None:
                await self._response.write(bytes(self._codec.finish()))
            await self._response.write_eof()
            return self._response
        self._headers["X-ClickHouse-Summary"] = _summary(progress, elapsed)
        if self._kept is not None and self._kept.tell() > _IN_MEMORY:
            return await self._send_kept(self._kept)
        body = self._first
        if self._kept is not None:
            self._kept.seek(0)
            body = self._kept.read()
        if self._encoding and len(body) > _SMALL:
            body = await asyncio.to_thread(_pack, self._encoding, body)
            self._headers["Content-Encoding"] = self._encoding
        return web.Response(body=body, headers=self._headers)

    async def fail(self, error: ClickHouseError) -> web.StreamResponse:
        """Say what went wrong: as the response, or at the end of one that has begun, as ClickHouse does since 25.11."""
        body = error.body(self._version)
        if self._response is None:
            headers = {**self._headers, "X-ClickHouse-Exception-Code": str(error.code)}
            headers["Content-Type"] = "text/plain; charset=UTF-8"
            return web.Response(status=error.status, body=body, headers=headers)
        tag = self._tag.encode()
        note = b"\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n" % (tag, body, len(body), tag)
        if self._codec is not None:
            self._codec.compress(note)
            note = bytes(self._codec.finish())
        await self._response.write(note)
        if self._http.transport is not None:
            self._http.transport.close()  # without the last chunk: no client takes the result for complete
        return self._response

    def close(self) -> None:
        """Give the file back."""
        if self._kept is not None:
            self._kept.close()

    def _deliver(self, piece: bytes) -> None:
        sending = asyncio.run_coroutine_threadsafe(self._send(piece), self._loop)
        try:
            sending.result(_PATIENCE)
        except TimeoutError:
            sending.cancel()
            self.gone = True
            text = f"The client has not read on for {_PATIENCE:g} s"
            raise ClickHouseError.say(QUERY_WAS_CANCELLED, text) from None

    def _keep(self, data: bytes) -> None:
        if self._kept is None:
            self._kept = tempfile.SpooledTemporaryFile(_IN_MEMORY, dir=str(self._folder))  # noqa: SIM115
        self._kept.write(data)

    def _packed(self, data: bytes) -> bytes:
        if self._encoding is None:
            return data
        self._codec = self._codec or codecs.compressor(self._encoding)
        self._codec.compress(data)
        return bytes(self._codec.flush())

    async def _send(self, data: bytes) -> None:
        if self._response is None:
            if self._encoding:
                self._headers["Content-Encoding"] = self._encoding
            self._headers["X-ClickHouse-Exception-Tag"] = self._tag
            self._response = web.StreamResponse(headers=self._headers)
            self._response.enable_chunked_encoding()
            await self._response.prepare(self._http)
        await self._response.write(data)

    async def _send_kept(self, kept: IO[bytes]) -> web.StreamResponse:
        kept.seek(0)
        while piece := kept.read(codecs.PIECE):
            await self._send(await asyncio.to_thread(self._packed, piece))
        assert self._response is not None
        if self._codec is not None:
            await self._response.write(bytes(self._codec.finish()))
        await self._response.write_eof()
        return self._response


def _pack(encoding: str, body: bytes) -> bytes:
    codec = codecs.compressor(encoding)
    codec.compress(body)
    return bytes(codec.finish())


def _summary(progress: Progress, elapsed: float) -> str:
    values = {
        "read_rows": progress.read_rows,
        "read_bytes": progress.read_bytes,
        "written_rows": progress.written_rows,
        "written_bytes": progress.written_bytes,
        "total_rows_to_read": "0",
        "result_rows": progress.result_rows or progress.written_rows,
        "result_bytes": progress.result_bytes or progress.written_bytes,
        "elapsed_ns": int(elapsed * 1e9),
    }
    return orjson.dumps({name: str(value) for name, value in values.items()}).decode()
