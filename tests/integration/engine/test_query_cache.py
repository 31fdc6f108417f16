"""Who asks for ClickHouse's query cache gets it from the embedded engine, as from a server."""

from __future__ import annotations

NOW = b"SELECT generateUUIDv4()"
CACHED = (
    NOW
    + b" SETTINGS use_query_cache = 1, query_cache_ttl = 30, query_cache_nondeterministic_function_handling = 'save'"
)


def test_the_same_question_gets_the_same_answer_for_a_while(engine):
    first, second = engine.post(CACHED), engine.post(CACHED)
    assert first[0] == 200
    assert first[2] == second[2]


def test_without_asking_for_it_every_answer_is_new(engine):
    assert engine.post(NOW)[2] != engine.post(NOW)[2]


def test_an_error_is_not_kept(engine):
    broken = b"SELECT count() FROM kept_or_not SETTINGS use_query_cache = 1, query_cache_ttl = 30"
    assert engine.post(broken)[0] == 404
    engine.post(b"CREATE TABLE kept_or_not (a UInt8) ENGINE = Memory")
    assert engine.post(broken)[2] == b"0\n"
