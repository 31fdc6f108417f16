"""Regions are loaded once for all tests of this room."""

from __future__ import annotations

import pytest

from posko.regions import Regions


@pytest.fixture(scope="session")
def sumsel() -> Regions:
    return Regions.load("16", tps_total=13_206)
