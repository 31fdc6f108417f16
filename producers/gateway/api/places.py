"""The places of the election, small enough to be kept on a phone and searched there without a network."""

from __future__ import annotations

import gzip
from hashlib import blake2b
from typing import Any

import msgspec
import orjson
from litestar import Request, Response, get
from litestar.handlers import BaseRouteHandler
from litestar.openapi.datastructures import ResponseSpec

from posko.regions import Regions
from posko.regions.spelling import display
from producers.gateway.access import officer_of
from producers.gateway.description import SIGNED_IN, problems
from producers.gateway.parts import Parts

AnyRequest = Request[Any, Any, Any]
BELOW = 2  # length of a province's code; what is longer lies below one


class Places(msgspec.Struct, frozen=True):
    """Code, name and number of TPS (0 where not known) of each place."""

    places: list[list[str | int]]


HERE = {
    200: ResponseSpec(Places, description="The places.", generate_examples=False),
    304: ResponseSpec(None, description="They are as they were."),
}


def handlers(parts: Parts) -> list[BaseRouteHandler]:
    """GET /places."""
    made: dict[str, tuple[bytes, bytes, str]] = {}

    @get("/places", security=SIGNED_IN, responses={**HERE, **problems(401)}, media_type="application/json")
    async def places(request: AnyRequest) -> Response[bytes]:
        """[code, name, TPS] of each kabupaten/kota, kecamatan and kelurahan: {"places": [...]}. The code says the level
        and what it lies in; TPS is 0 where not known. Has an ETag: ask again with If-None-Match."""
        officer_of(request, parts.officers)
        if not made:
            made["all"] = _made(parts.context.regions)
        plain, packed, tag = made["all"]
        headers = {
            "ETag": tag,
            "Cache-Control": "private, max-age=86400",
            "Vary": "Accept-Encoding, Authorization, Cookie",
        }
        if request.headers.get("if-none-match") == tag:
            return Response(b"", status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(packed, media_type="application/json", headers={**headers, "Content-Encoding": "gzip"})
        return Response(plain, media_type="application/json", headers=headers)

    return [places]


def _made(regions: Regions) -> tuple[bytes, bytes, str]:
    inside = sorted(region.code for region in regions.all.values() if len(region.code) > BELOW)
    rows = [[code, display(regions.all[code].name), regions.all[code].tps or 0] for code in inside]
    plain = orjson.dumps({"places": rows})
    return plain, gzip.compress(plain, 9, mtime=0), f'"{blake2b(plain, digest_size=12).hexdigest()}"'
