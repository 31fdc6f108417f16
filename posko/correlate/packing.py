"""How an incident is packed, in the changelog and in memory: zstd with a dictionary, a fifth of its JSON.

The dictionary is `posko/data/incident.dict`: zstd's own training (`zstd.train_dict`) on the entries of 25,000 simulated
incidents of all Indonesia. Each packed entry names the dictionary that it needs, so the file is never changed: a better
one would be a second file.
"""

from __future__ import annotations

import sys
from functools import lru_cache
from importlib.resources import files

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

LEVEL = 3  # no slower than 1 on such small texts, a tenth smaller


class _Codec:
    """Dictionary and compressor, made once a process."""

    def __init__(self) -> None:
        self.dictionary = zstd.ZstdDict(files("posko").joinpath("data", "incident.dict").read_bytes())
        options: dict[int, int] = {
            zstd.CompressionParameter.compression_level: LEVEL,
            zstd.CompressionParameter.checksum_flag: 0,  # Kafka has its own
        }
        self._compressor = zstd.ZstdCompressor(options=options, zstd_dict=self.dictionary)

    def pack(self, data: bytes) -> bytes:
        return self._compressor.compress(data, mode=zstd.ZstdCompressor.FLUSH_FRAME)


@lru_cache(maxsize=1)
def _codec() -> _Codec:
    return _Codec()


def pack(data: bytes) -> bytes:
    """`data`, compressed."""
    return _codec().pack(data)


def unpack(packed: bytes) -> bytes:
    """What `pack` was given. Raises zstd's ZstdError when `packed` is nothing that it made."""
    return zstd.decompress(packed, zstd_dict=_codec().dictionary)
