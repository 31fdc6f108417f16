"""What a file is, its content says; what is two things at once, or no file of ours, is not kept."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib

import pytest
from PIL import Image

from producers.attachments.kinds import MIB, NotAccepted, checked, kind_of
from producers.attachments.thumbnail import SIDE, thumbnail


def picture(format: str, size: tuple[int, int] = (40, 30)) -> bytes:
    made = io.BytesIO()
    Image.new("RGB", size, "red").save(made, format)
    return made.getvalue()


def zipped() -> bytes:
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        archive.writestr("x.html", "<script>")
    return made.getvalue()


def png_that_says(width: int, height: int) -> bytes:
    """A PNG of a few bytes that unpacks to as many pixels as it says: a decompression bomb."""

    def chunk(kind: bytes, content: bytes) -> bytes:
        return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))

    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(b"\0" * 1000)) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(
    ("content", "mime"),
    [
        (picture("JPEG"), "image/jpeg"),
        (picture("PNG"), "image/png"),
        (picture("WEBP"), "image/webp"),
        (b"\0\0\0\x18ftypheic" + b"\0" * 40, "image/heic"),
        (b"%PDF-1.7\n" + b"\0" * 40, "application/pdf"),
        (b"\0\0\0\x18ftypisom" + b"\0" * 40, "video/mp4"),
        (b"\0\0\0\x18ftyp3gp4" + b"\0" * 40, "video/3gpp"),
        (b"\0\0\0\x18ftypM4A " + b"\0" * 40, "audio/mp4"),
        (b"\x1aE\xdf\xa3....B\x82\x84webm" + b"\0" * 40, "video/webm"),
        (b"OggS" + b"\0" * 40, "audio/ogg"),
        (b"#!AMR\n" + b"\0" * 40, "audio/amr"),
        (b"ID3\x04" + b"\0" * 40, "audio/mpeg"),
        (b"RIFF\0\0\0\0WAVEfmt " + b"\0" * 40, "audio/wav"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_the_content_says_what_a_file_is(content: bytes, mime: str) -> None:
    assert checked(io.BytesIO(content), len(content)).mime == mime


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"<html>",
        b"MZ\x90\0",
        b"\x7fELF",
        b"#!/bin/sh",
        b"PK\x03\x04",
        b"GIF89a",
        b"<svg xmlns='x'/>",
        b"%!PS",
        b"\0\0\0\x18ftypzzzz",
    ],
    ids=repr,
)
def test_anything_else_is_refused(content: bytes) -> None:
    with pytest.raises(NotAccepted, match="unknown_type"):
        kind_of(content + b" " * 30 if content else b"")


@pytest.mark.parametrize(
    "content",
    [
        picture("JPEG") + zipped(),
        picture("PNG") + zipped(),
        b"%PDF-1.7\n<script>alert(1)</script>",
        picture("JPEG")[:20] + b"<html><script>alert(1)</script>" + picture("JPEG")[20:],
        b"OggS<?php system($_GET[0]); ?>",
    ],
    ids=["jpeg-zip", "png-zip", "pdf-script", "jpeg-html", "ogg-php"],
)
def test_a_file_that_is_two_things_at_once_is_refused(content: bytes) -> None:
    with pytest.raises(NotAccepted, match="two_in_one"):
        checked(io.BytesIO(content), len(content))


def test_a_picture_that_none_is_is_refused() -> None:
    content = b"\xff\xd8\xff\xe0" + b"\0" * 100
    with pytest.raises(NotAccepted, match="broken"):
        checked(io.BytesIO(content), len(content))


def test_more_bytes_than_a_kind_may_have_are_refused() -> None:
    with pytest.raises(NotAccepted, match="too_large"):
        checked(io.BytesIO(picture("JPEG")), 16 * MIB)


def test_a_picture_that_would_unpack_to_billions_of_pixels_is_refused_unopened() -> None:
    content = png_that_says(60_000, 60_000)
    with pytest.raises(NotAccepted, match="too_large"):
        checked(io.BytesIO(content), len(content))


def test_a_thumbnail_is_small_upright_and_has_nothing_hidden_in_it() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # lying on its side
    exif[0x0110] = "a camera"
    made = io.BytesIO()
    Image.new("RGB", (1600, 800), "blue").save(made, "JPEG", exif=exif)
    small = thumbnail(made, checked(made, len(made.getvalue())))
    assert small
    with Image.open(io.BytesIO(small)) as seen:
        assert (seen.size, seen.format) == ((SIDE // 2, SIDE), "JPEG")
        assert dict(seen.getexif()) == {}


@pytest.mark.parametrize(
    "content",
    [png_that_says(6_000, 6_000), picture("JPEG", (900, 900))[:3000], b"%PDF-1.7\n"],
    ids=["too-large-to-unpack", "cut-short", "no-picture"],
)
def test_what_has_no_thumbnail_is_still_kept(content: bytes) -> None:
    file = io.BytesIO(content)
    assert thumbnail(file, checked(file, len(content))) is None
