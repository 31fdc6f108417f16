"""Answers are kept for those who ask for it, for as long as they say, and for nobody else."""

from __future__ import annotations

import threading

import pytest

from posko.local.engine import query_cache
from posko.local.engine.query_cache import QueryCache, key, seconds
from posko.local.engine.request import Request

CACHED = "SELECT 1\nSETTINGS use_query_cache = 1, query_cache_ttl = 3"


@pytest.mark.parametrize(
    ("request_", "expected"),
    [
        (Request(CACHED), 3),
        (Request("SELECT 1"), 0),
        (Request("SELECT 1 SETTINGS use_query_cache = 0"), 0),
        (Request("SELECT 1 SETTINGS use_query_cache = 1"), query_cache.MOST_SECONDS),
        (Request("SELECT 1 SETTINGS use_query_cache=1, query_cache_ttl=86400"), query_cache.MOST_SECONDS),
        (Request(CACHED, session="s"), 0),
    ],
    ids=["asked for", "not asked for", "refused", "no time said", "too long", "in a session"],
)
def test_only_who_asks_gets_an_old_answer(request_: Request, expected: float) -> None:
    assert seconds(request_) == expected


def test_requests_that_differ_in_anything_have_answers_of_their_own() -> None:
    same = key(Request(CACHED), "dashboard", "reader")
    assert same == key(Request(CACHED), "dashboard", "reader")
    others = [
        key(Request(CACHED), "posko", "reader"),
        key(Request(CACHED), "dashboard", "full"),
        key(Request(CACHED, format="Native"), "dashboard", "reader"),
        key(Request(CACHED, database="posko"), "dashboard", "reader"),
        key(Request(CACHED, parameters={"a": "1"}), "dashboard", "reader"),
        key(Request(CACHED, settings={"max_threads": "1"}), "dashboard", "reader"),
        key(Request(f" {CACHED}"), "dashboard", "reader"),
    ]
    assert len({same, *others}) == len(others) + 1


def test_an_answer_is_kept_until_its_time_is_over() -> None:
    now = [0.0]
    cache = QueryCache(lambda: now[0])
    assert cache.claim("q") is None
    cache.settle("q", b"1", 3)
    now[0] = 2.9
    assert cache.claim("q") == b"1"
    now[0] = 3.1
    assert cache.claim("q") is None


@pytest.mark.parametrize("data", [None, b"x" * (query_cache.MOST_OF_ONE + 1)], ids=["failed", "too large"])
def test_what_failed_or_is_too_large_is_asked_again(data: bytes | None) -> None:
    cache = QueryCache()
    assert cache.claim("q") is None
    cache.settle("q", data, 60)
    assert cache.claim("q") is None


def test_of_many_who_ask_the_same_at_once_one_goes_and_the_others_get_its_answer() -> None:
    cache, answers = QueryCache(), []
    assert cache.claim("q") is None
    others = [threading.Thread(target=lambda: answers.append(cache.claim("q"))) for _ in range(5)]
    for thread in others:
        thread.start()
    cache.settle("q", b"1", 60)
    for thread in others:
        thread.join()
    assert answers == [b"1"] * 5


def test_the_memory_for_answers_is_bounded() -> None:
    cache = QueryCache()
    for number in range(2 * query_cache.MOST_BYTES // query_cache.MOST_OF_ONE):
        assert cache.claim(number) is None
        cache.settle(number, b"x" * query_cache.MOST_OF_ONE, 60)
    kept = [entry for entry in cache._entries.values() if entry.data]
    assert sum(len(entry.data or b"") for entry in kept) <= query_cache.MOST_BYTES
