"""The shipped table of centroids is complete, small, and can be made again."""

from __future__ import annotations

import json
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest

from posko.regions.derive import derive
from posko.regions.nation import CENTROIDS, DataError, load_centroids, nation, save_centroids


def entry(code: str, lat: float, lng: float, names: tuple[str, str, str] = ("", "", "")) -> dict[str, object]:
    city, district, village = names
    return {"code": code, "latitude": lat, "longitude": lng, "city": city, "district": district, "village": village}


def test_the_shipped_table_is_nearly_complete_and_comes_with_its_notice() -> None:
    rows = load_centroids()
    assert len(rows) > 82_000
    assert (np.diff(rows[:, 0]) > 0).all()
    known = nation().centroids("16")[0]
    assert len(known) > 0.99 * 3_259
    assert "MIT License" in files("posko").joinpath("data/regions/NOTICE").read_text()
    assert len(files("posko").joinpath(CENTROIDS).read_bytes()) < 700_000


def test_what_is_saved_is_read_again(tmp_path: Path) -> None:
    rows = np.array(
        [[1101012001, 29305, 974880], [1671011001, -30078, 1047434], [9701012001, -29000, 1400000]], np.int64
    )
    save_centroids(rows, tmp_path / "table.npz")
    with np.load(tmp_path / "table.npz") as columns:
        again = np.cumsum(np.stack([columns[name] for name in ("code", "lat", "lng")], axis=1), axis=0)
    assert (again == rows).all()


def test_old_codes_are_carried_over_by_name_and_strays_left_out(tmp_path: Path) -> None:
    upper, villages = nation().upper, {code: name for code, name, *_ in nation().villages("93.01.01")}
    code, name = next(iter(villages.items()))
    source = tmp_path / "data.json"
    near = [entry(f"16.71.01.{number}", -3.0, 104.74 + number / 1e5) for number in range(1001, 1006)]
    old = entry("91.01.01.9999", -8.4, 140.4, (upper["93.01"], upper["93.01.01"], name))
    source.write_text(json.dumps([*near, entry("16.71.01.1006", 5.0, 97.0), old, entry("00.00.00.0000", 0.0, 100.0)]))
    counts = derive(source, tmp_path / "table.npz")
    assert counts == {"kept": 6, "moved": 1, "unplaced": 1, "stray": 1, "rows": 6}
    with np.load(tmp_path / "table.npz") as columns:
        numbers = np.cumsum(columns["code"])
    assert numbers[-1] == int(code.replace(".", ""))
    assert 1671011006 not in numbers


def test_another_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text('[{"kode": 1}]')
    with pytest.raises(DataError, match="npm pack geografis"):
        derive(tmp_path / "x.json", tmp_path / "table.npz")
