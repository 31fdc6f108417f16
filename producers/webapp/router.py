"""The door of the officer web app: its page at / and at /masuk (personal links), its files, nothing else."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from litestar import Request, Response, Router, get
from litestar.handlers import HTTPRouteHandler

from producers.gateway.parts import Parts
from producers.webapp.files import File, load

# The page runs our own files and talks to this server only; photos that were just taken are shown as blobs.
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; connect-src 'self'; "
    "manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "Permissions-Policy": "geolocation=(self), microphone=(self), camera=(self), payment=(), usb=()",
    "Cache-Control": "no-cache",  # asked again each time, answered with 304: the service worker is what works offline
    "Vary": "Accept-Encoding",
}
AnyRequest = Request[Any, Any, Any]


def router(parts: Parts) -> Router:
    """The door; it needs nothing of the parts."""
    files = load()
    pages: list[Any] = [_page(files, path) for path in files]
    return Router("/", route_handlers=[*pages, _page(files, "/", "/masuk")], include_in_schema=False)


def _page(files: Mapping[str, File], path: str, served_at: str = "") -> HTTPRouteHandler:
    file = files[path]

    @get(served_at or path, name=f"webapp {served_at or path}")
    async def page(request: AnyRequest) -> Response[bytes]:
        headers = {**HEADERS, "ETag": file.tag}
        if request.headers.get("if-none-match") == file.tag:
            return Response(b"", status_code=304, headers=headers)
        if "gzip" in request.headers.get("accept-encoding", ""):
            return Response(file.packed, media_type=file.kind, headers={**headers, "Content-Encoding": "gzip"})
        return Response(file.content, media_type=file.kind, headers=headers)

    return page
