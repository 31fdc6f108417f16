"""What a text says happened."""

import pytest

from posko.catalog import Catalog
from posko.matching.frames import Frames, shipped
from posko.settings import SettingsError
from posko.text import normalise

CATALOG = Catalog.load()
CLAIMS = {
    "voting_off": [
        "pilkada diundur minggu depan",
        "katonyo coblosan dak jadi, ditunda",
        "Pemungutan suara ditunda 4/12",
    ],
    "server_hacked": ["situs KPU diretas", "server sirekap dijebol hacker"],
    "ink_poison": ["tinta pilkada beracun, jari melepuh"],
    "candidate_out": ["paslon 02 mundur, jangan dicoblos"],
    "foreign_voters": ["3 bus TKA masuk untuk nyoblos"],
    "tps_moved": ["tps dipindah mendadak ke kantor camat"],
}
EVENTS = {
    "stranded_boat": ["prahu kandas", "speedboat mati mesin di tengah laut"],
    "power_out": ["mati lampu", "listrik padam dari jam 7", "PLN memadamkan aliran karena trafo"],
    "missing_ballots": ["ss kurang 12 lbr", "kertas suara habis"],
    "broken_seal": ["segel kotak lepas", "kotak suara ditemukan terbuka"],
    "flood": ["banyu naik masuk tenda tps", "tps kebanjiran"],
    "brawl": ["wong begoco", "baku hantam antar saksi"],
    "threat_bomb": ["tas mencurigakan di bawah meja"],
}


@pytest.mark.parametrize(("frame", "text"), [(name, text) for name, texts in CLAIMS.items() for text in texts])
def test_a_claim_is_told_by_its_content(frame, text):
    assert frame in shipped().find(normalise(text), claims=True)


@pytest.mark.parametrize(("frame", "text"), [(name, text) for name, texts in EVENTS.items() for text in texts])
def test_an_event_is_told_by_its_content(frame, text):
    assert frame in shipped().find(normalise(text), claims=False)


def test_every_frame_is_of_a_kind_of_the_catalogue_and_every_kind_has_one():
    kinds = {f"{code}/{kind}" for code, category in CATALOG.categories.items() for kind in category.kinds}

    assert {frame.kind for frame in shipped().frames.values()} == kinds


def test_an_everyday_message_says_no_claim():
    assert not shipped().find(normalise("mohon petunjuk pak, situasi di sini ramai"), claims=True)


@pytest.mark.parametrize(
    ("entry", "named"),
    [
        ({"say": ["!!"]}, "means nothing"),
        ({"say": ["banjir"], "key": ["colour"]}, "colour"),
        ({"say": ["banjir"], "over": ["nothing"]}, "nothing"),
        ({"say": ["banjir - air - hujan"]}, "excludes twice"),
    ],
)
def test_a_frame_that_cannot_be_used_is_refused_by_name(entry, named):
    with pytest.raises(SettingsError, match=named):
        Frames({"odd": {"kind": "security/disaster", **entry}})
