"""Millions of ids in little memory: what was put in is there, nothing else is, and old entries go."""

import random

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
