"""Kafka's jars: named and checksummed by `jgo.lock.toml`, fetched once through jgo, verified at every use."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
import tomllib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from posko.local import cache
from posko.local.errors import LocalError

LOCK = Path(__file__).with_name("jgo.lock.toml")
CONNECTIONS = 6  # jars that come at the same time


@dataclass(frozen=True)
class Jar:
    """One locked jar."""

    group: str
    artifact: str
    version: str
    packaging: str
    classifier: str
    sha256: str

    @property
    def filename(self) -> str:
        classifier = f"-{self.classifier}" if self.classifier else ""
        return f"{self.artifact}-{self.version}{classifier}.{self.packaging}"


class Progress(Protocol):
    """What `ensure` tells about its work."""

    def waiting(self) -> None:
        """Another start is fetching the same jars."""

    def started(self, jars: int) -> None:
        """So many jars have to come."""

    def received(self, size: int) -> None:
        """So many more bytes are here. Called from several threads."""

    def finished(self, filename: str) -> None:
        """One jar is here and verified. Called from several threads."""


def read_lock(path: Path = LOCK) -> list[Jar]:
    """The jars of a lock file as jgo writes it, in the order of the class path. LocalError when one has no checksum."""
    entries = tomllib.loads(path.read_text())["dependencies"]
    jars = [
        Jar(
            entry["groupId"],
            entry["artifactId"],
            entry["version"],
            entry.get("packaging", "jar"),
            entry.get("classifier", ""),
            entry.get("sha256", ""),
        )
        for entry in entries
    ]
    if unsigned := [jar.filename for jar in jars if len(jar.sha256) != 64]:
        raise LocalError(f"{path} has no sha256 for {', '.join(unsigned)}; make it again with bin/lock")
    return jars


def ensure(progress: Progress, root: Path | None = None, lock: Path = LOCK) -> list[Path]:
    """The jars of `lock` as verified files below `root`, fetched when missing or damaged.

    A jar gets its name only after its checksum was right, by a rename, so a start that is interrupted leaves nothing
    half done, and a second start at the same time waits for the first and fetches nothing itself.
    """
    folder = (root or cache.folder()) / "jars"
    wanted = read_lock(lock)
    paths = [folder / jar.filename for jar in wanted]
    if _missing(wanted, folder):
        with cache.locked(folder / ".lock", progress.waiting):
            if missing := _missing(wanted, folder):  # another start may have brought them
                progress.started(len(missing))
                _fetch(missing, folder, progress)
    return paths


def digest(path: Path) -> str:
    """The file's sha256 as hex digits; "" when there is no such file."""
    try:
        with path.open("rb") as handle:
            return hashlib.file_digest(handle, "sha256").hexdigest()
    except FileNotFoundError:
        return ""


def _missing(jars: list[Jar], folder: Path) -> list[Jar]:
    return [jar for jar in jars if digest(folder / jar.filename) != jar.sha256]


def _fetch(jars: list[Jar], folder: Path, progress: Progress) -> None:
    with _staging(folder) as staging, ThreadPoolExecutor(CONNECTIONS) as threads:
        context = _maven(staging, progress)
        running = [threads.submit(_fetch_one, context, jar, folder, progress) for jar in jars]
        try:
            for future in running:
                future.result()
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise


@contextmanager
def _staging(folder: Path) -> Iterator[Path]:
    """A folder beside the jars (so that a rename stays within one file system), empty, gone afterwards."""
    for leftover in folder.glob(".staging-*"):  # of a start that was killed: nobody else works here under the lock
        shutil.rmtree(leftover, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix=".staging-", dir=folder, ignore_cleanup_errors=True) as staging:
        yield Path(staging)


def _maven(staging: Path, progress: Progress):  # type: ignore[no-untyped-def]
    from jgo.config import GlobalSettings
    from jgo.maven import MavenContext, PythonResolver

    @contextmanager
    def report(_filename: str, _size: int):  # type: ignore[no-untyped-def]
        yield progress.received

    context = MavenContext(resolver=PythonResolver(progress_callback=report), repo_cache=staging, timeout=30)
    # Repositories of the user's own jgo configuration come first: a mirror, where the public one cannot be reached.
    context.remote_repos = {**GlobalSettings.load().repositories, **context.remote_repos}
    return context


def _fetch_one(context, jar: Jar, folder: Path, progress: Progress) -> None:  # type: ignore[no-untyped-def]
    import requests

    artifact = context.project(jar.group, jar.artifact).at_version(jar.version).artifact(jar.classifier, jar.packaging)
    attempts = Retrying(
        retry=retry_if_exception_type((requests.RequestException, OSError, _Damaged)),
        stop=stop_after_attempt(4),
        wait=wait_random_exponential(multiplier=0.5, max=5),
        reraise=True,
    )
    try:
        path = attempts(_download, artifact, jar)
    except _Damaged as error:
        raise LocalError(
            f"{jar.filename} came with sha256 {error}, but {LOCK.name} asks for {jar.sha256}. Nothing of it was kept. "
            "Try again; if it stays so, something between here and the Maven repository changes files"
        ) from None
    except (requests.RequestException, OSError, RuntimeError) as error:
        raise LocalError(
            f"Kafka's jar {jar.filename} could not be fetched from the Maven repository ({_cause(error)}). "
            "Check the network or proxy, or name a mirror under [repositories] in ~/.config/jgo.conf. "
            f"A machine without a network can have {folder} copied from another one"
        ) from error
    os.replace(path, folder / jar.filename)
    progress.finished(jar.filename)


class _Damaged(Exception):
    """The downloaded bytes are not the locked ones; the text is the checksum they have."""


def _download(artifact, jar: Jar) -> Path:  # type: ignore[no-untyped-def]
    artifact.cached_path.unlink(missing_ok=True)  # what an interrupted attempt left
    path = Path(artifact.resolve())
    if (found := digest(path)) != jar.sha256:
        raise _Damaged(found)
    return path


def _cause(error: BaseException) -> str:
    """The innermost reason in one short line: what requests wraps three times is of no use to a reader."""
    while error.__cause__ or error.__context__:
        error = error.__cause__ or error.__context__  # type: ignore[assignment]
    return f"{type(error).__name__}: {str(error)[:200]}"
