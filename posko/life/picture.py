"""What the reports of an incident add up to: who says so, how bad it is, what they contradict each other in.

The state keeps small, bounded counts: `sources` (reports by institution), `claims` (the highest severity each
institution gave), `said` (values by how many reports gave them), `known` (known claims by how many reports repeat
them) and the best `quotes`. From these `settle` makes what people see: severity, confidence, summary, contradictions,
the verdict of the known claim.
"""

from __future__ import annotations

from typing import Any

from posko.matching import EventFeatures, ReportFeatures

State = dict[str, Any]

MOST_VALUES = 6  # of one thing that reports say differently
MOST_QUOTES = 2
QUOTE = 140  # characters
UNOFFICIAL = frozenset({"public", "media", "campaign", "civil_society"})
_PRECISION = {"tps": 4, "point": 3, "village": 3, "district": 2, "regency": 1, "": 0}
_NAMES = {"tps": "TPS", "kind": "jenis kejadian", "candidate": "nomor calon", "over": "sudah selesai atau belum"}
OVER, NOT_OVER = "selesai", "belum"


def begin(state: State) -> None:
    """The fields of an incident that has no report yet."""
    state.update(
        sources={}, claims={}, said={}, known={}, claim={}, quotes=[], summary="", severity_claimed=0,
        severity_corroborated=0, severity_set=0, confidence="unconfirmed", contradictions=[], over_at=0, verified=False,
    )  # fmt: skip


def learn(state: State, report: dict[str, Any], seen: ReportFeatures) -> bool:
    """A report of somebody's own, not one said again; whether it can change how severe the incident is."""
    institution, severity = report["institution"], report["severity"]
    claims, sources = state["claims"], state["sources"]
    sources[institution] = sources.get(institution, 0) + 1
    worse = severity > claims.get(institution, 0)
    if worse:
        claims[institution] = severity
    for what, value in _sayings(state, report, seen):
        counts = state["said"].setdefault(what, {})
        if value in counts or len(counts) < MOST_VALUES:
            counts[value] = counts.get(value, 0) + 1
    if claim := report.get("claim"):
        _count_claim(state, claim["id"], {name: claim[name] for name in ("verdict", "link", "date")}, 1)
    if seen.later and not state["over_at"]:
        state["over_at"] = seen.at
    _quote(state, report, seen)
    return bool(worse)


def unlearn(state: State, report: dict[str, Any], seen: ReportFeatures) -> None:
    """A report that belongs to another incident after all."""
    institution = report["institution"]
    left = state["sources"].get(institution, 0) - 1
    if left > 0:
        state["sources"][institution] = left
    else:
        state["sources"].pop(institution, None)
        state["claims"].pop(institution, None)
    for what, value in _sayings(state, report, seen):
        counts = state["said"].get(what, {})
        if counts.get(value, 0) > 1:
            counts[value] -= 1
        else:
            counts.pop(value, None)
    if claim := report.get("claim"):
        _count_claim(state, claim["id"], {}, -1)
    state["quotes"] = [quote for quote in state["quotes"] if quote["report_id"] != report["report_id"]]


def absorb(state: State, other: State) -> None:
    """What was known of another incident is known of this one."""
    for institution, reports in other["sources"].items():
        state["sources"][institution] = state["sources"].get(institution, 0) + reports
    for institution, severity in other["claims"].items():
        state["claims"][institution] = max(severity, state["claims"].get(institution, 0))
    for what, values in other["said"].items():
        counts = state["said"].setdefault(what, {})
        for value, reports in values.items():
            if value in counts or len(counts) < MOST_VALUES:
                counts[value] = counts.get(value, 0) + reports
    for claim, entry in other["known"].items():
        _count_claim(state, claim, entry, entry["reports"])
    state["quotes"] = sorted([*state["quotes"], *other["quotes"]], key=_order)[:MOST_QUOTES]


