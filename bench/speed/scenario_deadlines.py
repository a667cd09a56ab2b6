"""What time alone moves: how late, at what cost for each contact, and what merely waiting costs.

The contacts enter a segment ten minutes after something they did. The events are put into the
database, the segment is built, and then the running installation is left alone: its watching process
has to find each deadline when it comes.
"""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

from bench.speed.checking import check
from bench.speed.findings import Finding, Gathered, quantile
from bench.speed.making import QUICK_SCALE, definition, event, segments
from bench.speed.stage import Site, Stage
from bench.speed.waiting import wait_until_settled

SIZES = (1_000, 10_000, 100_000)
LATE_BAR, COST_BAR, IDLE_BAR = 1.0, 1.3, 1.0
WAITING = 10_000_000
WAITING_FROM = "2100-01-01 00:00:00+00"
"""No deadline of a real segment lies there: by this they are found and removed."""
TYPE = "Bench_deadline"
KEY = "bench-deadlines"
AFTER_MINUTES = 10
EVERY = 0.05
PATIENCE = 60.0
BUILDS = 5
"""Where a machine has much else to do, with twice the time each time."""


@dataclass(frozen=True)
class Moved:
    late: list[float]
    """Seconds from each contact's instant to the first look that found it moved."""
    cpu: float
    """Seconds of all processes together, without what they use when nothing happens."""


def run(stage: Stage) -> list[Finding]:
    gathered = Gathered("deadlines")
    with stage.on("small") as site:
        for _ in range(stage.runs):
            _add_moves(gathered, stage, site)
    with stage.on("full") as site:
        _add_idle(gathered, stage, site)
    return gathered.findings()


def _minute(stage: Stage) -> float:
    return 60.0 if stage.scale >= QUICK_SCALE else 1.0


def _add_moves(gathered: Gathered, stage: Stage, site: Site) -> None:
    costs = []
    idle = _idle_rate(site, seconds=_minute(stage) / 6)
    for size in SIZES:
        count = min(site.contacts, max(10, int(size * stage.scale)))
        moved = _moved(site, count, gathered=gathered, idle=idle, seconds=_minute(stage))
        costs.append(1000 * moved.cpu / count)
        said = f"{size:,} (× scale) in a minute"
        note = f"looked for every {1000 * EVERY:.0f} ms"
        longest, late = max(moved.late), quantile(moved.late, 0.99)
        gathered.add(f"{said}: latest", longest, "s", bar=LATE_BAR, better="less", note=note)
        gathered.add(f"{said}: 99th percentile late", late, "s", better="less", note=note)
        gathered.add(f"{said}: processors' time for each", costs[-1], "ms", better="less")
    name = f"cost for each contact, {SIZES[-1]:,} against {SIZES[0]:,}"
    if costs[0]:  # so few cost less at times than an idle installation's ups and downs
        gathered.add(name, costs[-1] / costs[0], "×", bar=COST_BAR, better="less")


def _moved(site: Site, count: int, *, idle: float, seconds: float, gathered: Gathered) -> Moved:
    lead = 1 + site.contacts / 8_000
    for _ in range(BUILDS):
        moved = _moved_after(lead, site, count, idle=idle, seconds=seconds, gathered=gathered)
        if moved is not None:
            return moved
        lead *= 2
    raise SystemExit(f"The segment took longer to build than {lead / 2:,.0f} s.")


def _moved_after(
    lead: float, site: Site, count: int, *, idle: float, seconds: float, gathered: Gathered
) -> Moved | None:
    """`lead`: seconds for building the segment before the first is due; None: they were too few."""
    begin = time.time() + lead
    due_at = _insert_events(count, begin=begin, seconds=seconds)
    window = {"kind": "before_ago", "amount": AFTER_MINUTES, "unit": "minute"}
    moved = None
    try:
        with segments({KEY: definition(event(TYPE, window=window))}) as [segment]:
            if time.time() <= begin:
                time.sleep(max(0.0, begin - time.time()))
                moved = _followed(site, segment.pk, due_at, idle=idle)
                # Their other segments never heard of these events.
                mistakes = float(check(site, contacts=list(due_at), segments=[segment.pk]))
                note = "of the contacts that were moved, in this segment"
                gathered.add("mistakes", mistakes, "", bar=0, better="less", note=note)
    finally:
        _erase_events()
    wait_until_settled()
    return moved


