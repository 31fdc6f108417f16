"""Millions of ids in little memory: what was put in is there, nothing else is, and old entries go."""

import random
from hashlib import blake2b

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from posko.correlate.table import Table


@given(st.lists(st.tuples(st.binary(min_size=8, max_size=8), st.binary(min_size=2, max_size=2)), max_size=400))
def test_it_is_a_map(pairs):
    table, expected = Table(8, 2), {}
    for key, value in pairs:
        table.put(key, value)
        expected[key] = value

    assert len(table) == len(expected)
    assert all(table.get(key) == value for key, value in expected.items())
    assert {entry[:8]: entry[8:] for entry in table} == expected


def test_keys_that_overlap_in_memory_are_told_apart():
    table = Table(8, 2)
    for number in range(20_000):  # numbers, zeros before them: nearly all bytes are the same
        table.put(number.to_bytes(8), b"\0\0")

    assert len(table) == 20_000
    assert all(table.get(number.to_bytes(8)) == b"\0\0" for number in range(20_000))
    assert table.get((20_000).to_bytes(8)) is None


def test_an_entry_takes_little_more_than_its_own_bytes():
    table, chance = Table(16, 16), random.Random(1)
    for _ in range(50_000):
        table.put(chance.randbytes(16), bytes(16))

    assert table.size / len(table) < 40


def test_what_is_not_kept_is_dropped_bucket_by_bucket():
    table = Table(8, 1)
    for number in range(5_000):
        table.put(number.to_bytes(8), bytes([number % 2]))
    for _ in range(200):
        table.sweep(lambda value: value == b"\1")

    assert len(table) == 2_500
    assert table.get((4).to_bytes(8)) is None
    assert table.get((5).to_bytes(8)) == b"\1"


ENTRIES = st.lists(st.tuples(st.integers(0, 400), st.binary(min_size=2, max_size=2)), max_size=300)


@given(ENTRIES, ENTRIES)
def test_filled_at_once_it_is_the_same_map_and_goes_on(pairs, more):
    known = [(blake2b(key.to_bytes(2), digest_size=16).digest(), value) for key, value in [*pairs, *more]]
    table = Table(16, 2)
    table.fill(np.frombuffer(b"".join(map(b"".join, known[: len(pairs)])), np.uint8).reshape(-1, 18))
    for key, value in known[len(pairs) :]:
        table.put(key, value)

    assert {entry[:16]: entry[16:] for entry in table} == dict(known)
    assert len(table) == len(dict(known))
    assert all(table.get(key) == value for key, value in dict(known).items())


def test_what_is_dropped_is_gone():
    table = Table(8, 2)
    for number in range(200):
        table.put(number.to_bytes(8), b"ab")
    for number in range(0, 200, 2):
        table.drop(number.to_bytes(8))
    table.drop((999).to_bytes(8))

    assert len(table) == 100
    assert [table.get(number.to_bytes(8)) for number in (4, 5)] == [None, b"ab"]
