"""Kafka's jars: only what the lock file names, only as it was locked. The Maven repository is a folder behind HTTP."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from posko.local import jars
from posko.local.errors import LocalError

CONTENT = {"one": b"1" * 100_000, "two": b"2" * 50_000}


class Told:
    """Keeps what a fetch tells."""

    def __init__(self) -> None:
        self.wanted: list[int] = []
        self.size = 0
        self.done: list[str] = []
        self._guard = threading.Lock()

    def waiting(self) -> None: ...

    def started(self, jars: int) -> None:
        self.wanted.append(jars)

    def received(self, size: int) -> None:
        with self._guard:
            self.size += size

    def finished(self, filename: str) -> None:
        self.done.append(filename)


class Repository:
    """A Maven repository in a folder, served over HTTP; `requested` are the paths of the jars that were asked for."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.requested: list[str] = []
        outer = self

        class Handler(SimpleHTTPRequestHandler):
            def log_message(self, format: str, *args: object) -> None:
                if self.path.endswith(".jar"):
                    outer.requested.append(self.path)

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(folder)))
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()

    def put(self, name: str, content: bytes) -> None:
        path = self.folder / "org" / "example" / name / "1.0" / f"{name}-1.0.jar"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Repository]:
    known = Repository(tmp_path / "maven")
    for name, content in CONTENT.items():
        known.put(name, content)
    config = tmp_path / "jgo.conf"
    config.write_text(f"[repositories]\nnearby = http://127.0.0.1:{known.server.server_port}\n")
    monkeypatch.setenv("JGO_CONFIG_FILE", str(config))
    yield known
    known.server.shutdown()
    known.server.server_close()


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "jgo.lock.toml"
    path.write_text("".join(_entry(name, hashlib.sha256(content).hexdigest()) for name, content in CONTENT.items()))
    return path


def _entry(name: str, sha256: str) -> str:
    lines = {"groupId": "org.example", "artifactId": name, "version": "1.0", "packaging": "jar", "sha256": sha256}
    return "[[dependencies]]\n" + "".join(f'{key} = "{value}"\n' for key, value in lines.items())


def test_missing_jars_come_once_in_the_order_of_the_lock(tmp_path: Path, repository: Repository, lock: Path) -> None:
    told = Told()
    paths = jars.ensure(told, tmp_path / "cache", lock)
    assert [path.read_bytes() for path in paths] == list(CONTENT.values())
    assert (told.wanted, told.size, sorted(told.done)) == ([2], 150_000, ["one-1.0.jar", "two-1.0.jar"])
    again = Told()
    assert jars.ensure(again, tmp_path / "cache", lock) == paths
    assert again.wanted == []
    assert len(repository.requested) == 2


def test_a_damaged_jar_is_fetched_again_and_no_other(tmp_path: Path, repository: Repository, lock: Path) -> None:
    one, two = jars.ensure(Told(), tmp_path / "cache", lock)
    two.write_bytes(b"2" * 49_999)
    told = Told()
    jars.ensure(told, tmp_path / "cache", lock)
    assert told.done == ["two-1.0.jar"]
    assert two.read_bytes() == CONTENT["two"]
    assert one.read_bytes() == CONTENT["one"]


def test_two_starts_at_once_fetch_once(tmp_path: Path, repository: Repository, lock: Path) -> None:
    with ThreadPoolExecutor(2) as threads:
        both = list(threads.map(lambda _: jars.ensure(Told(), tmp_path / "cache", lock), range(2)))
    assert both[0] == both[1]
    assert sorted(repository.requested) == ["/org/example/one/1.0/one-1.0.jar", "/org/example/two/1.0/two-1.0.jar"]


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Attempts follow each other at once."""
    monkeypatch.setattr("tenacity.nap.time.sleep", lambda _seconds: None)


@pytest.mark.usefixtures("impatient")
def test_other_bytes_than_locked_are_refused_and_not_kept(tmp_path: Path, repository: Repository, lock: Path) -> None:
    repository.put("two", b"something else")
    with pytest.raises(LocalError) as refusal:
        jars.ensure(Told(), tmp_path / "cache", lock)
    found = hashlib.sha256(b"something else").hexdigest()
    assert all(
        part in str(refusal.value) for part in ("two-1.0.jar", found, hashlib.sha256(CONTENT["two"]).hexdigest())
    )
    assert not list((tmp_path / "cache").rglob("two-*"))


@pytest.mark.usefixtures("impatient")
def test_a_repository_that_cannot_be_reached_is_said_with_what_to_do(
    tmp_path: Path, repository: Repository, lock: Path
) -> None:
    repository.server.shutdown()
    repository.server.server_close()
    with pytest.raises(LocalError) as refusal:
        jars.ensure(Told(), tmp_path / "cache", lock)
    assert "could not be fetched from the Maven repository" in str(refusal.value)
    assert "jgo.conf" in str(refusal.value)


def test_a_lock_without_a_checksum_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "jgo.lock.toml"
    path.write_text(_entry("one", ""))
    with pytest.raises(LocalError, match=r"no sha256 for one-1\.0\.jar"):
        jars.read_lock(path)


def test_the_shipped_lock_names_kafka_and_no_registry() -> None:
    names = [jar.filename for jar in jars.read_lock()]
    assert names[0].startswith("kafka_2.13-4.1")
    assert "://" not in jars.LOCK.read_text()
