"""Numbers, clock times and places in people's words."""

from __future__ import annotations

import re

from producers.simulator.grammar import Random, read
from producers.simulator.style import pick

_UNITS = ["nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"]
_PLACE_SHORT: dict[str, list[str]] = read("style")["place_short"]
_SPELLED = re.compile(r"\b([A-Z][a-z]+(?:-[a-z]+)+|" + "|".join(unit.capitalize() for unit in _UNITS[1:]) + r")\b")


def in_words(number: int) -> str:
    """A number from 0 to 999 in Indonesian."""
    if number < 12:
        return _UNITS[number]
    if number < 20:
        return f"{_UNITS[number - 10]} belas"
    if number < 100:
        tens, rest = divmod(number, 10)
        return f"{_UNITS[tens]} puluh" + (f" {_UNITS[rest]}" if rest else "")
    hundreds, rest = divmod(number, 100)
    head = "seratus" if hundreds == 1 else f"{_UNITS[hundreds]} ratus"
    return head + (f" {in_words(rest)}" if rest else "")


_NUMBERS = {in_words(number).replace(" ", "-"): str(number) for number in range(1, 100)}


def digits(name: str) -> str:
    """`Tiga-puluh-lima Ilir` as people write it: `35 Ilir`. Other names stay as they are."""
    return _SPELLED.sub(lambda found: _NUMBERS.get(found[0].lower(), found[0]), name)


def count(number: int, random: Random) -> str:
    """A number of things as someone says it: exact, rounded or in words."""
    what = random()
    if number >= 20 and what < 0.12:
        rounded = round(number, -1)
        return pick((f"sekitar {rounded}", f"{rounded}an", f"kurang lebih {rounded}", f"sekitar {number}"), random)
    if number < 1000 and (what > 0.9 if number > 12 else what > 0.7):
        return in_words(number)
    return str(number)


def clock(minutes: int, random: Random) -> str:
    """A time of day, given as minutes since midnight, as someone says it after `jam`: exact, rounded or in words."""
    hour, minute = divmod(minutes % 1440, 60)
    what = random()
    if what < 0.3:
        return f"{hour:02d}.{minute:02d}"
    if what < 0.42:
        return f"{hour}.{minute:02d}"
    if what < 0.54:
        return f"{hour:02d}:{minute:02d}"
    spoken = (hour - 1) % 12 + 1
    name = in_words(spoken) if what < 0.7 else str(spoken)
    if minute < 8:
        return name
    if 22 < minute < 38:
        return f"setengah {in_words(spoken % 12 + 1)}"
    if minute > 45:
        return f"{spoken % 12 + 1} kurang {'seperempat' if minute < 52 else '10' if minute < 55 else '5'}"
    return f"{name} lewat {'seperempat' if minute < 20 else minute}"


def daypart(minutes: int) -> str:
    """`pagi`, `siang`, `sore` or `malam`, by minutes since midnight."""
    hour = minutes // 60 % 24
    return "pagi" if 3 <= hour < 11 else "siang" if hour < 15 else "sore" if hour < 18 else "malam"


def station(number: int, random: Random) -> str:
    """A polling station's number as people write it."""
    what = random()
    if what < 0.3:
        return f"TPS {number}"
    if what < 0.52:
        return f"TPS {number:02d}"
    if what < 0.68:
        return f"TPS {number:03d}"
    if what < 0.78:
        return f"tps{number}"
    if what < 0.86:
        return f"TPS no {number}" if what < 0.83 else f"TPS nomor {number}"
    return f"TPS {in_words(number)}" if what < 0.91 and number < 100 else f"TPS.{number:02d}"


def name(official: str, random: Random) -> str:
    """A region's name as people write it: numbers as digits, common words shortened now and then."""
    written = digits(official)
    if random() < 0.3:
        written = " ".join(
            pick(_PLACE_SHORT[word], random) if word in _PLACE_SHORT else word for word in written.split(" ")
        )
    return written


def village(code: str, official: str, random: Random) -> str:
    """A kelurahan or desa, told apart by its code (the last part begins with 1 or 2), with or without the word for
    it."""
    words = ("Kel. ", "kelurahan ", "kel ", "Kelurahan ", "", "") if code[9:10] == "1" else _DESA
    return pick(words, random) + name(official, random)


_DESA = ("Desa ", "Ds. ", "desa ", "ds ", "ds. ", "", "")


def district(official: str, random: Random) -> str:
    """A kecamatan, with or without the word for it."""
    return pick(("Kec. ", "kec ", "kecamatan ", "Kecamatan ", "kec. ", ""), random) + name(official, random)


def regency(official: str, random: Random) -> str:
    """A kabupaten or kota as people call it."""
    short = official.removeprefix("Kabupaten ").removeprefix("Kota ")
    return pick((short, short, f"kab {short}" if official.startswith("Kab") else f"kota {short}"), random)
