"""The stream of changes: pending marks and due deadlines become memberships.

One transaction for some buckets of contacts: it takes the marks, evaluates, stores the
differences, and removes the marks with the same commit.
"""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence, Set
from datetime import datetime

from django.db import connection, transaction

from contacts.changes import BUCKETS
from contacts.locks import try_buckets
from contacts.retyping.settling import hold_values
from events.locks import share_values
from segmentflow.arrays import numbers
from segmentflow.clock import workspace_zone
from segmentflow.counting import store_when_due
from segments.engine import locks
from segments.engine.affected import Causes, Look, Target, affected, targets
from segments.engine.deadlines import buckets_with_due, drop_deadlines, due_pairs
from segments.engine.evaluate import Difference
from segments.engine.facts import current_facts, load_definitions
from segments.engine.noted import note_lateness, note_waits
from segments.engine.pending import (
    Lane,
    Mark,
    claim_marks,
    lanes_with_marks,
    newest_mark,
    put_back,
)
from segments.engine.prepared import go_easy
from segments.engine.statements import Asked
from segments.engine.store import Cause, store
from segments.engine.struggling import evaluated
from segments.engine.turning import note_time

A_LOT = 300
"""Marks, of which two workers are done sooner than one."""

Looks = Mapping[Target, Look]
Building = Mapping[int, int]
"""By segment, the rebuild that is under way."""


def refresh_pending(*, now: datetime) -> int:
    """One pass over the marks that are there now and the deadlines that are due.

    Of the marks that imports leave by the thousand it takes one bite: what changes meanwhile is
    next, at an instant of its own. Answers how many marks and deadlines it dealt with; 0 means that nothing is left, or
    that others are busy with the rest.
    """
    note_time(now=now)
    done = follow_pending(now=now)
    store_when_due(now=now)
    return done


def follow_pending(*, now: datetime) -> int:
    """The pass itself, for those who have told the engine's clock, or must not."""
    done = 0
    newest = newest_mark()
    if newest is not None:
        lanes = lanes_with_marks(newest=newest)
        done += _follow_live([lane for lane in lanes if not lane.is_bulk], newest=newest, now=now)
        bulk = (
            _follow_marks([lane.bucket], is_bulk=True, newest=newest, now=now)
            for lane in lanes
            if lane.is_bulk
        )
        done += next(filter(None, bulk), 0)
    if due := buckets_with_due(now=now):
        done += _meet_deadlines(due, now=now)
    return done


