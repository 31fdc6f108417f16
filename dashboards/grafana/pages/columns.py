"""Columns that many tables share, so that they look and lead the same everywhere."""

from __future__ import annotations

from dataclasses import replace

from dashboards.grafana.model import (
    BLUE,
    COUNT,
    GREEN,
    GROWING_IS_BAD,
    MANY_ARE_BAD,
    MINUTES,
    MOMENT,
    PLAIN,
    RED,
    SEVERITY,
    TIME_LEFT,
    Column,
)
from dashboards.grafana.pages import words

HELD_BY = words.INSTITUTIONS | words.AGENCIES

severity = Column("severity", "Tingkat", COUNT, SEVERITY, words.SEVERITIES, width=110)
worst = replace(severity, name="worst", label="Terberat")
title = Column("title", "Insiden", link="incident")
place = Column("place_name", "Tempat")
holder = Column("holder", "Penanggung jawab", words=HELD_BY, width=150)
status = Column("status", "Status", words=words.STATUS, width=140)
minutes_left = Column("minutes_left", "Sisa waktu", MINUTES, TIME_LEFT, width=120)
reporters = Column("reporters", "Pelapor", COUNT, PLAIN, width=90)
institutions = Column("institutions", "Lembaga", COUNT, PLAIN, width=90)
incident_id = Column("incident_id", "Papan triase", link="act", width=150)
opened_at = Column("opened_at", "Dibuka", MOMENT, width=160)
latest = Column("latest", "Terakhir", MOMENT, width=160)
open_ = Column("open", "Terbuka", COUNT, PLAIN, width=90)
critical = Column("critical", "Kritis", COUNT, MANY_ARE_BAD, width=90)
unheld = Column("unheld", "Belum ditangani", COUNT, PLAIN, width=130)
overdue = Column("overdue", "Lewat tenggat", COUNT, MANY_ARE_BAD, width=120)
change = Column("change", "Perubahan 1 jam", COUNT, GROWING_IS_BAD, width=140)
regency = Column("name", "Kabupaten/kota", link="regency")
district = Column("name", "Kecamatan", link="district")
code = Column("code", "Kode", hidden=True)
parent = Column("regency", "Kode kabupaten/kota", hidden=True)


def hidden(column: Column) -> Column:
    """There for links, not to be seen."""
    return replace(column, hidden=True)


def graph(name: str, label: str, colour: str = BLUE, unit: str = COUNT) -> Column:
    """A line of a graph."""
    return Column(name, label, unit, ((None, colour),), colour=colour)


opened = graph("opened", "Dibuka", RED)
taken = graph("taken", "Ditangani", BLUE)
closed = graph("closed", "Ditutup", GREEN)
