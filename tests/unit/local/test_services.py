"""What the processes of an instance are started with."""

from __future__ import annotations

from posko.local import services
from posko.settings import Settings


def test_stream_workers_keep_large_blocks_out_of_the_heap() -> None:
    planned = services.plan(Settings(workers=2, kafka="broker:9092"), None)
    workers = [service for service in planned if service.name.startswith("stream-")]
    assert [worker.name for worker in workers] == ["stream-1", "stream-2"]
    for worker in workers:
        assert worker.env["MALLOC_MMAP_THRESHOLD_"] == "131072"
        assert worker.env["POSKO_KAFKA"] == "broker:9092"
