"""The engine without HTTP: chDB, its lanes and sessions, and the way of one request through them."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from posko import log, metrics
from posko.local.engine import config, query_cache, sql
from posko.local.engine.answer import Answer
from posko.local.engine.auth import Role
from posko.local.engine.errors import BAD_ARGUMENTS, SYNTAX_ERROR, TOO_MANY_BYTES, ClickHouseError
from posko.local.engine.gate import Gate, Kind
from posko.local.engine.handle import Handle, Progress
from posko.local.engine.lanes import Handles, Lane
from posko.local.engine.limits import Limits
from posko.local.engine.request import Request
from posko.local.engine.sessions import Sessions

# chDB makes each block of a result as if it were all of it. Only of these formats do blocks make a result when joined.
_STREAMED = {"native", "tabseparated", "tsv", "tabseparatedraw", "tsvraw", "csv", "rowbinary", "jsoneachrow", "ndjson"}
_STREAMING = {"SELECT", "WITH", "FROM"}
_READING = {*_STREAMING, "SHOW", "DESCRIBE", "DESC", "EXPLAIN", "EXISTS", "CHECK"}

_log = log.get("engine")


class Engine:
    """chDB on one folder. Made and used inside a running event loop; one a process, and one a folder."""

    def __init__(self, folder: Path, limits: Limits) -> None:
        """Start chDB on `folder`, which exists; the process's working directory must be `folder`.

        chDB's connection string has no way to quote a path, so it is given a relative one.
        """
        self.limits = limits
        self.folder = folder
        self._base = config.base_settings(limits)
        self._threads = limits.query_threads or os.cpu_count() or 1
        self._address = f"{config.STORE}?config-file={config.SERVER_FILE}&log-level=fatal"
        self._keeper = self._connect(Role.FULL)  # keeps chDB open when no other handle is
        progress = Progress()
        self._keeper.run(f"DROP DATABASE IF EXISTS {config.FILES_DATABASE}", "Null", {}, progress)
        self.version = self._ask("SELECT version()", progress)
        self.timezone = self._ask("SELECT timezone()", progress)
        self.name = self._ask("SELECT hostName()", progress)
        names = self._ask("SELECT arrayStringConcat(groupArray(name), ' ') FROM system.table_functions", progress)
        self._gate = Gate(frozenset(names.split()))
        self._handles = Handles(self._connect)
        self._sessions = Sessions(self._connect, limits.sessions)
        self._kept = query_cache.QueryCache()
        queue = (limits.queue, limits.queue_seconds)
        self._lanes = {
            "read": Lane("reads", limits.readers, *queue),
            "insert": Lane("inserts", limits.inserters, *queue),
            "work": Lane("other statements", limits.workers, *queue),
        }
        self._control = Lane("control", 1, *queue)

    async def execute(self, request: Request, user: str, role: Role, answer: Answer, progress: Progress) -> None:
        """Run a request and write its result; returns when all is written, or raises ClickHouseError."""
        if request.session and request.session_check:
            self._sessions.require(user, request.session)
        lane = self._lane(request)
        with metrics.ENGINE_SECONDS.labels(lane.name).time():
            await lane.run(lambda: self._work(request, user, role, answer, progress))

    async def cancel(self, request: Request) -> None:
        """Stop a request that nobody waits for any more."""

        def kill() -> None:
            query = f"KILL QUERY WHERE Settings['log_comment'] = {sql.literal(request.query_id)} ASYNC"
            with self._handles.borrowed(Role.FULL) as handle:
                handle.run(query, "Null", {}, Progress())

        await self._control.run(kill)

    def _lane(self, request: Request) -> Lane:
        if request.insert is not None:
            return self._lanes["insert"]
        return self._lanes["read" if sql.first_word(request.query) in _READING else "work"]

    def _work(self, request: Request, user: str, role: Role, answer: Answer, progress: Progress) -> None:
        try:
            self._execute(request, user, role, answer, progress)
        except UnicodeEncodeError:
            text = "A parameter or setting is not UTF-8"
            raise ClickHouseError.say(BAD_ARGUMENTS, text) from None

    def _execute(self, request: Request, user: str, role: Role, answer: Answer, progress: Progress) -> None:
        kind = self._judge(request, role)
        streams = kind is Kind.READ and self._streams(request)
        settings = {**request.settings, "log_comment": request.query_id}
        if kind is Kind.READ and not streams:
            settings.setdefault("max_result_bytes", str(self.limits.max_result_in_memory))
        ttl = query_cache.seconds(request) if kind is Kind.READ else 0
        same = query_cache.key(request, user, role.name) if ttl else None
        kept = self._kept.claim(same) if ttl else None
        if kept is not None:
            answer.write(kept)
            return
        parts: list[bytes] | None = [] if ttl else None
        try:
            with self._chosen(request, user, role, kind, settings) as handle:
                if request.insert is not None:
                    self._insert(handle, request, progress)
                    return
                for external in request.externals:
                    self._fill(handle, external.name, external.structure, external.format, external.data)
                if streams:
                    for block in handle.stream(request.query, request.format, request.parameters, progress):
                        parts = _noted(parts, block)
                        answer.write(block)
                else:
                    whole = self._materialised(handle, request, progress)
                    parts = _noted(parts, whole)
                    answer.write(whole)
        except BaseException:
            parts = None
            raise
        finally:
            if ttl:
                self._kept.settle(same, None if parts is None else b"".join(parts), ttl)

    def _streams(self, request: Request) -> bool:
        return request.format.lower() in _STREAMED and sql.first_word(request.query) in _STREAMING

    def _judge(self, request: Request, role: Role) -> Kind:
        with self._handles.borrowed(role) as handle:
            text = request.query
            if request.insert is not None:
                text = f"{text} FORMAT {request.insert.format}"
            return self._gate.judge(handle, text, role, request.read_only)

    @contextmanager
    def _chosen(
        self, request: Request, user: str, role: Role, kind: Kind, settings: dict[str, str]
    ) -> Iterator[Handle]:
        if request.session and (kind is Kind.CONTROL or self._sessions.exists(user, request.session)):
            with self._sessions.handle(user, request.session, role, request.session_timeout) as handle:
                handle.prepare(request.database, settings)
                yield handle
            return
        alone = kind is Kind.CONTROL or request.externals or (request.insert is not None and request.parameters)
        if kind is Kind.READ:
            # Long reads side by side share the cores, so that a short one or an insert among them need not wait long.
            settings.setdefault("max_threads", str(max(1, self._threads // max(1, self._lanes["read"].active))))
        lend = self._handles.fresh if alone else self._handles.prepared
        with lend(role, request.database, settings) as handle:
            yield handle

    def _insert(self, handle: Handle, request: Request, progress: Progress) -> None:
        assert request.insert is not None
        if request.parameters:
            handle.set_parameters(request.parameters)
        handle.insert(request.insert.head, request.insert.format, request.pieces(), progress)

    def _fill(self, handle: Handle, name: str, structure: str, format_name: str, data: bytes) -> None:
        query = f"CREATE TEMPORARY TABLE {sql.identifier(name)} ({structure})"
        if self._gate.judge(handle, query, handle.role, False) is not Kind.CONTROL:
            raise ClickHouseError.say(SYNTAX_ERROR, f"The structure of external table {name!r} is not understood")
        handle.run(query, "Null", {}, Progress())
        handle.insert(f"INSERT INTO {sql.identifier(name)}", format_name, [data], Progress())

    def _materialised(self, handle: Handle, request: Request, progress: Progress) -> bytes:
        data = handle.run(request.query, request.format, request.parameters, progress)
        if len(data) > self.limits.max_result_in_memory:
            raise ClickHouseError.say(
                TOO_MANY_BYTES,
                f"The result is larger than {self.limits.max_result_in_memory} bytes in format {request.format}; "
                "ask for Native, CSV, TSV, RowBinary or JSONEachRow, which are streamed",
            )
        return data

    def _connect(self, role: Role) -> Handle:
        return Handle(self._address, role, self._base)

    def _ask(self, query: str, progress: Progress) -> str:
        return self._keeper.run(query, "RawBLOB", {}, progress).decode()

    def close(self) -> None:
        """Close chDB cleanly once everything that runs has ended."""
        started = time.monotonic()
        for lane in [*self._lanes.values(), self._control]:
            lane.close()
        self._sessions.close()
        self._handles.close()
        self._keeper.close()
        _log.info("engine closed", seconds=round(time.monotonic() - started, 3))


def _noted(parts: list[bytes] | None, block: bytes) -> list[bytes] | None:
    """The blocks of an answer that may be kept; None once there is too much, or when it may not."""
    if parts is None or sum(map(len, parts)) + len(block) > query_cache.MOST_OF_ONE:
        return None
    return [*parts, bytes(block)]
