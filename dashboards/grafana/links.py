"""Where a click leads: to another dashboard with what was clicked chosen there, or to the triage board."""

from __future__ import annotations

BOARD = "${board:raw}"  # a variable of every dashboard

# Grafana fills in the row that was clicked. Times and choices go along where the other page has them.
TO: dict[str, tuple[str, str]] = {
    "incident": (
        "Lihat insiden ini",
        "/d/posko-insiden?var-insiden=${__data.fields.incident_id}&${__url_time_range}",
    ),
    "act": ("Tangani di papan triase", f"{BOARD}/insiden/${{__data.fields.incident_id}}"),
    "regency": ("Lihat kabupaten/kota ini", "/d/posko-wilayah?var-kabupaten=${__data.fields.code}&${__url_time_range}"),
    "district": (
        "Lihat kecamatan ini",
        "/d/posko-wilayah?var-kabupaten=${__data.fields.regency}&var-kecamatan=${__data.fields.code}&${__url_time_range}",
    ),
    "point": ("Lihat wilayah ini", "/d/posko-wilayah?var-kabupaten=${__data.fields.regency}&${__url_time_range}"),
}
