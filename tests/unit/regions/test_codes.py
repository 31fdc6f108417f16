"""Codes are understood however they are written, and never bent into another region's."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko.regions import codes

DIGITS = st.sampled_from([2, 4, 6, 10]).flatmap(lambda length: st.text("0123456789", min_size=length, max_size=length))


def dotted(digits: str) -> str:
    return ".".join(part for part in (digits[:2], digits[2:4], digits[4:6], digits[6:]) if part)


@pytest.mark.parametrize(
    "written",
    ["16.71.01.1001", "1671011001", " 16 71 01 1001 ", "16-71-01-1001", "1671.01.1001", "167101.1001", "16.71.01 1001"],
)
def test_all_usual_writings_of_a_code_are_one_code(written: str) -> None:
    assert codes.normalise(written) == "16.71.01.1001"


@pytest.mark.parametrize(
    "written", ["", ".", "1", "167", "1.671", "16.7", "16.71.1.1001", "16.71.01.10011", "Kota", "١٦", "16.71a"]
)
def test_what_is_no_code_stays_none(written: str) -> None:
    assert codes.normalise(written) is None


@given(DIGITS)
def test_digits_and_dots_give_the_same_code(digits: str) -> None:
    assert codes.normalise(digits) == codes.normalise(dotted(digits)) == dotted(digits)


@given(st.text(max_size=40))
def test_any_text_gives_a_code_that_stands_as_it_is_or_nothing(text: str) -> None:
    code = codes.normalise(text)
    assert code is None or codes.normalise(code) == code


@given(DIGITS)
def test_the_chain_holds_the_code_and_only_what_is_above_it(digits: str) -> None:
    code = dotted(digits)
    known = [one for one in codes.chain(code) if one]
    assert known[-1] == code
    assert [codes.level_of(one) for one in known] == list(codes.LEVELS[: len(known)])
    assert all(codes.covers(one, code) for one in known)


@pytest.mark.parametrize(
    ("given_codes", "shared"),
    [
        (["16.71.01.1001", "16.71.01.1002"], "16.71.01"),
        (["16.71.01", "16.71.01.1002"], "16.71.01"),
        (["16.71.01.1001", "16.71.02.1001"], "16.71"),
        (["16.71.01.1001", "16.10.02"], "16"),
        (["16.71", "17.71"], ""),
    ],
)
def test_the_common_region_holds_all(given_codes: list[str], shared: str) -> None:
    assert codes.common(given_codes) == shared
