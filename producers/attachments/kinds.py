"""What a file is, by its content alone: what its sender says of it counts for nothing."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO

from PIL import Image

HEAD = 4096  # bytes of the beginning that are looked at
MOST_PIXELS = 50_000_000  # of a picture; phones make 12 to 50 million
MIB = 1 << 20
MOST_BYTES = 25 * MIB  # of any file


class NotAccepted(Exception):
    """A file that is not kept. `reason`: `unknown_type`, `broken`, `too_large` or `two_in_one`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Kind:
    """A type of file that is accepted: `most` bytes of it, `picture`: Pillow's name of its format, `""` when it is none
    that Pillow opens."""

    mime: str
    suffix: str
    most: int
    picture: str = ""


JPEG = Kind("image/jpeg", "jpg", 15 * MIB, "JPEG")
PNG = Kind("image/png", "png", 15 * MIB, "PNG")
WEBP = Kind("image/webp", "webp", 15 * MIB, "WEBP")
HEIC = Kind("image/heic", "heic", 15 * MIB)
PDF = Kind("application/pdf", "pdf", 10 * MIB)
MP4 = Kind("video/mp4", "mp4", MOST_BYTES)
GPP = Kind("video/3gpp", "3gp", MOST_BYTES)
M4A = Kind("audio/mp4", "m4a", MOST_BYTES)
WEBM = Kind("video/webm", "webm", MOST_BYTES)
OGG = Kind("audio/ogg", "ogg", MOST_BYTES)
MP3 = Kind("audio/mpeg", "mp3", MOST_BYTES)
AMR = Kind("audio/amr", "amr", MOST_BYTES)
WAV = Kind("audio/wav", "wav", MOST_BYTES)
ALL = {kind.mime: kind for kind in (JPEG, PNG, WEBP, HEIC, PDF, MP4, GPP, M4A, WEBM, OGG, MP3, AMR, WAV)}

_HEIC_BRANDS = (b"heic", b"heix", b"heim", b"heis", b"hevc", b"mif1", b"msf1")
_MP4_BRANDS = (
    b"isom",
    b"iso2",
    b"iso4",
    b"iso5",
    b"iso6",
    b"mp41",
    b"mp42",
    b"avc1",
    b"M4V ",
    b"MSNV",
    b"dash",
    b"qt  ",
)
# What a browser or a server would take for a program if it looked for itself. The file is never served as one; this
# only keeps files out that were made to be two things at once.
_PROGRAMS = (b"<script", b"<html", b"<!doctype", b"<svg", b"<?php", b"<iframe", b"javascript:")


def _brand(head: bytes) -> Kind | None:
    brand = head[8:12]
    if head[4:8] != b"ftyp":
        return None
    if brand in _HEIC_BRANDS:
        return HEIC
    if brand[:3] == b"3gp":
        return GPP
    if brand[:3] == b"M4A":
        return M4A
    return MP4 if brand in _MP4_BRANDS else None


_STARTS: tuple[tuple[Callable[[bytes], bool], Kind], ...] = (
    (lambda head: head.startswith(b"\xff\xd8\xff"), JPEG),
    (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), PNG),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WEBP", WEBP),
    (lambda head: head.startswith(b"RIFF") and head[8:12] == b"WAVE", WAV),
    (lambda head: head.startswith(b"%PDF-"), PDF),
    (lambda head: head.startswith(b"\x1aE\xdf\xa3") and b"webm" in head[:64], WEBM),
    (lambda head: head.startswith(b"OggS"), OGG),
    (lambda head: head.startswith(b"#!AMR"), AMR),
    (lambda head: head.startswith(b"ID3") or head[:2] in (b"\xff\xfb", b"\xff\xf3", b"\xff\xf2"), MP3),
)


def kind_of(head: bytes) -> Kind:
    """The kind of a file that begins with `head`. Raises NotAccepted for any other."""
    found = next((kind for begins, kind in _STARTS if begins(head)), None) or _brand(head)
    if found is None:
        raise NotAccepted("unknown_type")
    return found


def checked(file: IO[bytes], size: int) -> Kind:
    """The kind of a whole file of `size` bytes. Raises NotAccepted.

    A picture has to be one that Pillow reads, without decoding it; a file that is an archive or a page as well is none
    of ours.
    """
    file.seek(0)
    head = file.read(HEAD)
    kind = kind_of(head)
    if size > kind.most:
        raise NotAccepted("too_large")
    lowered = head.lower()
    if any(program in lowered for program in _PROGRAMS) or zipfile.is_zipfile(file):
        raise NotAccepted("two_in_one")
    if kind.picture:
        _look_at(file, kind)
    file.seek(0)
    return kind


def _look_at(file: IO[bytes], kind: Kind) -> None:
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)  # the limit here is ours
            with Image.open(file, formats=[kind.picture]) as picture:
                width, height = picture.size
    except Image.DecompressionBombError as error:
        raise NotAccepted("too_large") from error
    except Exception as error:  # whatever a decoder of a broken file throws
        raise NotAccepted("broken") from error
    if width * height > MOST_PIXELS:
        raise NotAccepted("too_large")
