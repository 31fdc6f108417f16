"""What waits for a hook, through restarts and while it is being told."""

from __future__ import annotations

import stat
from pathlib import Path
from typing import Any

import pytest

from producers.hooks import store as storing
from producers.hooks import watched
from producers.hooks.store import MOMENT_MS, Delivery, Seen, Store

from .test_rules import change, hook

NOW = 1_732_665_900_000
TOPIC = "incidents"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "hooks.sqlite3"


@pytest.fixture
def store(path: Path) -> Store:
    made = Store(path)
    made.put(hook())
    return made


def seen(version: int = 1, name: str = "16.02-A", at: int = NOW, **more: Any) -> Seen:
    return Seen(change(incident_id=name, version=version, **more), f"{version}".encode(), at)


def collect(store: Store, *found: Seen, offset: int = 1, now: int = NOW) -> int:
    return store.collect({"siaga"}, found, TOPIC, {0: offset}, now)


def due(store: Store, now: int = NOW + MOMENT_MS) -> list[Delivery]:
    return store.due("siaga", now, 10)[0]


def test_only_the_newest_version_waits_and_not_before_a_moment_has_passed(store: Store) -> None:
    collect(store, seen(1))
    collect(store, seen(2), now=NOW + 400)
    assert store.due("siaga", NOW + 499, 10) == ([], NOW + MOMENT_MS)
    assert due(store) == [Delivery("16.02-A", 2, "opened", b"2")]
    assert due(store)[0].id == "16.02-A:2"


def test_it_waits_through_a_restart_until_it_was_accepted(store: Store, path: Path) -> None:
    collect(store, seen(1), offset=7)
    store.close()
    again = Store(path)
    assert again.positions(TOPIC) == {0: 7}
    again.told(hook(), due(again))
    assert due(again) == []
    assert again.get("siaga") == hook(told=1)
    assert collect(again, seen(1)) == 0  # read once more
    assert due(again) == []


def test_a_version_that_comes_while_an_older_one_is_told_still_waits(store: Store) -> None:
    collect(store, seen(1))
    being_told = due(store)
    collect(store, seen(2))
    store.told(hook(), being_told)
    assert due(store) == [Delivery("16.02-A", 2, "changed", b"2")]


def test_what_was_told_once_is_told_to_its_end_even_when_it_no_longer_fits(store: Store) -> None:
    strict = hook(severity_from=4)
    store.put(strict)
    collect(store, seen(1), seen(1, "16.02-B", severity=3))
    assert [one.incident for one in due(store)] == ["16.02-A"]
    store.told(strict, due(store))
    collect(store, seen(2, severity=2, status="resolved"))
    assert due(store) == [Delivery("16.02-A", 2, "closed", b"2")]


def test_what_happened_before_the_hook_was_added_is_not_told(path: Path) -> None:
    store = Store(path)
    store.put(hook(added_at=NOW))
    collect(store, seen(at=NOW - 3_600_000), seen(name="16.02-B"))
    assert [one.incident for one in due(store)] == ["16.02-B"]


def test_a_hook_whose_program_may_not_report_is_told_nothing(store: Store) -> None:
    store.collect(set(), [seen()], TOPIC, {0: 1}, NOW)
    assert due(store) == []


def test_since_when_it_fails_is_kept_until_it_accepts(store: Store) -> None:
    collect(store, seen())
    assert [store.failed("siaga", "status 500", at) for at in (NOW, NOW + 5)] == [NOW, NOW]
    store.told(hook(), due(store))
    known = store.get("siaga")
    assert known is not None
    assert (known.failing_since, known.why) == (None, "")


def test_one_that_was_switched_off_gets_what_changed_meanwhile_when_it_is_on_again(store: Store) -> None:
    store.switch_off("siaga", "410")
    collect(store, seen())
    store.put(hook(url="https://new.example/"))
    known = store.get("siaga")
    assert known is not None
    assert (known.off, known.url) == ("", "https://new.example/")
    assert len(due(store)) == 1


def test_what_waits_is_bounded(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(storing, "MOST_WAITING", 2)
    assert collect(store, *(seen(name=f"16.02-{number}") for number in range(3))) == 1
    assert store.waiting("siaga") == 2
    assert collect(store, seen(2, "16.02-0")) == 0  # it waits already


def test_what_was_told_long_ago_is_forgotten_and_what_waits_is_not(store: Store) -> None:
    collect(store, seen(), seen(name="16.02-B"))
    store.told(hook(), [one for one in due(store) if one.incident == "16.02-A"])
    store.forget(NOW + storing.KEPT_MS + 1)
    collect(store, seen(1))
    assert {one.incident for one in due(store)} == {"16.02-A", "16.02-B"}


def test_a_removed_hook_leaves_nothing(store: Store) -> None:
    collect(store, seen())
    assert store.remove("siaga")
    assert not store.remove("siaga")
    assert (store.hooks(), due(store)) == ([], [])


def test_the_file_is_its_owners_alone_and_the_secret_in_no_log(store: Store, path: Path) -> None:
    assert {stat.S_IMODE(one.stat().st_mode) for one in path.parent.iterdir()} == {0o600}
    assert "geheim" not in repr(store.get("siaga"))


def test_prometheus_sees_what_was_delivered_what_waits_and_what_is_off(store: Store) -> None:
    def shown() -> dict[str, float]:
        return {sample.name: sample.value for family in watched.families(store) for sample in family.samples}

    collect(store, seen(1), seen(1, "16.02-B"))
    assert shown() == {"posko_hook_delivered_total": 0, "posko_hook_waiting": 2, "posko_hook_off": 0}
    store.told(hook(), due(store)[:1])
    store.switch_off("siaga", "gone")
    assert shown() == {"posko_hook_delivered_total": 1, "posko_hook_waiting": 1, "posko_hook_off": 1}
