"""What `posko send` makes of a file: which lines become messages, under which key, and what is said of the others."""

from __future__ import annotations

import io
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from posko import topics
from producers.kafka import TooLarge, key_of
from producers.send import LONGEST_LINE, SHOWN, Line, Sending, lines

KEYS = {
    "TPS": ({"tps": "16.71.01.1001/7", "reporter": {"id": "a"}}, "16.71.01"),
    "KPU's code": ({"tps": "1671011001/7"}, "16.71.01"),
    "TPS before area": ({"tps": "16.71.01.1001/7", "area": "16.01.09"}, "16.71.01"),
    "kelurahan": ({"area": "16.71.01.1001"}, "16.71.01"),
    "kecamatan": ({"area": "167101"}, "16.71.01"),
    "kabupaten is too wide": ({"area": "16.71", "reporter": {"id": "a"}}, "a"),
    "reporter": ({"reporter": {"id": " a "}}, "a"),
    "long id": ({"reporter": {"id": "x" * 500}}, "x" * 200),
    "nothing": ({}, ""),
    "wrong types": ({"tps": 7, "area": [], "reporter": {"id": 3}}, ""),
    "no object": ([1], ""),
}


@pytest.mark.parametrize(("report", "key"), KEYS.values(), ids=KEYS.keys())
def test_the_key_is_the_kecamatan_else_the_reporter(report: Any, key: str) -> None:
    assert key_of(report) == key


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(["tps", "area", "reporter", "id"]), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(JSON)
def test_any_json_has_a_key_or_none(value: Any) -> None:
    assert isinstance(key_of(value), str)


SHORT = 50


def read(content: bytes) -> list[Line]:
    return list(lines(io.BytesIO(content), SHORT))


def test_blank_lines_are_left_out_and_the_others_keep_their_numbers() -> None:
    assert [(line.number, line.content) for line in read(b"\na\r\n \t \n\nb\xff\n c")] == [
        (2, b"a"),
        (5, b"b\xff"),
        (6, b" c"),
    ]


def test_the_sizes_of_lines_add_up_to_the_file() -> None:
    content = b"abc\r\n" + b"y" * (SHORT + 5) + b"\nd\n"
    assert sum(line.size for line in read(content)) == len(content)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"], ids=["none", "unix", "windows"])
@pytest.mark.parametrize("more", [0, 1, 2, 3, 4, 3 << 20])
def test_only_a_line_above_the_limit_is_cut_off(more: int, end: bytes) -> None:
    found = read(b"x" * (SHORT + more) + end + b"\nnext\n")
    first, last = found[0], found[-1]
    assert (first.content is None) == (more > 0)
    assert last.content == b"next"


class Recorder:
    """Stands for a Sender: takes what fits."""

    def __init__(self) -> None:
        self.sent: list[tuple[bytes | None, bytes | None]] = []
        self.acknowledged = self.acknowledged_bytes = 0

    def send(self, value: bytes | None, key: bytes | None = None, tag: Any = None) -> None:
        if len(value or b"") + len(key or b"") > LONGEST_LINE:
            raise TooLarge("too large with its key")
        self.sent.append((value, key))

    def flush(self) -> None:
        self.acknowledged = len(self.sent)


def sent(content: bytes, key: bytes | None = None) -> tuple[Sending, Recorder, list[str]]:
    said: list[str] = []
    sending, recorder = Sending("day.jsonl", said.append, key), Recorder()
    sending.run(io.BytesIO(content), recorder)  # type: ignore[arg-type]
    return sending, recorder, said


def test_a_line_is_sent_as_it_is_even_if_it_is_not_json() -> None:
    sending, recorder, said = sent(b'{"area": "16.71.01"}\nnot json\n')
    assert recorder.sent == [(b'{"area": "16.71.01"}', b"16.71.01"), (b"not json", None)]
    assert [line.split(" ")[0] for line in said] == ["day.jsonl:2"]
    assert (sending.not_json, sending.failed) == (1, 0)


def test_a_given_key_is_the_key_of_every_message() -> None:
    _, recorder, said = sent(b'{"area": "16.71.01"}\nnot json\n', b"k")
    assert [key for _, key in recorder.sent] == [b"k", b"k"]
    assert said == []


def test_a_byte_order_mark_does_not_hide_the_key() -> None:
    _, recorder, _ = sent(b'\xef\xbb\xbf{"area": "16.71.01"}\n')
    assert recorder.sent == [(b'\xef\xbb\xbf{"area": "16.71.01"}', b"16.71.01")]


def test_a_line_that_is_too_large_is_named_and_the_next_one_is_sent() -> None:
    reporter = json.dumps({"reporter": {"id": "a"}, "x": "y" * (LONGEST_LINE - 34)}).encode()
    assert len(reporter) == LONGEST_LINE
    sending, recorder, said = sent(b"z" * topics.MAX_MESSAGE + b"\n" + reporter + b"\n{}\n")
    assert recorder.sent == [(b"{}", None)]
    assert sending.failed == 2
    assert [line.split(" ")[0] for line in said] == ["day.jsonl:1", "day.jsonl:2"]


def test_complaints_are_limited_and_still_counted() -> None:
    sending, _, said = sent(b"no json\n" * 500)
    assert len(said) == SHOWN
    assert sending.not_json == 500


def test_the_summary_tells_what_was_not_sent() -> None:
    sending, recorder, _ = sent(b"{}\nno\n" + b"z" * topics.MAX_MESSAGE + b"\n")
    sending.refused(2, ValueError("Kafka says no"))
    summary = sending.summary(recorder)  # type: ignore[arg-type]
    assert "sent 2 messages" in summary
    assert "1 are not JSON" in summary
    assert "2 NOT SENT" in summary
