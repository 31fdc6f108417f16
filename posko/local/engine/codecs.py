"""HTTP's content encodings in both directions, in bounded memory: no small body unpacks into a large one unnoticed."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterator
from typing import Any, Protocol

import cramjam
import lz4.frame
from backports import zstd

from posko.local.engine.errors import CANNOT_DECOMPRESS, NOT_IMPLEMENTED, TOO_MANY_BYTES, ClickHouseError

PIECE = 1 << 20


class Compressor(Protocol):
    """Packs a body piece by piece."""

    def compress(self, data: bytes) -> Any: ...
    def flush(self) -> Any: ...
    def finish(self) -> Any: ...


# In the order we like them: what costs least comes first.
_COMPRESSORS: dict[str, Callable[[], Compressor]] = {
    "lz4": cramjam.lz4.Compressor,
    "zstd": lambda: cramjam.zstd.Compressor(level=1),
    "gzip": lambda: cramjam.gzip.Compressor(level=2),
    "deflate": lambda: cramjam.zlib.Compressor(level=2),
    "br": lambda: cramjam.brotli.Compressor(level=2),
}


def accepted(header: str) -> str | None:
    """The encoding to answer with, from an Accept-Encoding header; None for none."""
    offered = {}
    for part in header.lower().split(","):
        name, _, options = part.partition(";")
        offered[name.strip()] = options.replace(" ", "")
    for name in _COMPRESSORS:
        if name in offered and offered[name] not in {"q=0", "q=0.0"}:
            return name
    return None


def compressor(encoding: str) -> Compressor:
    """A compressor for one of the names that `accepted` returns."""
    return _COMPRESSORS[encoding]()


def decompressor(encoding: str, limit: int) -> Unpacker:
    """For a Content-Encoding; ClickHouseError 48: it is unknown. More than `limit` bytes: ClickHouseError 307."""
    encoding = encoding.strip().lower()
    if encoding in {"", "identity"}:
        return Unpacker(None, limit)
    if encoding == "br":
        return _Brotli(limit)
    if encoding not in _DECOMPRESSORS:
        known = ", ".join(_COMPRESSORS)
        raise ClickHouseError.say(NOT_IMPLEMENTED, f"Unknown Content-Encoding {encoding!r}; known are {known}")
    return Unpacker(_DECOMPRESSORS[encoding], limit)


class Unpacker:
    """Unpacks a body piece by piece."""

    def __init__(self, make: Callable[[], Any] | None, limit: int) -> None:
        self._make = make
        self._codec = make() if make else None
        self._left = limit
        self._limit = limit

    def feed(self, data: bytes) -> Iterator[bytes]:
        """What comes out of the next piece of the body."""
        if self._codec is None:
            yield self._counted(data)
            return
        try:
            while data:
                if self._codec.eof:  # one stream after another, as `cat a.gz b.gz` makes them
                    assert self._make is not None
                    self._codec = self._make()
                yield self._counted(self._codec.decompress(data, PIECE))
                while not self._codec.eof and not getattr(self._codec, "needs_input", True):
                    yield self._counted(self._codec.decompress(b"", PIECE))
                data = self._codec.unused_data or b"" if self._codec.eof else b""
        except (zlib.error, RuntimeError, zstd.ZstdError, OSError, ValueError) as error:
            raise ClickHouseError.say(CANNOT_DECOMPRESS, f"The body does not unpack: {error}", 400) from None

    def finish(self) -> Iterator[bytes]:
        """What is left at the end; a body that stops in the middle raises."""
        if self._codec is not None and not self._codec.eof:
            raise ClickHouseError.say(CANNOT_DECOMPRESS, "The compressed body is not complete", 400)
        yield from ()

    def _counted(self, data: bytes) -> bytes:
        self._left -= len(data)
        if self._left < 0:
            raise ClickHouseError.say(TOO_MANY_BYTES, f"The body is larger than {self._limit} bytes; send it in parts")
        return data


class _Brotli(Unpacker):
    """No library at hand unpacks Brotli in bounded pieces: the body is kept, and unpacked into a bounded buffer."""

    def __init__(self, limit: int) -> None:
        super().__init__(None, limit)
        self._packed = bytearray()

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._packed += self._counted(data)
        yield from ()

    def finish(self) -> Iterator[bytes]:
        room = bytearray(self._limit)
        try:
            size = cramjam.brotli.decompress_into(bytes(self._packed), room)
        except Exception as error:
            raise ClickHouseError.say(CANNOT_DECOMPRESS, f"The body does not unpack: {error}", 400) from None
        yield bytes(memoryview(room)[:size])


class _Zlib:
    """zlib with the interface that lz4 and zstd share."""

    def __init__(self, window: int) -> None:
        self._inner = zlib.decompressobj(window)
        self.needs_input = True

    @property
    def eof(self) -> bool:
        return self._inner.eof

    @property
    def unused_data(self) -> bytes:
        return self._inner.unused_data

    def decompress(self, data: bytes, size: int) -> bytes:
        out = self._inner.decompress(self._inner.unconsumed_tail + data, size)
        self.needs_input = not self._inner.unconsumed_tail
        return out


_DECOMPRESSORS: dict[str, Callable[[], Any]] = {
    "lz4": lz4.frame.LZ4FrameDecompressor,
    "zstd": zstd.ZstdDecompressor,
    "gzip": lambda: _Zlib(31),
    "x-gzip": lambda: _Zlib(31),
    "deflate": lambda: _Zlib(15),
}
