"""What place a claim is about, and not where it is told."""

import pytest

from posko import context
from posko.about import about
from posko.regions import Regions

OGAN_ILIR, LAHAT, PALI = "16.10", "16.04", "16.12"


@pytest.fixture(scope="module")
def sumsel() -> Regions:
    return context.load("sumsel-2024").regions


@pytest.mark.parametrize(
    ("text", "place"),
    [
        ("surat suara tercoblos di gudang Ogan Ilir", OGAN_ILIR),
        ("beredar di Muba kabar gudang KPU Ogan Ilir kebobolan", OGAN_ILIR),
        ("status WA warga Talang Ubi bilang Pilkada PALI ditunda", PALI),
        ("warga bilang pemilihan kabupaten Lahat batal", LAHAT),
        ("beredar di Lahat kabar surat suara tercoblos", ""),
        ("KPU Lahat dan KPU Ogan Ilir kebobolan", ""),
    ],
)
def test_an_election_an_office_or_a_thing_there_is_meant_and_not_who_tells_it(
    sumsel: Regions, text: str, place: str
) -> None:
    assert about(sumsel, text) == place