def _follow_live(lanes: list[Lane], *, newest: int, now: datetime) -> int:
    """All buckets at once, for sets are what is cheap; when there is a lot, half of them each
    time, so that another worker has something to do too."""
    if not lanes:
        return 0
    is_a_lot = newest - min(lane.oldest for lane in lanes) > A_LOT
    share = -(-BUCKETS // 2) if is_a_lot else BUCKETS
    buckets = [lane.bucket for lane in lanes]
    return sum(
        _follow_marks(buckets[begin : begin + share], is_bulk=False, newest=newest, now=now)
        for begin in range(0, len(buckets), share)
    )


@transaction.atomic
def _follow_marks(buckets: Sequence[int], *, is_bulk: bool, newest: int, now: datetime) -> int:
    held = try_buckets(buckets)
    if not held:
        return 0
    began = time.monotonic()
    marks = claim_marks(buckets=held, is_bulk=is_bulk, newest=newest)
    looks, busy, building = _locked_looks(marks)
    _touch(
        (contact, target.rebuild_id)
        for target, look in looks.items()
        if target.rebuild_id is not None and target not in busy
        for contact in look.contact_ids
    )
    later = {contact for target in busy for contact in looks[target].contact_ids}
    postponed = [mark for mark in marks if mark.contact_id in later]
    put_back(postponed, is_bulk=is_bulk)
    dealt_with = [mark for mark in marks if mark.contact_id not in later] if later else marks
    note_waits(dealt_with, is_bulk=is_bulk, now=now, began=began)
    live = {t: look for t, look in looks.items() if t.rebuild_id is None and t not in busy}
    causes = Causes(marks)
    refs = {target.segment_id: look.refs for target, look in live.items()}
    found = _followed(
        live, now=now, cause_of=lambda contact, segment: causes.of(contact, refs[segment])
    )
    _touch_moved(found, building)
    return len(marks) - len(postponed)


def _locked_looks(marks: list[Mark]) -> tuple[Looks, set[Target], Building]:
    """What to look at, which of these segments are being swapped just now, and what is built."""
    known = targets()
    looks = affected(marks, known)
    # Also of what is only being built: whom we touch, the swap must see.
    free = locks.try_share({target.segment_id for target in looks})
    # A swap may have ended in between: what is live is read again, now that it cannot change.
    if (now_known := targets()) != known:
        looks = affected(marks, now_known)
    busy = {target for target in looks if target.segment_id not in free}
    return looks, busy, _building(now_known)


@transaction.atomic
def _meet_deadlines(buckets: Sequence[int], *, now: datetime) -> int:
    held = try_buckets(buckets)
    if not held:
        return 0
    began = time.monotonic()
    by_segment: dict[int, set[int]] = defaultdict(set)
    due = due_pairs(buckets=held, now=now)
    for contact_id, segment_id, _ in due:
        by_segment[segment_id].add(contact_id)
    free = locks.try_share(by_segment)
    known = targets()
    live = {target.segment_id: target for target in known if target.rebuild_id is None}
    met = [due_at for _, segment_id, due_at in due if segment_id in free & live.keys()]
    note_lateness(met, now=now, began=began)
    drop_deadlines(
        [(contact, segment) for segment in free - live.keys() for contact in by_segment[segment]]
    )
    looks = {live[segment]: Look(either=by_segment[segment]) for segment in free & live.keys()}
    found = _followed(
        looks, now=now, cause_of=lambda _contact, _segment: {"kind": "time"}, are_due=True
    )
    _touch_moved(found, _building(known))
    return sum(len(by_segment[segment]) for segment in free)


def _followed(
    looks: Looks,
    *,
    now: datetime,
    cause_of: Callable[[int, int], Cause],
    are_due: bool = False,
) -> list[Difference]:
    """Evaluate live segments and store what has changed."""
    if not looks:
        return []
    go_easy()
    share_values()
    hold_values({contact_id for look in looks.values() for contact_id in look.contact_ids})
    # After the segments' locks: a change of zone has them computed anew once these are released.
    zone = workspace_zone()
    definitions = load_definitions((target.version_id for target in looks), zone=zone)
    facts = current_facts((definition.group for definition in definitions.values()), zone=zone)
    members = _members(looks)
    asked = [
        Asked(definitions[target.version_id], wanted, members[target.segment_id], are_due)
        for target, look in looks.items()
        if (wanted := _wanted(look, members[target.segment_id]))
    ]
    found = evaluated(asked, facts=facts, now=now)
    store(found, now=now, cause_of=cause_of)
    return found


def _wanted(look: Look, members: Set[int]) -> set[int]:
    """Whom to evaluate: what can only let contacts in concerns those outside."""
    return look.either | (look.up - members) | (look.down & members)


def _members(looks: Looks) -> dict[int, set[int]]:
    """Segment -> those of the contacts in question who are members."""
    contact_ids = set().union(*(look.contact_ids for look in looks.values()))
    members: dict[int, set[int]] = defaultdict(set)
    with connection.cursor() as cursor:
        # Joined: two lists would be combined, and each pair of a contact and a segment looked for.
        cursor.execute(
            """
            SELECT m.segment_id, array_agg(m.contact_id)
            FROM unnest(%s::bigint[]) AS looked_at (contact_id)
            JOIN segments_membership m USING (contact_id)
            WHERE m.segment_id = ANY(%s::bigint[])
            GROUP BY m.segment_id
            """,
            [numbers(contact_ids), numbers(target.segment_id for target in looks)],
        )
        for segment_id, theirs in cursor.fetchall():
            members[segment_id] = set(theirs)
    return members


def _building(known: Iterable[Target]) -> Building:
    return {
        target.segment_id: target.rebuild_id for target in known if target.rebuild_id is not None
    }


def _touch_moved(found: Iterable[Difference], building: Building) -> None:
    """A rebuild compares with what is stored, so it must know where that has changed since."""
    if building:
        _touch(
            (row.contact_id, building[row.segment_id])
            for row in found
            if row.segment_id in building
        )


def _touch(contacts: Iterable[tuple[int, int]]) -> None:
    """Have rebuilds look at these contacts once more before their swap."""
    pairs = list(contacts)
    if not pairs:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_touched (contact_id, rebuild_id)
            SELECT * FROM unnest(%s::bigint[], %s::bigint[])
            ON CONFLICT DO NOTHING
            """,
            [numbers(contact for contact, _ in pairs), numbers(rebuild for _, rebuild in pairs)],
        )
