"""The JSON API under /api/v1."""

from __future__ import annotations

from litestar import Router

from producers.gateway.api import me, places, reports, session
from producers.gateway.parts import Parts


def router(parts: Parts) -> Router:
    """All of it."""
    handlers = [*reports.handlers(parts), *session.handlers(parts), *me.handlers(parts), *places.handlers(parts)]
    return Router("/api/v1", route_handlers=handlers)
