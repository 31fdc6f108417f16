"""The door for files: who may send and fetch what, what is turned away, and how a file is served."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest
from litestar.testing import TestClient
from PIL import Image

from posko import context
from posko.settings import Settings
from producers.attachments import Store, router
from producers.gateway import app
from producers.gateway.limits import Limits
from producers.gateway.parts import Parts
from producers.officers import Officer, Officers

Client = TestClient[Any]


def photo(colour: str = "red") -> bytes:
    made = io.BytesIO()
    Image.new("RGB", (640, 480), colour).save(made, "JPEG")
    return made.getvalue()


def at(content: bytes) -> str:
    return f"/api/v1/attachments/{hashlib.sha256(content).hexdigest()}"


@pytest.fixture(scope="module")
def known() -> context.Context:
    return context.load("sijunjung-2024")


@pytest.fixture
def officers(tmp_path: Path) -> Iterator[Officers]:
    made = Officers(tmp_path / "officers.sqlite3")
    for number in (1, 2):
        made.put(Officer(f"kpps-{number}", "Petugas", "", "kpps", "kpu", "13.03"), 1)
    yield made
    made.close()


@pytest.fixture
def client(known: context.Context, officers: Officers, tmp_path: Path) -> Iterator[Client]:
    """The gateway with this door; reports are not its business, so there is no Kafka behind it."""
    parts = Parts(
        settings=Settings(data=tmp_path),
        context=known,
        officers=officers,
        acceptance=cast(Any, None),
        statuses=cast(Any, None),
        limits=Limits(100, 100),
        now=lambda: 1_732_665_600_000,
        attachments=Store(tmp_path / "attachments"),
        doors=(router.router,),
    )
    with TestClient(app.build(parts)) as made:
        yield made


@pytest.fixture
def mine(officers: Officers) -> dict[str, str]:
    return {"Authorization": f"Bearer {officers.make_token('kpps-1', 1)}"}


@pytest.fixture
def others(officers: Officers) -> dict[str, str]:
    return {"Authorization": f"Bearer {officers.make_token('kpps-2', 1)}"}


def test_a_photo_comes_back_as_a_download_that_no_browser_runs(client: Client, mine: dict[str, str]) -> None:
    content = photo()
    assert client.head(at(content), headers=mine).status_code == 404
    for _ in range(2):
        kept = client.put(at(content), content=content, headers={**mine, "Content-Type": "text/html"})
        assert (kept.status_code, kept.json()["mime"], kept.json()["bytes"]) == (201, "image/jpeg", len(content))
    assert client.head(at(content), headers=mine).status_code == 200
    got = client.get(at(content), headers=mine)
    assert (got.content, got.headers["content-type"]) == (content, "image/jpeg")
    assert got.headers["content-disposition"].startswith('attachment; filename="')
    assert got.headers["x-content-type-options"] == "nosniff"
    assert got.headers["content-security-policy"] == "default-src 'none'; sandbox"
    with Image.open(io.BytesIO(client.get(f"{at(content)}/thumb", headers=mine).content)) as small:
        assert max(small.size) == 320


def test_nobody_else_gets_it_nor_learns_that_it_is_there(
    client: Client, mine: dict[str, str], others: dict[str, str]
) -> None:
    content = photo()
    client.put(at(content), content=content, headers=mine)
    for path in (at(content), f"{at(content)}/thumb"):
        assert client.get(path).status_code == 401
        assert client.get(path, headers=others).status_code == 404
    assert client.head(at(content), headers=others).status_code == 404
    assert client.put(at(content), content=content).status_code == 401


@pytest.mark.parametrize(
    ("content", "status", "reason"),
    [
        (b"<html><script>alert(1)</script></html>", 415, "unknown_type"),
        (b"\xff\xd8\xff\xe0 no picture at all", 422, "broken"),
        (photo()[:20] + b"<script>" + photo()[20:], 422, "two_in_one"),
        (b"%PDF-1.7" + b"\0" * (11 << 20), 413, "too_large"),
        (b"OggS" + b"\0" * (25 << 20), 413, "too_large"),
        (b"", 422, "broken"),
    ],
    ids=["page", "broken", "polyglot", "pdf-of-11-MiB", "beyond-25-MiB", "empty"],
)
def test_what_is_not_kept_is_said_in_the_senders_language_and_leaves_nothing(
    client: Client, mine: dict[str, str], tmp_path: Path, content: bytes, status: int, reason: str
) -> None:
    answer = client.put(at(content), content=content, headers=mine)
    assert (answer.status_code, answer.json()["reason"]) == (status, reason)
    assert "erkas" in answer.json()["message"]
    assert not (tmp_path / "attachments").exists()


@pytest.mark.parametrize("name", ["0" * 64, "..%2F..%2Fofficers.sqlite3", "A" * 64, "x"])
def test_a_file_that_is_not_what_its_address_says_is_refused(client: Client, mine: dict[str, str], name: str) -> None:
    answer = client.put(f"/api/v1/attachments/{name}", content=photo(), headers=mine)
    assert answer.status_code in (404, 422)
    assert client.get(f"/api/v1/attachments/{name}", headers=mine).status_code == 404


def test_one_officer_cannot_fill_the_disk(client: Client, mine: dict[str, str], others: dict[str, str]) -> None:
    large = b"OggS" + b"\0" * ((25 << 20) - 4)
    statuses = [client.put(at(large), content=large, headers=mine).status_code for _ in range(13)]
    assert statuses == [201] * 12 + [429]
    assert client.put(at(photo()), content=photo(), headers=others).status_code == 201
