"""What a client asks: the query, its parameters and settings, and the data that goes with it."""

from __future__ import annotations

import io
import tempfile
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

from aiohttp import BodyPartReader, web

from posko.local.engine import codecs, sql
from posko.local.engine.errors import BAD_ARGUMENTS, NOT_IMPLEMENTED, SYNTAX_ERROR, ClickHouseError
from posko.local.engine.limits import Limits

# Parameters of the protocol. Every other one is a setting. Source: ClickHouse, src/Server/HTTPHandler.cpp.
# fmt: off
_PROTOCOL = frozenset({
    "query", "database", "default_format", "user", "password", "quota_key", "query_id", "session_id",
    "session_timeout", "session_check", "stacktrace", "role", "compress", "decompress", "client_protocol_version",
    "wait_end_of_query", "buffer_size", "enable_http_compression", "http_zlib_compression_level",
    "send_progress_in_http_headers", "http_headers_progress_interval_ms",
    "cancel_http_readonly_queries_on_client_close", "add_http_cors_header", "http_wait_end_of_query",
    "http_response_buffer_size", "http_write_exception_in_output_format", "http_make_head_request",
})
# fmt: on
_EXTERNAL = ("_format", "_structure", "_types")  # of a form's files: not settings


@dataclass
class External:
    """A temporary table that comes with the query."""

    name: str
    structure: str
    format: str
    data: bytes


@dataclass
class Request:
    """One request, read to its end."""

    query: str
    insert: sql.Insert | None = None
    data: IO[bytes] = field(default_factory=io.BytesIO)  # of an INSERT, at its beginning
    parameters: dict[str, str] = field(default_factory=dict)  # of the query, in ClickHouse's escaped form
    settings: dict[str, str] = field(default_factory=dict)
    externals: list[External] = field(default_factory=list)
    database: str = "default"
    format: str = "TabSeparated"
    explicit_format: bool = False
    query_id: str = field(default_factory=lambda: str(uuid.uuid4()))
    session: str = ""
    session_timeout: float = 60
    session_check: bool = False
    read_only: bool = False
    whole: bool = False  # send nothing before the statement has ended
    encoding: str | None = None

    def pieces(self) -> Iterator[bytes]:
        """An INSERT's data."""
        while piece := self.data.read(codecs.PIECE):
            yield piece


async def read(http: web.Request, limits: Limits, folder: Path) -> Request:
    """Read a request; a body too large for memory waits in a file in `folder`. The caller closes `data`."""
    params: dict[str, str] = dict(http.query)
    externals: list[External] = []
    data = tempfile.SpooledTemporaryFile(limits.body_in_memory, dir=str(folder))  # noqa: SIM115
    try:
        if http.content_type == "multipart/form-data":
            externals = await _form(http, params, limits)
        else:
            await _spool(http, data, limits)
        if params.get("compress") == "1" or params.get("decompress") == "1":
            raise ClickHouseError.say(
                NOT_IMPLEMENTED,
                "compress=1 and decompress=1 (ClickHouse's own blocks) are not offered; "
                "use HTTP compression: Accept-Encoding, Content-Encoding",
            )
        request = _request(http.headers, params, data, limits, bool(externals))
    except BaseException:
        data.close()
        raise
    request.externals = externals
    request.read_only = http.method in {"GET", "HEAD"}
    return request


