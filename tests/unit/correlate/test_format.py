"""State that was written once is read as long as its format's number stays the same."""

import base64
import json
from pathlib import Path

import pytest

from posko.correlate import Correlator, OtherFormat
from posko.correlate.clock import CLOCK, FORMAT
from tests.unit.correlate.test_correlator import restored, run

# What the changelog held after `story`, when the format was new: hex of a key -> base64 of its value. A change that
# cannot read it needs another FORMAT, and a file of its own.
KEPT = Path(__file__).parent / f"state-{FORMAT}.json"


def story(enriched):
    """Two incidents; one has two voices, one of which spoke twice."""
    return [
        enriched(1, tps=4),
        enriched(2, "kotak suara belum sampai, perahu kandas", minute=3, tps=4, institution="bawaslu"),
        enriched(3, minute=5, tps=4, reporter_id="person-1"),
        enriched(4, "warga berkelahi di depan TPS", category="security", kind="brawl", minute=6, tps=9),
    ]


def written():
    return {bytes.fromhex(key): base64.b64decode(value) for key, value in json.loads(KEPT.read_text()).items()}


def test_what_was_written_earlier_is_read_and_gone_on_with(catalog, enriched):
    later = enriched(5, "logistik tps 4 masih belum tiba, perahunya kandas", minute=20, tps=4)
    _, before, now = run(catalog, story(enriched))
    assert written().keys() == now.keys()

    earlier, fresh = restored(catalog, written()).apply([later]), restored(catalog, now).apply([later])
    assert earlier.matched[0]["match"] == "joined"
    for name in ("incident_id", "reports", "reporters", "sources", "first_at", "tps", "title"):
        assert earlier.incidents[0][name] == fresh.incidents[0][name], name
    assert earlier.matched[0]["incident_id"] in before
    again = restored(catalog, written()).apply([story(enriched)[0]])
    assert again.matched[0]["match"] == "resent"


@pytest.mark.parametrize("clock", [b"", b"\0\x07W\x0f", b"\0\0\0\x07W\x0f", b"\xff\xff\0\x07W\x0f"])
def test_state_of_another_format_is_refused(catalog, enriched, clock):
    correlator = Correlator(catalog)
    for key, value in {**run(catalog, story(enriched))[2], CLOCK: clock}.items():
        correlator.restore(key, value)
    with pytest.raises(OtherFormat, match="Go on with the version that wrote it"):
        correlator.restored()
