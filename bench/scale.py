"""What an installation of a given size needs: python -m bench.scale writes the tables of docs/scale.md.

All that is measured comes from bench/results: `speed.json` of script/bench, and `sizes.json`, the sizes of
tables at its full size (`--measure URL` of its database takes them anew). All else is arithmetic, here.
"""

from __future__ import annotations

import argparse
import json
import math
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

TOP = Path(__file__).resolve().parents[1]
RESULTS = TOP / "bench" / "results"
DOCS = TOP / "docs" / "scale.md"

GB: Final = 1e9
MOVES_PER_EVENT: Final = 0.6
"""Contacts that enter or leave a segment for each event, with a hundred segments (docs/performance.md)."""
ROOM: Final = 1.5
"""Disk for what the tables do not show: write-ahead log, dead rows, an index while it is built."""
PEAK: Final = 5
"""The busiest minutes against the mean."""
NODE_DISK: Final = 2000 * GB
NODE_MEMORY: Final = 64 * GB
CACHED: Final = 0.05
"""The part of the tables that should stay in memory: what is recent, and the upper pages of indexes."""
SHARDS: Final = 64


@dataclass(frozen=True, slots=True)
class Wanted:
    name: str
    contacts: float
    events: float
    """Kept at a time."""
    months: int
    """For which they are kept."""

    @property
    def rate(self) -> float:
        """Events a second, in the mean."""
        return self.events / (self.months * 30.4 * 86_400)


