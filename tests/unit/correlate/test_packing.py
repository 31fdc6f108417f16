"""What was packed once is read for ever."""

from hashlib import sha256
from importlib.resources import files

from posko.correlate import packing

PACKED = "28b52ffd233deb4f0135850000107b7d03fc9cde472c4c1cb026f3c802"
DICTIONARY = "b08ae6f29af0e755e97a4f3a52dcb83c74ea108a9991d706c7e982c60a051a34"


def test_entries_of_earlier_versions_can_be_read():
    assert packing.unpack(bytes.fromhex(PACKED)) == b'{"category":"logistics","kind":"late","status":"new"}'


def test_the_dictionary_is_never_changed():
    assert sha256(files("posko").joinpath("data", "incident.dict").read_bytes()).hexdigest() == DICTIONARY
