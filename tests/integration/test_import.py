"""`posko import` before a real Kafka: every row once, however often the import is cut off or repeated."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from posko import context, kafka_admin, topics
from producers.client import Client, Outbox
from producers.client.lane import Lane
from producers.imports.memory import Memory
from producers.imports.run import AT_ONCE, Import, mistakes_of
from producers.imports.watch import STILL_S, Folder
from tests.integration.doors import reports_in

ROWS = 3 * AT_ONCE + 50


class Killed(Exception): ...


class Dying(Client):
    """A client whose process is killed when it has taken so many batches."""

    left = 2

    def put_all(self, reports: Iterable[dict[str, Any]]) -> Any:
        if not self.left:
            raise Killed
        self.left -= 1
        return super().put_all(reports)


@pytest.fixture
def topic(kafka: str) -> str:
    name = f"import-{uuid4()}"
    kafka_admin.ensure_topics(kafka, 1, wanted=[topics.Topic(name)])
    return name


@pytest.fixture(scope="module")
def importing() -> Import:
    return Import(context.load("sumsel-2024"), None)


def table(path: Path) -> Path:
    lines = [
        f"kotak suara nomor {number} basah,16.71.01.1001/{number % 20 + 1},27/11/2024 07:05" for number in range(ROWS)
    ]
    path.write_text("\n".join(["uraian,tps,waktu", "tanpa waktu,16.71.01.1001/1,kapan", *lines, ",,"]) + "\n")
    return path


def client(kind: type[Client], kafka: str, topic: str, folder: Path) -> Client:
    return kind(Outbox(folder / "outbox.sqlite3"), Lane.to(kafka, topic, 1))


def test_an_import_that_is_cut_off_goes_on_where_it_was(
    kafka: str, topic: str, tmp_path: Path, importing: Import
) -> None:
    file, memory = table(tmp_path / "a.csv"), Memory(tmp_path / "imports.sqlite3")
    with client(Dying, kafka, topic, tmp_path) as dying, pytest.raises(Killed):
        importing.run(file, dying, memory)
    with client(Client, kafka, topic, tmp_path) as living:
        outcome = importing.run(file, living, memory)
        assert (outcome.before, outcome.sent, outcome.wrong) == (2 * AT_ONCE + 2, ROWS, 1)
        assert importing.run(file, living, memory).again
        assert living.drain(60)
    found = reports_in(kafka, topic)
    # What was on its way when the first one died may be there twice: the same reports, under the same ids.
    assert len({report["report_id"] for report in found}) == len({json.dumps(report) for report in found}) == ROWS
    assert {report["channel"] for report in found} == {"import"}
    assert [line.split(",")[0] for line in mistakes_of(file).read_text().splitlines()] == ["row", "2"]


def test_a_file_sent_again_has_the_same_ids(kafka: str, topic: str, tmp_path: Path, importing: Import) -> None:
    memory = Memory(tmp_path / "imports.sqlite3")
    with client(Client, kafka, topic, tmp_path) as sending:
        for again in (False, True):
            importing.run(table(tmp_path / "a.csv"), sending, memory, again)
            assert sending.drain(60)
    ids = [report["report_id"] for report in reports_in(kafka, topic)]
    assert len(ids) == 2 * ROWS
    assert ids[:ROWS] == ids[ROWS:]


def test_files_in_a_watched_folder_are_imported_when_they_are_whole(
    kafka: str, topic: str, tmp_path: Path, importing: Import
) -> None:
    folder = tmp_path / "masuk"
    folder.mkdir()
    said: list[str] = []
    with client(Client, kafka, topic, tmp_path) as sending:
        watched = Folder(folder, importing, sending, Memory(tmp_path / "imports.sqlite3"))
        table(folder / "a.csv")
        (folder / "b.xlsx").write_bytes(b"no spreadsheet")
        (folder / "notes.txt").write_text("not ours")
        assert watched.look(0, said.append) == 0
        (folder / "a.csv").write_text((folder / "a.csv").read_text() + "pagar rusak dibakar massa,16.71.01.1001/1,\n")
        assert watched.look(STILL_S, said.append) == 1  # the spreadsheet; the table has grown since
        assert watched.look(2 * STILL_S, said.append) == 1
        assert sending.drain(60)
    assert sorted(str(path.relative_to(folder)) for path in folder.rglob("*.*")) == [
        "done/a.csv", "done/a.csv.errors.csv", "failed/b.xlsx", "notes.txt",
    ]  # fmt: skip
    assert said[1] == f"a.csv: {ROWS + 1} reports, 1 wrong rows"
    assert len(reports_in(kafka, topic)) == ROWS + 1
