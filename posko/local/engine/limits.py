"""What one request, and all of them together, may take from the machine."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MIB = 1 << 20


class Limits(BaseSettings):
    """Limits of the engine; each is an environment variable `POSKO_ENGINE_…`. Sizes are bytes, times seconds."""

    model_config = SettingsConfigDict(env_prefix="POSKO_ENGINE_", extra="ignore", frozen=True)

    max_body: int = Field(default=256 * MIB, ge=MIB)  # of a request, after decompression
    body_in_memory: int = Field(default=16 * MIB, ge=1)  # a larger body waits in a file
    max_query_size: int = Field(default=MIB, ge=1024)  # of the SQL itself, without an INSERT's data
    max_result_in_memory: int = Field(default=256 * MIB, ge=MIB)  # of formats that chDB cannot stream

    readers: int = Field(default=12, ge=1, le=128)  # SELECTs at the same time
    inserters: int = Field(default=2, ge=1, le=32)  # INSERTs with data at the same time
    workers: int = Field(default=2, ge=1, le=32)  # everything else at the same time: DDL, INSERT SELECT, OPTIMIZE
    queue: int = Field(default=256, ge=1)  # requests that wait for a place, in each lane
    queue_seconds: float = Field(default=60, gt=0)
    sessions: int = Field(default=32, ge=0)  # with state of their own (SET, temporary tables)

    query_seconds: int = Field(default=300, ge=1)
    query_threads: int = Field(default=0, ge=0)  # of one query when it runs alone; 0: as many as there are cores
    query_memory: int = Field(default=400 * MIB, ge=16 * MIB)
    server_memory: int = Field(default=1200 * MIB, ge=64 * MIB)
    stop_seconds: float = Field(default=30, ge=0)  # running requests may take this long after SIGTERM
