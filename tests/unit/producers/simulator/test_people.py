from __future__ import annotations

import random
from collections import defaultdict

import orjson
import pytest

from posko.context import Context
from producers.simulator.message import Message
from producers.simulator.people import People
from producers.simulator.world import World


def people_met(messages: list[Message]) -> dict[str, set[str]]:
    """Reporter ids by role, of all well-formed reports."""
    found: defaultdict[str, set[str]] = defaultdict(set)
    for message in messages:
        if message.message == "first" and message.value:
            reporter = orjson.loads(message.value)["reporter"]
            found[reporter["role"]].add(reporter["id"])
    return found


@pytest.mark.parametrize(
    ("role", "prefix", "most"),
    [("kpps", "kpps-", 7), ("pps", "pps-", 3), ("ppk", "ppk-", 5), ("pengawas_tps", "ptps-", 1)],
)
def test_a_unit_has_as_many_officers_as_the_law_gives_it(
    messages: list[Message], role: str, prefix: str, most: int
) -> None:
    units: defaultdict[str, set[int]] = defaultdict(set)
    for identity in people_met(messages)[role]:
        assert identity.startswith(prefix)
        unit, _, number = identity.rpartition("-")
        units[unit].add(int(number))
    assert units
    assert all(numbers <= set(range(1, most + 1)) for numbers in units.values())
    assert max(map(max, units.values())) == most


def test_kpps_are_named_by_village_station_and_number(messages: list[Message]) -> None:
    identity = min(people_met(messages)["kpps"])
    prefix, village, station, number = identity.split("-")
    assert (prefix, len(village), len(station), len(number)) == ("kpps", 13, 3, 1)


def test_roles_and_institutions_are_the_catalogues(sijunjung: Context, messages: list[Message]) -> None:
    assert people_met(messages).keys() <= sijunjung.catalog.roles.keys()
    people = People(1, sijunjung.catalog)
    assert all(role.institution == sijunjung.catalog.roles[code].institution for code, role in people.roles.items())


def test_many_roles_report(messages: list[Message]) -> None:
    assert len(people_met(messages)) >= 20


def test_a_person_always_has_the_same_habits(sijunjung: Context) -> None:
    people = People(3, sijunjung.catalog)
    role = people.roles["kpps"]
    assert people.met(role, "13.03.01.2001-004", 2) == people.met(role, "13.03.01.2001-004", 2)
    assert People(4, sijunjung.catalog).met(role, "13.03.01.2001-004", 2) != people.met(role, "13.03.01.2001-004", 2)


def test_a_kelurahan_has_a_lurah_and_a_desa_a_kepala_desa(sijunjung: Context) -> None:
    people, rng = People(1, sijunjung.catalog), random.Random(1)
    for village in World.of(sijunjung.regions, sijunjung.election.area).villages[::7]:
        met = {people.role("hoax", village, rng.random).code for _ in range(300)}
        assert ("lurah" in met) == (village.code[9] == "1")
        assert ("kepala_desa" in met) == (village.code[9] != "1")
