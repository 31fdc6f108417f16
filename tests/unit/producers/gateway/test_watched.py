"""What the gateway shows to Prometheus of its doors."""

from __future__ import annotations

from pathlib import Path

import pytest
from litestar.types import Message, Receive, Scope, Send

from posko import metrics
from producers.gateway import watched
from producers.gateway.guard import Guard, door_of
from producers.imports.memory import FILE, Done, Memory


@pytest.mark.parametrize(
    ("path", "door"),
    [("/api/v1/reports", "api"), ("/api/v1/public/reports", "web"), ("/sms/kannel", "sms"), ("/whatsapp", "whatsapp"),
     ("/odk/KEY/submission", "odk"), ("/cap/", "cap"), ("/hooks/siaga", "hook"), ("/app/app.js", "other")],
)  # fmt: skip
def test_every_address_belongs_to_a_door(path: str, door: str) -> None:
    assert door_of(path) == door


async def test_a_request_that_is_refused_is_counted_at_its_door() -> None:
    async def answers(scope: Scope, receive: Receive, send: Send) -> None:
        status = 401 if scope["path"] == "/sms/kannel" else 200
        await send({"type": "http.response.start", "status": status, "headers": []})

    async def sent(message: Message) -> None: ...

    def counted() -> float:
        labels = {"door": "sms", "status": "401"}
        return metrics.GATEWAY.get_sample_value("posko_gateway_refused_requests_total", labels) or 0

    before = counted()
    for path in ("/sms/kannel", "/sms/generic"):
        await Guard(answers, encrypted=False)({"type": "http", "path": path}, None, sent)  # type: ignore
    assert counted() == before + 1


def test_rows_of_imported_files_are_counted_though_they_do_not_pass_the_gateway(tmp_path: Path) -> None:
    assert list(watched.of_imports(tmp_path / FILE)) == []
    memory = Memory(tmp_path / FILE)
    memory.put("a", Done(9, 7, 2, True))
    memory.put("b", Done(3, 3, 0, False))
    memory.close()
    [family] = watched.of_imports(tmp_path / FILE)
    assert {one.labels["state"]: one.value for one in family.samples} == {"sent": 10, "wrong": 2}