def _request(
    headers: Mapping[str, str], params: Mapping[str, str], data: IO[bytes], limits: Limits, form: bool
) -> Request:
    settings = {
        name: value
        for name, value in params.items()
        if name not in _PROTOCOL and not name.startswith("param_") and not (form and name.endswith(_EXTERNAL))
    }
    request = Request("", settings=settings, parameters={n[6:]: v for n, v in params.items() if n.startswith("param_")})
    _statement(request, params.get("query", ""), data, limits)
    chosen = sql.result_format(request.query) if request.insert is None else None
    request.explicit_format = chosen is not None
    request.format = chosen or params.get("default_format") or headers.get("X-ClickHouse-Format") or "TabSeparated"
    request.database = params.get("database") or headers.get("X-ClickHouse-Database") or "default"
    request.query_id = params.get("query_id") or request.query_id
    request.session = params.get("session_id", "")
    request.session_timeout = _seconds(params.get("session_timeout", "60"))
    request.session_check = params.get("session_check") == "1"
    request.whole = "1" in {params.get("wait_end_of_query"), params.get("http_wait_end_of_query")}
    if params.get("enable_http_compression", "1") != "0":
        request.encoding = codecs.accepted(headers.get("Accept-Encoding", ""))
    return request


def _statement(request: Request, query: str, data: IO[bytes], limits: Limits) -> None:
    """The query of the URL, the query of the body, or a query whose INSERT data follows in the body."""
    data.seek(0)
    if query:
        insert = sql.split_insert(query.encode())
        if insert is not None:
            inline = query.encode()[insert.data_at :]
            request.query, request.insert = insert.head, insert
            request.data = _joined(inline, data) if inline.strip() else data
            return
        query += "\n"
    head = query.encode() + data.read(limits.max_query_size + 1)
    if insert := sql.split_insert(head):
        data.seek(insert.data_at - len(query.encode()))
        request.query, request.insert, request.data = insert.head, insert, data
        return
    if len(head) > limits.max_query_size:
        raise ClickHouseError.say(SYNTAX_ERROR, f"Max query size exceeded: {limits.max_query_size} bytes")
    try:
        request.query = head.decode().strip()
    except UnicodeDecodeError as error:
        raise ClickHouseError.say(SYNTAX_ERROR, f"The query is not UTF-8 at byte {error.start}") from None
    request.data = data


def _joined(inline: bytes, rest: IO[bytes]) -> IO[bytes]:
    joined = tempfile.SpooledTemporaryFile(codecs.PIECE)  # noqa: SIM115
    joined.write(inline)
    while piece := rest.read(codecs.PIECE):
        joined.write(piece)
    rest.close()
    joined.seek(0)
    return joined


async def _spool(http: web.Request, data: IO[bytes], limits: Limits) -> None:
    unpack = codecs.decompressor(http.headers.get("Content-Encoding", ""), limits.max_body)
    async for piece in http.content.iter_chunked(1 << 18):
        for plain in unpack.feed(piece):
            data.write(plain)
    for plain in unpack.finish():
        data.write(plain)


async def _form(http: web.Request, params: dict[str, str], limits: Limits) -> list[External]:
    """Fields are parameters, files are tables; `NAME_structure` or `NAME_types`, `NAME_format` describe them."""
    files, left = [], limits.max_body
    async for part in await http.multipart():
        if not isinstance(part, BodyPartReader) or part.name is None:
            raise ClickHouseError.say(BAD_ARGUMENTS, "A part of the form has no name")
        content = bytes(await part.read(decode=True))
        left -= len(content)
        if left < 0:
            raise ClickHouseError.say(BAD_ARGUMENTS, f"The form is larger than {limits.max_body} bytes")
        if part.filename is None:
            params[part.name] = content.decode("utf-8", "surrogateescape")
        else:
            files.append((part.name, content))
    return [
        External(name, _structure(name, params), params.get(f"{name}_format", "TabSeparated"), data)
        for name, data in files
    ]


def _structure(name: str, params: Mapping[str, str]) -> str:
    if structure := params.get(f"{name}_structure"):
        return structure
    if types := params.get(f"{name}_types"):
        return ", ".join(f"_{number} {kind}" for number, kind in enumerate(types.split(","), 1))
    raise ClickHouseError.say(BAD_ARGUMENTS, f"External table {name!r} needs {name}_structure or {name}_types")


def _seconds(text: str) -> float:
    try:
        return max(0.0, float(text))
    except ValueError:
        raise ClickHouseError.say(BAD_ARGUMENTS, f"Invalid session_timeout: {text!r}") from None
