"""The board as an ASGI application."""

from __future__ import annotations

from pathlib import Path

from litestar import Litestar, Router
from litestar.config.csrf import CSRFConfig
from litestar.exceptions import HTTPException
from litestar.middleware import DefineMiddleware
from litestar.static_files import create_static_files_router

from dashboards.board.guard import Headers, Refusals, SignedIn
from dashboards.board.pages import (
    account_page,
    handover_page,
    incident_page,
    map_page,
    overview_page,
    queue_page,
    sitrep_page,
)
from dashboards.board.parts import Parts
from dashboards.board.queue import Queue
from dashboards.board.shown import Shown

MAX_BODY = 128 << 10  # bytes of a form


def build(parts: Parts) -> Litestar:
    """The application; nothing runs yet: `board.run` does the looking and the serving."""
    shown, queue = Shown(parts), Queue(parts)
    refusals = Refusals(shown)
    assets = create_static_files_router(
        path=f"/aset/{shown.version}", directories=[Path(__file__).parent / "assets"], include_in_schema=False
    )
    return Litestar(
        route_handlers=[
            queue_page.router(parts, shown, queue),
            incident_page.router(parts, shown, queue),
            map_page.router(parts, shown, queue),
            handover_page.router(parts, shown, queue),
            overview_page.router(parts, shown, queue),
            sitrep_page.router(parts),
            account_page.router(parts, shown),
            *_elsewhere(parts, shown),
            assets,
        ],
        middleware=[Headers, DefineMiddleware(SignedIn, parts=parts)],
        csrf_config=CSRFConfig(
            secret=parts.database.key("csrf"),
            cookie_name="posko_csrf",
            header_name="x-csrf",
            cookie_httponly=True,
            cookie_samesite="strict",
            cookie_secure=parts.settings.board_url.startswith("https:"),
            exclude="^/aset",
        ),
        exception_handlers={HTTPException: refusals.refused, Exception: refusals.broken},
        request_max_body_size=MAX_BODY,
        openapi_config=None,
        logging_config=None,
    )


def _elsewhere(parts: Parts, shown: Shown) -> list[Router]:
    """Signing in through an institution, where there is one: its libraries are loaded for nobody else."""
    if not parts.settings.oidc_issuer:
        return []
    from dashboards.board.pages import sign_in_elsewhere

    return [sign_in_elsewhere.router(parts, shown)]