SIZES: Final = (
    Wanted("1 million contacts, 20 million events", 1e6, 2e7, 24),
    Wanted("1 million contacts, 1 billion events", 1e6, 1e9, 24),
    Wanted("10 million contacts, 10 billion events", 1e7, 1e10, 24),
)


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured."""

    at: str
    event: float
    """Bytes, with indexes; as all that follow."""
    contact: float
    """With its identities."""
    member: float
    deadline: float
    move: float
    members_each: float
    """Memberships of a contact, with the segments of the measurement."""
    deadlines_each: float
    segments: int
    sustained: float
    """Events a second with memberships within a second, on one machine of so many cores:"""
    cores: int
    ingested: float
    """Events a second by HTTP."""
    rebuild: float
    """Seconds for a sum over all contacts and events of the measurement,"""
    counted: float
    """and for an exact count, in the median:"""
    measured_events: float


def figures() -> Figures:
    sizes = json.loads((RESULTS / "sizes.json").read_text())
    speed = json.loads((RESULTS / "speed.json").read_text())
    found = {(one["scenario"], one["name"]): one["median"] for one in speed["findings"]}
    tables, contacts = sizes["tables"], sizes["contacts"]

    def each(table: str) -> float:
        return float(tables[table]["bytes"] / tables[table]["rows"])

    return Figures(
        at=sizes["at"],
        event=each("events_event"),
        contact=(tables["contacts_contact"]["bytes"] + tables["contacts_identity"]["bytes"])
        / contacts,
        member=each("segments_membership"),
        deadline=each("segments_deadline"),
        move=each("segments_transition"),
        members_each=tables["segments_membership"]["rows"] / contacts,
        deadlines_each=tables["segments_deadline"]["rows"] / contacts,
        segments=sizes["segments"],
        sustained=found["sustained", "full: sustained, 99th percentile under 1 s"],
        cores=speed["machine"]["cores"],
        ingested=found["ingestion", "events by HTTP"],
        rebuild=found["rebuild", "a sum over 12 months: rebuild"],
        counted=found["builder_counts", "exact, median"] / 1000,
        measured_events=speed["data"]["full"]["events"],
    )


@dataclass(frozen=True, slots=True)
class Needs:
    events: float
    contacts: float
    members: float
    deadlines: float
    moves: float
    rate: float
    peak: float

    @property
    def tables(self) -> float:
        return self.events + self.contacts + self.members + self.deadlines + self.moves

    @property
    def disk(self) -> float:
        return ROOM * self.tables

    @property
    def memory(self) -> float:
        return CACHED * self.tables

    @property
    def nodes(self) -> int:
        """Whichever takes more: disk or memory."""
        return max(
            1, math.ceil(self.disk / NODE_DISK), math.ceil(self.memory / (0.6 * NODE_MEMORY))
        )


def needs(wanted: Wanted, known: Figures) -> Needs:
    return Needs(
        events=wanted.events * known.event,
        contacts=wanted.contacts * known.contact,
        members=wanted.contacts * known.members_each * known.member,
        deadlines=wanted.contacts * known.deadlines_each * known.deadline,
        moves=wanted.events * MOVES_PER_EVENT * known.move,
        rate=wanted.rate,
        peak=PEAK * wanted.rate,
    )


def rows(known: Figures) -> list[tuple[str, ...]]:
    all_needs = [needs(wanted, known) for wanted in SIZES]

    def line(what: str, *values: str) -> tuple[str, ...]:
        return (what, *values)

    def bytes_of(what: str, name: str) -> tuple[str, ...]:
        return line(what, *(_bytes(getattr(one, name)) for one in all_needs))

    return [
        bytes_of("events", "events"),
        bytes_of("contacts and what they are known by", "contacts"),
        bytes_of("memberships", "members"),
        bytes_of("deadlines", "deadlines"),
        bytes_of("moves, kept as long as the events", "moves"),
        bytes_of("**all tables**", "tables"),
        bytes_of(f"**disk**, × {ROOM:g}", "disk"),
        bytes_of(f"**memory** for {CACHED:.0%} of the tables", "memory"),
        line("events a second, mean", *(f"{one.rate:,.1f}" for one in all_needs)),
        line(f"events a second, busiest, × {PEAK}", *(f"{one.peak:,.1f}" for one in all_needs)),
        line(
            f"of what {known.cores} cores followed",
            *(f"{one.peak / known.sustained:.1%}" for one in all_needs),
        ),
        line(
            f"**machines** with {_bytes(NODE_MEMORY)} and {_bytes(NODE_DISK)}",
            *(f"{one.nodes}" for one in all_needs),
        ),
        line(
            f"events in each of {SHARDS} shards",
            *(f"{wanted.events / SHARDS / 1e6:,.1f} million" for wanted in SIZES),
        ),
        line(
            "all events sent by HTTP once",
            *(_time(wanted.events / known.ingested) for wanted in SIZES),
        ),
        line(
            "a rebuild that reads all events, two processes",
            *(_time(known.rebuild * wanted.events / known.measured_events) for wanted in SIZES),
        ),
        line(
            "an exact count, median, two processes",
            *(_time(known.counted * wanted.events / known.measured_events) for wanted in SIZES),
        ),
    ]


def measured(known: Figures) -> list[tuple[str, str]]:
    return [
        ("an event, with its indexes", f"{known.event:.0f} bytes"),
        ("a contact, with the three identities it has", f"{known.contact:,.0f} bytes"),
        ("a membership, with its indexes", f"{known.member:.0f} bytes"),
        ("a deadline", f"{known.deadline:.0f} bytes"),
        ("a move", f"{known.move:.0f} bytes"),
        (f"memberships of a contact, {known.segments} segments", f"{known.members_each:.1f}"),
        ("deadlines of a contact", f"{known.deadlines_each:.1f}"),
        (f"followed within a second, {known.cores} cores", f"{known.sustained:,.0f} events/s"),
        (f"taken by HTTP, {known.cores} cores", f"{known.ingested:,.0f} events/s"),
    ]


def written(page: str, known: Figures) -> str:
    """The page with both tables as they should be."""
    taken = [f"| one row, on {known.at} | |", "|---|---|"]
    taken += [f"| {what} | {value} |" for what, value in measured(known)]
    names = " | ".join(wanted.name for wanted in SIZES)
    worked = [f"| | {names} |", f"|---|{'---|' * len(SIZES)}"]
    worked += [f"| {' | '.join(row)} |" for row in rows(known)]
    return _between(_between(page, "measured", taken), "calculated", worked)


def _between(page: str, mark: str, lines: list[str]) -> str:
    block = "\n".join([f"<!-- {mark} -->", *lines, f"<!-- /{mark} -->"])
    return re.sub(
        f"<!-- {mark} -->.*?<!-- /{mark} -->", lambda _: block, page, count=1, flags=re.DOTALL
    )


def _bytes(number: float) -> str:
    for unit, size in (("TB", 1e12), ("GB", 1e9)):
        if number >= size:
            return f"{number / size:,.{0 if number >= 10 * size else 1}f} {unit}"
    return f"{number / 1e6:,.0f} MB"


def _time(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("hours", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:,.1f} {unit}"
    return f"{seconds:,.1f} s"


def measure(url: str) -> dict[str, Any]:
    """Of a database that was filled and settled; exact numbers of rows."""
    import psycopg
    from psycopg import sql

    known = json.loads((RESULTS / "sizes.json").read_text())
    found: dict[str, Any] = {}
    with psycopg.connect(url) as session:
        for table in known["tables"]:
            query = "SELECT count(*), pg_total_relation_size({}) FROM {}"
            name = sql.Identifier(table)
            row = session.execute(sql.SQL(query).format(sql.Literal(table), name)).fetchone()
            assert row is not None  # noqa: S101 - one row of counts
            found[table] = {"rows": row[0], "bytes": row[1]}
        live = session.execute("SELECT count(*) FROM segments_segment WHERE status = 'live'")
        segments = live.fetchone()
        version = session.execute("SHOW server_version").fetchone()
    return {
        "at": datetime.now(UTC).date().isoformat(),
        "postgresql": version[0].split()[0] if version else "",
        "contacts": found["contacts_contact"]["rows"],
        "segments": segments[0] if segments else 0,
        "tables": found,
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--measure", metavar="URL", help="Take the sizes of a database first.")
    options = parser.parse_args()
    if options.measure:
        sizes = json.dumps(measure(options.measure), indent=1)
        (RESULTS / "sizes.json").write_text(sizes + "\n")
    DOCS.write_text(written(DOCS.read_text(), figures()))


if __name__ == "__main__":
    main()
