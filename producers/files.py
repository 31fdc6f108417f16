"""The SQLite files that doors, outbox and ledger keep in the instance's folder: opened and written in one way."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Literal

BUSY_S = 5.0  # another process writes: wait so long


def opened(path: Path, power_cut: Literal["keeps", "may take the last"]) -> sqlite3.Connection:
    """The file `path`, made if it is not there, readable by its owner only; for several threads under the caller's
    lock.

    `power_cut`: what it does to transactions that were committed. A killed process never takes one.
    """
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))  # before SQLite would make it for everybody to read
    db = sqlite3.connect(path, timeout=BUSY_S, isolation_level=None, check_same_thread=False)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(f"PRAGMA synchronous = {'FULL' if power_cut == 'keeps' else 'NORMAL'}")
    return db


@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Everything in the block is written, or nothing of it."""
    db.execute("BEGIN IMMEDIATE")
    try:
        yield
        db.execute("COMMIT")
    except BaseException:
        db.execute("ROLLBACK")
        raise
