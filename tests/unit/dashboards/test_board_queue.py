"""What is first in the queue, what a filter shows, and that an address says the same as a filter."""

from __future__ import annotations

from urllib.parse import parse_qsl

import pytest

from dashboards.board.filters import Filter
from dashboards.board.situation import Figures
from tests.unit.dashboards.board_incidents import MINUTE, NOW, incident

CRITICAL = incident(1, severity=5)
SEVERE_LATE = incident(2, severity=4, ack_due=NOW - MINUTE)
LATE = incident(3, severity=2, ack_due=NOW - 30 * MINUTE)
SOON = incident(4, severity=3, ack_due=NOW + 5 * MINUTE)
CALM = incident(5, severity=4)
IN_HAND = incident(6, severity=5, status="acknowledged", ack_due=NOW - 60 * MINUTE)
CLOSED = incident(7, severity=5, status="resolved", ack_due=NOW - MINUTE, resolve_due=NOW - MINUTE)
ALL = [CLOSED, CALM, IN_HAND, SOON, LATE, SEVERE_LATE, CRITICAL]


def test_what_burns_is_first_and_what_is_closed_last():
    shown = Filter(status="semua").ordered(ALL, NOW)
    assert shown == [CRITICAL, SEVERE_LATE, LATE, SOON, IN_HAND, CALM, CLOSED]


def test_a_deadline_that_was_kept_burns_no_more():
    assert IN_HAND.deadline(NOW) == "ok"
    assert CLOSED.deadline(NOW) == "none"


def test_figures_count_open_incidents_only():
    assert Figures.of(ALL, NOW) == Figures(open=6, alarming=1, late=2, soon=1, waiting=5)


@pytest.mark.parametrize(
    ("asked", "numbers"),
    [
        ({}, {1, 2, 3, 4, 5, 6}),
        ({"status": "ditutup"}, {7}),
        ({"status": "menunggu", "keparahan": "4"}, {1, 2, 5}),
        ({"tenggat": "lewat"}, {2, 3}),
        ({"tenggat": "kritis"}, {1}),
        ({"wilayah": "1671"}, {1, 2, 3, 4, 5, 6}),
        ({"wilayah": "16.02"}, set()),
        ({"instansi": "polri"}, {1, 2, 3, 4, 5, 6}),
        ({"instansi": "bpbd"}, set()),
        ({"cari": "ilir KOTAK"}, {1, 2, 3, 4, 5, 6}),
        ({"cari": "0000000003"}, {3}),
        ({"keparahan": "99", "status": "x", "urut": "x", "banyak": "-1"}, {1, 6}),
    ],
    ids=str,
)
def test_a_filter_shows_what_fits(asked: dict[str, str], numbers: set[int]):
    shown = Filter.of(asked).ordered(ALL, NOW)
    assert {int(one.incident_id[-3:]) for one in shown} == numbers


def test_a_filter_is_its_address():
    wanted = Filter.of({"kategori": "security", "tenggat": "lewat", "cari": "a b&c"})
    assert Filter.of(dict(parse_qsl(wanted.address()))) == wanted
    assert Filter().address() == ""
    assert wanted.address(kategori="") == "tenggat=lewat&cari=a+b%26c"
