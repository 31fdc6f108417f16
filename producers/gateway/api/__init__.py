"""The JSON API under /api/v1."""

from __future__ import annotations

from litestar import Router

from producers.gateway.api import me, places, public, reports, session
from producers.gateway.parts import Parts


def router(parts: Parts) -> Router:
    """All of it."""
    rooms = (reports, session, me, places, public)
    return Router("/api/v1", route_handlers=[one for room in rooms for one in room.handlers(parts)])