def severity(state: State, usual: int) -> int:
    """How severe it is: a person's word; else what a second institution confirms, or one institution's claim up to one
    above what such incidents usually are (`usual`)."""
    claims = sorted(state["claims"].values(), reverse=True)
    state["severity_claimed"] = claims[0] if claims else state["severity_claimed"]
    state["severity_corroborated"] = claims[1] if len(claims) > 1 else 0
    return state["severity_set"] or max(state["severity_corroborated"], min(state["severity_claimed"], usual + 1))


def settle(state: State, event: EventFeatures, station_bound: bool) -> None:
    """Bring what is derived up to date. `station_bound`: it happens at one TPS, so that two of them contradict."""
    state["confidence"] = _confidence(state)
    state["contradictions"] = _contradictions(state, event, station_bound)
    state["summary"] = state["quotes"][0]["text"] if state["quotes"] else ""
    state["claim"] = _claim(state["known"])


def _count_claim(state: State, claim: str, told: dict[str, str], reports: int) -> None:
    """`reports` more, or less, that repeat a known claim. `told`: its verdict, link and date."""
    known = dict(state["known"])
    if claim in known or (reports > 0 and len(known) < MOST_VALUES):
        entry = known.setdefault(claim, {"reports": 0})
        known[claim] = {**entry, **told, "reports": entry["reports"] + reports}
        state["known"] = {name: entry for name, entry in known.items() if entry["reports"] > 0}


def _claim(known: dict[str, dict[str, Any]]) -> dict[str, Any]:
    """The known claim that most reports repeat, with its id; {} when they repeat none."""
    if not known:
        return {}
    best = min(known, key=lambda claim: (-known[claim]["reports"], claim))
    return {"id": best, **known[best]}


def _confidence(state: State) -> str:
    if state["status"] == "rejected":
        return "refuted"
    if state["status"] == "verified" or state["verified"]:
        return "verified"
    return "corroborated" if len(state["sources"]) > 1 else "unconfirmed"


def _sayings(state: State, report: dict[str, Any], seen: ReportFeatures) -> list[tuple[str, str]]:
    """What a report says that another could say differently. That it goes on counts only after somebody said it is
    over."""
    found = [("over", OVER if seen.later else NOT_OVER)] if seen.later or 0 < state["over_at"] < seen.at else []
    if seen.tps:
        found.append(("tps", seen.tps))
    if report["kind"]:
        found.append(("kind", report["kind"]))
    if len(seen.words.candidates) == 1:
        found += (("candidate", str(number)) for number in seen.words.candidates)
    return found


def _quote(state: State, report: dict[str, Any], seen: ReportFeatures) -> None:
    """Keep the text if it is among the best: precise place, an official voice, a known kind, not too short."""
    rank = (
        2 * _PRECISION[seen.level]
        + 3 * (report["institution"] not in UNOFFICIAL)
        + bool(report["kind"])
        + min(len(report["text"]) // 25, 4)
    )
    quotes = state["quotes"]
    if len(quotes) == MOST_QUOTES and rank <= quotes[-1]["rank"]:
        return
    words = " ".join(report["text"].split())
    quote = {
        "report_id": report["report_id"], "rank": rank, "at": report["received_at"], "role": report["role"],
        "institution": report["institution"],
        "text": words if len(words) <= QUOTE else words[: QUOTE - 1].rsplit(" ", 1)[0] + "…",
    }  # fmt: skip
    state["quotes"] = sorted([*quotes, quote], key=_order)[:MOST_QUOTES]


def _order(quote: dict[str, Any]) -> tuple[int, int, str]:
    return -quote["rank"], quote["at"], quote["report_id"]


def _contradictions(state: State, event: EventFeatures, station_bound: bool) -> list[dict[str, Any]]:
    found = [
        {"what": what, "name": _NAMES[what], "values": values}
        for what, values in state["said"].items()
        if len(values) > 1 and (station_bound or what != "tps")
    ]
    found += (
        {"what": "amount", "name": f"jumlah ({unit})", "values": dict.fromkeys(map(str, values), 0)}
        for unit, values in event.amounts.items()
        if len(values) > 1
    )
    claims = state["claims"]
    if claims and max(claims.values()) - min(claims.values()) >= 2:
        found.append({"what": "severity", "name": "tingkat keparahan", "values": dict(claims)})
    return found
