"""Small pictures of large ones, for lists. Made by drawing anew: nothing hidden in the original is in them."""

from __future__ import annotations

import io
import warnings
from typing import IO

from PIL import Image, ImageOps

from producers.attachments.kinds import Kind

SIDE = 320  # pixels, the longer one
MOST_DECODED = 25_000_000  # pixels that are unpacked in memory; JPEG is unpacked at an eighth of its size


def thumbnail(file: IO[bytes], kind: Kind) -> bytes | None:
    """A JPEG of at most 320 pixels a side; None where none can be made: no picture, damaged, too large to unpack."""
    if not kind.picture:
        return None
    file.seek(0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", Image.DecompressionBombWarning)
            with Image.open(file, formats=[kind.picture]) as picture:
                picture.draft("RGB", (SIDE, SIDE))  # JPEG only: others are unpacked whole
                if picture.width * picture.height > MOST_DECODED:
                    return None
                turned = ImageOps.exif_transpose(picture)
                turned.thumbnail((SIDE, SIDE))
                flat = Image.new("RGB", turned.size, "white")
                seen = turned.convert("RGBA")
                flat.paste(seen, mask=seen)
    except Exception:  # whatever a decoder of a damaged file throws: the file itself is kept as evidence
        return None
    made = io.BytesIO()
    flat.save(made, "JPEG", quality=75)
    return made.getvalue()
