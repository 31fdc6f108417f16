"""How an incident is packed, in the changelog and in memory: zstd with a dictionary, a fifth of its JSON.

The dictionary is `posko/data/incident.dict`: zstd's own training (`zstd.train_dict`) on the entries of 25,000 simulated
incidents of all Indonesia. Each packed entry names the dictionary that it needs, so the file is never changed: a better
one would be a second file.
"""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from threading import local

import zstandard

LEVEL = 3  # no slower than 1 on such small texts, a tenth smaller


class _Codec(local):
    """Compressor and decompressor with the dictionary, made once a thread: making one costs as much as five texts."""

    def __init__(self) -> None:
        dictionary = zstandard.ZstdCompressionDict(files("posko").joinpath("data", "incident.dict").read_bytes())
        # Without a checksum: Kafka has its own.
        self.pack = zstandard.ZstdCompressor(LEVEL, dictionary, write_checksum=False).compress
        self.unpack = zstandard.ZstdDecompressor(dictionary).decompress


@lru_cache(maxsize=1)
def _codec() -> _Codec:
    return _Codec()


def pack(data: bytes) -> bytes:
    """`data`, compressed."""
    return _codec().pack(data)


def unpack(packed: bytes) -> bytes:
    """What `pack` was given. Raises zstandard.ZstdError when `packed` is nothing that it made."""
    return _codec().unpack(packed)
