"""What the board is made of, wired in one place (`board.run`) and handed to every page."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from dashboards.board.accounts.database import Database
from dashboards.board.accounts.events import Events
from dashboards.board.accounts.handovers import Handovers
from dashboards.board.accounts.lockout import Lockout
from dashboards.board.accounts.sessions import Sessions
from dashboards.board.accounts.users import Users
from dashboards.board.live import Live
from dashboards.board.photos import Photos
from dashboards.board.sender import Sender
from dashboards.board.shapes import Shapes
from dashboards.board.warehouse import Warehouse
from posko.context import Context
from posko.settings import Settings


def wall_ms() -> int:
    """Now, in ms since 1970."""
    return int(time.time() * 1000)


@dataclass
class Parts:
    """`now`: the clock of everything that is kept or shown, ms since 1970."""

    settings: Settings
    context: Context
    database: Database
    warehouse: Warehouse
    sender: Sender
    shapes: Shapes
    photos: Photos
    now: Callable[[], int] = wall_ms
    users: Users = field(init=False)
    sessions: Sessions = field(init=False)
    lockout: Lockout = field(init=False)
    events: Events = field(init=False)
    handovers: Handovers = field(init=False)
    live: Live = field(init=False)

    def __post_init__(self) -> None:
        self.users = Users(self.database)
        self.sessions = Sessions(self.database, self.users)
        self.lockout = Lockout(self.database)
        self.events = Events(self.database)
        self.handovers = Handovers(self.database)
        self.live = Live(self.warehouse, self.now)

    @classmethod
    def of(cls, settings: Settings, context: Context) -> Parts:
        """Everything real: the instance's own file, its ClickHouse, its Kafka."""
        return cls(
            settings,
            context,
            Database(settings.data),
            Warehouse(settings),
            Sender(settings),
            Shapes(context.regions),
            Photos(settings.attachments_place),
        )

    def close(self) -> None:
        """Let go of everything that is open."""
        self.sender.close()
        self.warehouse.close()
        self.database.close()
