from __future__ import annotations

import gzip
import zlib

import cramjam
import lz4.frame
import pytest
from backports import zstd

from posko.local.engine import codecs
from posko.local.engine.errors import ClickHouseError

PACK = {
    "": bytes,
    "identity": bytes,
    "gzip": gzip.compress,
    "deflate": zlib.compress,
    "lz4": lz4.frame.compress,
    "zstd": zstd.compress,
    "br": lambda data: bytes(cramjam.brotli.compress(data, level=1)),
}
TEXT = b"".join(b"line %d\n" % number for number in range(200_000))


def unpack(encoding: str, data: bytes, step: int, limit: int = 10 << 20) -> bytes:
    unpacker = codecs.decompressor(encoding, limit)
    pieces = []
    for start in range(0, len(data), step):
        for piece in unpacker.feed(data[start : start + step]):
            assert encoding in {"", "identity"} or len(piece) <= codecs.PIECE
            pieces.append(piece)
    return b"".join([*pieces, *unpacker.finish()])


@pytest.mark.parametrize("encoding", PACK)
@pytest.mark.parametrize("step", [1009, 1 << 30])
def test_bodies_are_unpacked_however_they_arrive(encoding, step):
    assert unpack(encoding, PACK[encoding](TEXT), step) == TEXT


@pytest.mark.parametrize("encoding", PACK)
def test_an_empty_body_is_empty(encoding):
    assert unpack(encoding, PACK[encoding](b""), 100) == b""


def test_two_packed_parts_make_one_body():
    assert unpack("gzip", gzip.compress(b"a") + gzip.compress(b"b"), 1 << 20) == b"ab"


@pytest.mark.parametrize("encoding", PACK)
def test_the_limit_holds_for_what_comes_out(encoding):
    with pytest.raises(ClickHouseError) as caught:
        unpack(encoding, PACK[encoding](bytes(3 << 20)), 1 << 20, limit=2 << 20)
    assert caught.value.code in {271, 307}


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", "br"])
def test_broken_and_cut_off_bodies_are_refused(encoding):
    for data in (b"this is not packed", PACK[encoding](TEXT)[:-5]):
        with pytest.raises(ClickHouseError) as caught:
            unpack(encoding, data, 1 << 20)
        assert caught.value.code == 271


def test_an_unknown_encoding_is_named():
    with pytest.raises(ClickHouseError, match="'snappy'"):
        codecs.decompressor("snappy", 1)


@pytest.mark.parametrize(
    ("header", "encoding"),
    [
        ("", None),
        ("identity", None),
        ("gzip", "gzip"),
        ("br, gzip;q=0.5, deflate", "gzip"),
        ("lz4,zstd,gzip,deflate", "lz4"),
        ("zstd;q=0, GZIP", "gzip"),
        ("gzip; q=0", None),
    ],
)
def test_the_cheapest_accepted_encoding_is_chosen(header, encoding):
    assert codecs.accepted(header) == encoding


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "lz4", "zstd", "br"])
def test_a_result_packed_in_pieces_unpacks(encoding):
    packer = codecs.compressor(encoding)
    packed = []
    for piece in (TEXT[:1000], TEXT[1000:5000], TEXT[5000:]):
        packer.compress(piece)
        packed.append(bytes(packer.flush()))
    packed.append(bytes(packer.finish()))
    assert unpack(encoding, b"".join(packed), 1 << 20) == TEXT
