"""Messages on which the program raises, hangs or dies: each is set aside with where it was, the others go through."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from subprocess import Popen, TimeoutExpired

import pytest

from posko import topics
from tests.integration.stream_workers import Workers, report
from tests.processes import process

RUN = """
import dataclasses, json, os, re, sys
from posko import settings
from streams import app, inhand, names, run

inhand.HANG_S = 1.0

def spoilt(text):
    if "dies" in text:
        os._exit(9)
    if "hangs" in text:
        re.match("(a*)*b", "a" * 200)
    if "raises" in text:
        raise ZeroDivisionError

def domain(election):
    real = app.load_domain(election)
    def enrich(raw, *where):
        spoilt(json.loads(raw)["text"].partition("intake ")[2])
        return real.enrich(raw, *where)
    def new_state():
        state = real.new_state()
        take = state.take
        def spoilt_take(report):
            spoilt(report["text"].partition("correlate ")[2])
            return take(report)
        state.take = spoilt_take
        return state
    return dataclasses.replace(real, enrich=enrich, new_state=new_state)

options = dict(kafka=sys.argv[1], election="sumsel-2024", data=sys.argv[3], stream_batch=int(sys.argv[4]))
run.leave(run.run(settings.load(**options), names.Names(sys.argv[2]), domain))
"""
LIVES = 20


class Spoilt(Workers):
    """A worker that meets what its domain cannot bear, started again whenever it ends."""

    lives = 0

    def live(self) -> Popen[bytes]:
        self.lives += 1
        command = [sys.executable, "-c", RUN, self.kafka, self.prefix, str(self.folder), str(self.batch)]
        env = {"POSKO_READY_FILE": str(self.ready("stream-1"))}
        return self._stack.enter_context(process(command, self.log("a"), env))

    def work_off(self, done: int) -> None:
        """Return when `done` messages came out, good or rejected."""
        running = self.live()
        while len(self.read(topics.MATCHED)) + len(self.read(topics.REJECTED)) < done:
            try:
                running.wait(0.5)
            except TimeoutExpired:
                continue
            assert self.lives < LIVES, self.log("a").read_text()[-3000:]
            running = self.live()


@pytest.fixture
def workers(kafka: str, tmp_path: Path) -> Iterator[Spoilt]:
    spoilt = Spoilt(kafka, tmp_path)
    spoilt.make_topics(1)
    yield spoilt
    spoilt.close()


def sent(number: int, text: str) -> tuple[bytes, bytes]:
    return b"key", json.dumps({**report(number), "text": text}).encode()


@pytest.mark.parametrize("stage", ["intake", "correlate"])
@pytest.mark.parametrize("how", ["dies", "hangs", "raises"])
def test_one_bad_message_is_set_aside_and_the_partition_goes_on(workers: Spoilt, stage: str, how: str) -> None:
    texts = ["surat suara kurang"] * 40
    texts[17] = f"{stage} {how}"
    workers.send([sent(number, text) for number, text in enumerate(texts)])
    workers.work_off(len(texts))
    [rejected] = workers.read(topics.REJECTED)
    headers = {name: value.decode(errors="replace") for name, value in rejected.headers}
    assert json.loads(rejected.value)["text"] == texts[17]
    assert headers["reason"] == "internal_error"
    assert headers["topic"] == workers.prefix + (topics.REPORTS if stage == "intake" else topics.ENRICHED)
    assert ("spoilt" in headers.get("traceback", "")) == (how != "dies")
    matched = [json.loads(record.value)["report_id"] for record in workers.read(topics.MATCHED)]
    assert sorted(matched) == sorted(str(report(n)["report_id"]) for n in range(len(texts)) if n != 17)
    assert workers.lives == (1 if how == "raises" else 4)


@pytest.mark.parametrize("stage", ["intake", "correlate"])
def test_when_everything_fails_in_small_batches_little_is_set_aside_however_often_it_starts(
    workers: Spoilt, stage: str
) -> None:
    workers.batch = 5
    workers.send([sent(number, f"{stage} raises") for number in range(200)])
    for _ in range(3):
        assert workers.live().wait(60) == 1
    assert len(workers.read(topics.REJECTED)) < 20
    workers.send([sent(number, "surat suara kurang") for number in range(200, 210)])
    assert workers.live().wait(60) == 1
    assert len(workers.read(topics.REJECTED)) < 20
    assert workers.read(topics.MATCHED) == []
