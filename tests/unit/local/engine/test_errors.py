from __future__ import annotations

import pytest

from posko.local.engine.errors import ClickHouseError


@pytest.mark.parametrize(
    ("raised", "code", "text", "status"),
    [
        ("Code: 60. DB::Exception: No t. (UNKNOWN_TABLE)", 60, "Code: 60. DB::Exception: No t. (UNKNOWN_TABLE)", 404),
        (
            "Streaming query failed: Code: 395. DB::Exception: x (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)",
            395,
            "Code: 395. DB::Exception: x (FUNCTION_THROW_IF_VALUE_IS_NON_ZERO)",
            500,
        ),
        (
            "Code: 164. DB::Exception: Code: 164. DB::Exception: x (READONLY) (version 26.9). (READONLY)",
            164,
            "Code: 164. DB::Exception: x (READONLY) (version 26.9). (READONLY)",
            500,
        ),
        ("no space left", 1002, "Code: 1002. DB::Exception: no space left (UNKNOWN_EXCEPTION)", 500),
    ],
)
def test_clickhouses_words_are_found_in_what_chdb_raises(raised, code, text, status):
    error = ClickHouseError.of(RuntimeError(raised))
    assert (error.code, error.text, error.status) == (code, text, status)


def test_an_error_without_words_has_its_type():
    assert "KeyError" in ClickHouseError.of(KeyError()).text


def test_the_body_names_the_version_once():
    assert ClickHouseError(62, "Code: 62. x").body("26.9") == b"Code: 62. x (version 26.9 (official build))\n"
    assert ClickHouseError(62, "Code: 62. x (version 26.9)").body("26.9") == b"Code: 62. x (version 26.9)\n"
