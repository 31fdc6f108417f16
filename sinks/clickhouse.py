"""How the sink reaches ClickHouse, and what an error of it means."""

from __future__ import annotations

from enum import Enum

import clickhouse_connect
import pyarrow as pa
from clickhouse_connect.driver.client import Client
from clickhouse_connect.driver.exceptions import ClickHouseError, DatabaseError
from urllib3.exceptions import HTTPError

from posko.settings import Settings

CONNECT_S = 5
# Longer than any insert or saved question should take; a rebuild's truncation of large tables included.
ANSWER_S = 120


class Verdict(Enum):
    """What to do about an error."""

    WAIT = "wait"  # the server is away, full or overloaded: the same insert may succeed later
    CONTENT = "content"  # the server understood the insert and refuses what is in it
    STOP = "stop"  # nothing that waiting or another message would change: rights, schema, configuration


# https://github.com/ClickHouse/ClickHouse/blob/master/src/Common/ErrorCodes.cpp
_CONTENT = frozenset({
    6, 26, 27, 32, 33, 38, 41, 53, 69, 70, 72, 117, 128, 130, 131, 190, 349, 376, 407, 441, 469, 675, 676,
})  # fmt: skip
_WAIT = frozenset({
    3, 74, 75, 76, 159, 164, 198, 201, 202, 203, 209, 210, 225, 236, 241, 242, 243, 252, 279, 285, 286, 319,
    394, 425, 439,
    473, 594, 598, 999,
})  # fmt: skip
_DISK_FULL = ("NOT_ENOUGH_SPACE", "No space left on device", "Cannot reserve")


def connect(settings: Settings) -> Client:
    """A client without a session, so that several threads may use it. Raises ClickHouseError or HTTPError when nobody
    answers.
    """
    return clickhouse_connect.get_client(
        **settings.clickhouse_client_options,
        connect_timeout=CONNECT_S,
        send_receive_timeout=ANSWER_S,
        autogenerate_session_id=False,
        # Rows of a batch are not merged while they are inserted: selects do it (FINAL), background merges too.
        # An insert of 20,000 reports takes 15 instead of 22 microseconds a row so.
        settings={"async_insert": 0, "optimize_on_insert": 0},
        form_encode_query_params=True,  # a batch's ids do not fit into an address
    )


def insert(client: Client, table: str, rows: pa.Table) -> None:
    """Insert rows into a table of ours.

    Their bytes follow the statement in the request's body and are not compressed: with the statement in the address, as
    `insert_arrow` has it, taking the address apart and compressing cost the sink as much as making the rows.
    """
    stream = pa.BufferOutputStream()
    with pa.ipc.new_stream(stream, rows.schema) as writer:
        writer.write_table(rows)
    client.raw_insert(f"posko.{table}", rows.column_names, stream.getvalue().to_pybytes(), fmt="ArrowStream")


def code_of(error: BaseException) -> int:
    """ClickHouse's error code, 0 when the error is not the server's."""
    return int(getattr(error, "code", 0) or 0) if isinstance(error, DatabaseError) else 0


def is_disk_full(error: BaseException) -> bool:
    return any(words in str(error) for words in _DISK_FULL)


def judge(error: BaseException) -> Verdict:
    """What an error of an insert means. An error that is not ClickHouse's own, such as a refused connection, is waited
    for.
    """
    code = code_of(error)
    if is_disk_full(error) or code in _WAIT:
        return Verdict.WAIT
    if code in _CONTENT:
        return Verdict.CONTENT
    if code == 0 and isinstance(error, (ClickHouseError, HTTPError, OSError)):
        return Verdict.WAIT
    return Verdict.STOP
