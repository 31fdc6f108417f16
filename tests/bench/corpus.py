"""The reports that are measured with: a simulated day's valid ones, as they come in and as intake enriches them."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
from aiokafka import AIOKafkaProducer

from posko import context, topics
from posko.intake import Intake
from posko.report import Invalid
from producers.kafka import key_of

Pair = tuple[bytes, bytes]  # key and value


@dataclass(frozen=True)
class Corpus:
    """`reports[i]` becomes `enriched[i]`. Reports arrive when their phones say they were sent."""

    reports: list[Pair]
    enriched: list[dict[str, Any]]

    def enriched_pairs(self) -> list[Pair]:
        return [(report["scope"].encode(), orjson.dumps(report)) for report in self.enriched]


def simulated(count: int, election: str, folder: Path, seed: int = 1) -> Corpus:
    """`count` valid reports of one simulated day (resends included, garbage left out)."""
    return accepted(_lines(election, folder, seed, ["--reports", str(count * 11 // 10)]), election, count)


def day(election: str, folder: Path, seed: int) -> list[dict[str, Any]]:
    """The enriched reports of a simulated day of ordinary size."""
    return accepted(_lines(election, folder, seed, ["--size", "day"]), election, sys.maxsize).enriched


def _lines(election: str, folder: Path, seed: int, size: list[str]) -> list[bytes]:
    lines = folder / f"day-{seed}.jsonl"
    command = [sys.executable, "-m", "posko", "simulate", *size, "--speed", "0", "--seed", str(seed)]
    command += ["--election", election, "--out", str(lines), "--progress", "none"]
    command += ["--data", str(folder)]  # of no instance that may be running
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return lines.read_bytes().splitlines()


def accepted(lines: Iterable[bytes], election: str, count: int) -> Corpus:
    """The first `count` lines that intake accepts."""
    known = context.load(election)
    intake = Intake(known.election, known.catalog, known.regions)
    corpus = Corpus([], [])
    for line, enriched in _enriched(lines, intake):
        if len(corpus.reports) == count:
            break
        corpus.reports.append((key_of(orjson.loads(line)).encode(), line))
        corpus.enriched.append(enriched)
    return corpus


def _enriched(lines: Iterable[bytes], intake: Intake) -> Iterator[tuple[bytes, dict[str, Any]]]:
    now = 0
    for offset, line in enumerate(lines):
        try:
            seen = intake.enrich(line, now, 0, offset)
        except Invalid:
            continue
        now = max(now, seen["reported_at"])  # a broker's clock never goes back
        yield line, intake.enrich(line, now, 0, offset)


def fill(kafka: str, topic: str, pairs: Sequence[Pair], partitions: int) -> None:
    """Send `pairs` in order, each to the partition of its key."""
    asyncio.run(_fill(kafka, topic, pairs, partitions))


async def _fill(kafka: str, topic: str, pairs: Sequence[Pair], partitions: int) -> None:
    async with AIOKafkaProducer(bootstrap_servers=kafka, max_batch_size=1 << 18) as producer:
        lots = {number: producer.create_batch() for number in range(partitions)}
        for key, value in pairs:
            number = topics.partition_of(key, partitions)
            if lots[number].append(key=key, value=value, timestamp=None) is None:
                await producer.send_batch(lots[number], topic, partition=number)
                lots[number] = producer.create_batch()
                lots[number].append(key=key, value=value, timestamp=None)
        for number, lot in lots.items():
            await producer.send_batch(lot, topic, partition=number)
        await producer.flush()
