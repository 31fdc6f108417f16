"""A thin network between a browser and the gateway: cut, slow, or losing things at the worst moment."""

from __future__ import annotations

import asyncio
import itertools
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

PIECE = 2048
# What becomes of four connections after another, in any order, while the network flaps: refused; broken in the middle
# of the request; the request arrives and its answer is lost; works once and breaks. A fixed order could fall into step
# with what a page asks for, so that only its status ever passed and never its reports.
FLAPS = ("refused", "half", "unanswered", "once")


class Network:
    """Passes TCP on to `target` (host, port). `mode`: good, cut, slow (`rate` bytes a second, each way) or flapping."""

    def __init__(self, target: tuple[str, int]) -> None:
        self.mode, self.rate = "good", 2000
        self.address = ""
        self.fates: list[str] = []  # of the connections while it flapped
        self.posts = 0  # requests with reports that passed on
        self._target = target
        chance = random.Random(7)
        self._fate = (fate for _ in itertools.count() for fate in chance.sample(FLAPS, len(FLAPS)))
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()

    def become(self, mode: str) -> None:
        """From now on the network is like this; what is under way breaks."""
        self.mode = mode
        done = threading.Event()

        def breaks() -> None:
            for writer in list(self._open):
                writer.transport.abort()
            done.set()

        self._loop.call_soon_threadsafe(breaks)
        done.wait(10)

    async def _connected(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        mode, fate = self.mode, ""
        if mode == "flapping":
            fate = next(self._fate)
            self.fates.append(fate)
        if mode == "cut" or fate == "refused":
            writer.transport.abort()
            return
        try:
            there_reader, there = await asyncio.open_connection(*self._target)
        except OSError:
            writer.transport.abort()
            return
        self._open |= {writer, there}
        try:
            out = self._pass(reader, there, mode, "half" if fate == "half" else "", counted=True)
            back = self._pass(there_reader, writer, mode, fate if fate in ("unanswered", "once") else "")
            ways = [asyncio.ensure_future(out), asyncio.ensure_future(back)]
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
            for way in ways:
                way.cancel()
        finally:
            for end in (writer, there):
                self._open.discard(end)
                end.transport.abort()

    async def _pass(
        self, source: asyncio.StreamReader, target: asyncio.StreamWriter, mode: str, fate: str, counted: bool = False
    ) -> None:
        with suppress(OSError):
            while piece := await source.read(PIECE):
                if counted and piece.startswith(b"POST /api/v1/reports "):
                    self.posts += 1
                if fate == "unanswered":
                    return
                if fate == "half":
                    target.write(piece[: len(piece) // 2])
                    await target.drain()
                    return
                target.write(piece)
                await target.drain()
                if fate == "once":
                    await self._rest(source, target)
                    return
                if mode == "slow":
                    await asyncio.sleep(len(piece) / self.rate)

    async def _rest(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        """What belongs to the answer that has begun: it comes at once or not at all."""
        with suppress(TimeoutError):
            while piece := await asyncio.wait_for(source.read(PIECE), 0.2):
                target.write(piece)
                await target.drain()

    def _run(self, started: threading.Event) -> None:
        asyncio.set_event_loop(self._loop)
        server = self._loop.run_until_complete(asyncio.start_server(self._connected, "127.0.0.1", 0))
        host, port = server.sockets[0].getsockname()
        self.address = f"http://{host}:{port}"
        started.set()
        self._loop.run_forever()
        server.close()
        for writer in list(self._open):
            writer.transport.abort()
        if left := asyncio.all_tasks(self._loop):
            self._loop.run_until_complete(asyncio.wait(left, timeout=10))
        self._loop.close()


@contextmanager
def network(target: tuple[str, int]) -> Iterator[Network]:
    """A good network to begin with, until the end of the block."""
    made, started = Network(target), threading.Event()
    thread = threading.Thread(target=made._run, args=(started,), daemon=True)
    thread.start()
    started.wait(10)
    try:
        yield made
    finally:
        made._loop.call_soon_threadsafe(made._loop.stop)
        thread.join(10)
