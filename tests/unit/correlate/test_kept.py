"""How much of an incident is kept ready, and that it is the same however much that is."""

import pytest

from posko.correlate import Correlator, kept


@pytest.fixture
def keep(monkeypatch):
    monkeypatch.setattr(kept, "OPEN", 2)


def ready(correlator, incidents):
    """Those whose public state need not be unpacked."""
    return [one for one in incidents if correlator.record(one)._public is not None]


def test_only_those_changed_last_keep_their_public_state_unpacked(catalog, enriched, keep):
    correlator = Correlator(catalog)
    first = [one["incident_id"] for one in correlator.apply([enriched(n, tps=n) for n in range(1, 4)]).matched]
    assert len(set(first)) == 3
    assert ready(correlator, first) == first[1:]
    correlator.apply([enriched(9, tps=1, minute=1)])
    assert ready(correlator, first) == [first[0], first[2]]


def test_a_public_state_is_the_same_from_an_object_and_from_what_was_packed(catalog, enriched, keep):
    correlator = Correlator(catalog)
    incidents = correlator.apply([enriched(n, tps=n) for n in range(1, 4)]).incidents
    assert [correlator.record(one["incident_id"]).public for one in incidents] == incidents
    later = [correlator.apply([enriched(10 + n, tps=n, minute=n)]).incidents[0] for n in range(1, 4)]
    assert [(one["incident_id"], one["reports"]) for one in later] == [(one["incident_id"], 2) for one in incidents]