def _followed(site: Site, segment_id: int, due_at: dict[int, float], *, idle: float) -> Moved:
    from django.db import connection

    connection.ensure_connection()
    own = connection.connection.info.backend_pid
    coming = sorted(due_at, key=due_at.__getitem__, reverse=True)
    late: list[float] = []
    awaited: set[int] = set()
    begun, before, own_before = time.monotonic(), site.processes.cpu().total(), _cpu_of(own)
    patience = time.time() + max(due_at.values()) - min(due_at.values()) + PATIENCE
    while coming or awaited:
        looked = time.monotonic()
        while coming and due_at[coming[-1]] <= time.time():
            awaited.add(coming.pop())
        found = _members(segment_id, awaited) if awaited else []
        now = time.time()
        late += [now - due_at[contact_id] for contact_id in found]
        awaited.difference_update(found)
        if now > patience:
            raise SystemExit(f"{len(awaited)} contacts were not moved by time.")
        time.sleep(max(0.0, EVERY - (time.monotonic() - looked)))
    # What these looks have cost is not the installation's.
    spent = site.processes.cpu().total() - before - (_cpu_of(own) - own_before)
    return Moved(late, max(0.0, spent - idle * (time.monotonic() - begun)))


def _members(segment_id: int, among: set[int]) -> list[int]:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id FROM segments_membership
            WHERE contact_id = ANY(%s) AND segment_id = %s
            """,
            [list(among), segment_id],
        )
        return [contact_id for (contact_id,) in cursor.fetchall()]


def _cpu_of(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _insert_events(count: int, *, begin: float, seconds: float) -> dict[int, float]:
    """One event each; answers by contact when it is so old that it moves its contact."""
    from django.db import connection

    from events.models import EventType

    event_type, _ = EventType.objects.get_or_create(key=TYPE)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event (contact_id, message_id, type_id, occurred_at)
            SELECT id, 'bench-deadline-' || n, %(type)s,
                to_timestamp(%(begin)s + %(seconds)s::float8 * n / %(count)s)
                    - make_interval(mins => %(minutes)s)
            FROM (
                SELECT id, row_number() OVER () AS n
                FROM (SELECT id FROM contacts_contact ORDER BY random() LIMIT %(count)s) drawn
            ) c
            RETURNING contact_id,
                extract(epoch FROM occurred_at + make_interval(mins => %(minutes)s))::float8
            """,
            {
                "type": event_type.pk,
                "begin": begin,
                "seconds": seconds,
                "count": count,
                "minutes": AFTER_MINUTES,
            },
        )
        return dict(cursor.fetchall())


def _erase_events() -> None:
    """Past the engine, which follows nothing that mentions them any more."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM events_event
            WHERE type_id = (SELECT id FROM events_eventtype WHERE key = %s)
            """,
            [TYPE],
        )


def _idle_rate(site: Site, *, seconds: float) -> float:
    """Seconds of processors' time in a second in which nothing happens."""
    before = site.processes.cpu().total()
    time.sleep(seconds)
    return (site.processes.cpu().total() - before) / seconds


def _add_idle(gathered: Gathered, stage: Stage, site: Site) -> None:
    seconds = 20.0 if stage.scale >= QUICK_SCALE else 1.0
    without = [100 * _idle_rate(site, seconds=seconds) for _ in range(stage.runs)]
    number = _insert_waiting(int(WAITING * stage.scale))
    try:
        with_them = [100 * _idle_rate(site, seconds=seconds) for _ in range(stage.runs)]
    finally:
        _remove_waiting()
    unit = "% of a processor"
    note = f"{number:,} deadlines, {seconds:.0f} s each"
    for none, many in zip(without, with_them, strict=True):
        gathered.add("idle, without them", none, unit, better="less")
        gathered.add("idle, 10 million (× scale) future deadlines", many, unit, better="less")
        gathered.add("what these cost", many - none, unit, bar=IDLE_BAR, better="less", note=note)
    note = "of one contact; nobody is moved here"
    mistakes = float(check(site, contacts=[site.first_contact_id]))
    gathered.add("mistakes, idle", mistakes, "", bar=0, better="less", note=note)


def _insert_waiting(number: int) -> int:
    """Far in the future, for segments and contacts that are there; answers how many."""
    from django.db import connection

    from segments.models import Segment

    inserted = 0
    with connection.cursor() as cursor:
        for segment_id in Segment.objects.filter(status="live").values_list("pk", flat=True):
            cursor.execute(
                """
                INSERT INTO segments_deadline (contact_id, segment_id, due_at)
                SELECT id, %s, %s::timestamptz + random() * interval '2 years'
                FROM contacts_contact ORDER BY id LIMIT %s
                ON CONFLICT DO NOTHING
                """,
                [segment_id, WAITING_FROM, number - inserted],
            )
            inserted += cursor.rowcount
            if inserted >= number:
                break
        cursor.execute("VACUUM (ANALYZE) segments_deadline")
        cursor.execute("CHECKPOINT")
    return inserted


def _remove_waiting() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM segments_deadline WHERE due_at >= %s", [WAITING_FROM])
        cursor.execute("VACUUM (ANALYZE) segments_deadline")
