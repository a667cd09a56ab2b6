"""The lane of rebuilds: one bite of contacts after the other, beside the stream of changes.

Each bite is a transaction of its own, so a crash loses one bite. It stores where the answers
differ from the members and deadlines that there are: that is often next to nothing. Whoever
changes, or is moved by the stream of changes, meanwhile is noted (`Touched`) and looked at
again in the swap.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from datetime import datetime

from django.db import DataError, OperationalError, connection, transaction
from django.db.models.functions import Now

from contacts.locks import share_fields
from contacts.retyping.settling import hold_range
from events.locks import share_values
from segmentflow.citus.here import is_spread
from segmentflow.clock import workspace_zone
from segmentflow.limits import was_cancelled
from segments.conditions.sql.compiler import Compiled
from segments.engine import locks
from segments.engine.evaluate import compiled
from segments.engine.facts import current_facts, load_definitions
from segments.engine.near import near
from segments.engine.swap import swap
from segments.engine.travelling import travels_to
from segments.models import Rebuild

logger = logging.getLogger(__name__)

LEAST, MOST = 5_000, 100_000
"""Contacts evaluated in one transaction: as many as take about BITE_SECONDS."""
FEWEST = 250
"""Where even the least takes too long."""
BITE_SECONDS = 0.5
MANY = 0.25
"""Of the contacts: where fewer are left to look at, each is asked for by itself."""
SOME = 500
"""Contacts by which that is told."""
LONGEST_MS = 60_000
"""For one bite."""
TOO_SLOW = (
    "Looking at {:,} contacts took over a minute, and other segments wait for their turn."
    " Simplify its conditions, above all patterns and sequences."
)


class Pace:
    """How large bites are: the larger, the less is lost between them; the smaller, the sooner
    others have their turn."""

    def __init__(self) -> None:
        self.size = LEAST

    def note(self, seconds: float) -> None:
        """How long a bite of that size took."""
        if seconds < BITE_SECONDS / 2:
            self.size = min(2 * self.size, MOST)
        elif seconds > BITE_SECONDS:
            self.size = max(self.size // 2, LEAST)

    def shrink(self) -> bool:
        """After a bite that was given up. False: there is no smaller one."""
        if self.size <= FEWEST:
            self.size = LEAST
            return False
        self.size = max(min(self.size, LEAST) // 4, FEWEST)
        return True


pace = Pace()


def run_rebuilds(*, now: datetime, between: Callable[[], object] = lambda: None) -> int:
    """Run the rebuilds that wait, oldest first, calling `between` after each step.

    Answers the number of steps; 0 means that nothing waits, or that another worker is at it.
    """
    steps = 0
    while advance_rebuilds(now=now):
        between()
        steps += 1
    return steps


def advance_rebuilds(*, now: datetime) -> bool:
    """One bite or one swap of the oldest rebuild; False when there was nothing to do.

    The steps of a rebuild may be at different instants: what time has changed since a bite
    is looked at again in the swap.
    """
    rebuild = _next()
    return rebuild is not None and _advance(rebuild, now=now)


def _next() -> Rebuild | None:
    return Rebuild.objects.filter(state=Rebuild.State.BUILDING).order_by("pk").first()


def _advance(rebuild: Rebuild, *, now: datetime) -> bool:
    """One bite, or the swap when all are done. False: somebody else has the lane."""
    try:
        if rebuild.last_contact_id == 0:
            _let_others_end(rebuild.segment_id)
        with transaction.atomic():
            if not locks.try_rebuild_lane():
                return False
            _one_step(rebuild.pk, now=now)
    except DataError as problem:
        logger.error("rebuild of segment %s failed: %s", rebuild.segment.key, problem)
        _fail(rebuild, str(problem))
    except OperationalError as problem:
        if not was_cancelled(problem):
            raise
        size = pace.size
        if not pace.shrink():
            logger.error("rebuild of segment %s failed: it takes too long", rebuild.segment.key)
            _fail(rebuild, TOO_SLOW.format(size))
    return True


@transaction.atomic
def _let_others_end(segment_id: int) -> None:
    """Whoever moves contacts from here on knows of the rebuild, and touches them."""
    locks.hold(segment_id)


def _one_step(rebuild_id: int, *, now: datetime) -> None:
    seen = Rebuild.objects.get(pk=rebuild_id)
    last, count = _end_of_bite(seen.last_contact_id)
    if last is None:
        locks.hold_publishing()
        for segment_id in sorted([seen.segment_id, *travels_to(seen)]):
            locks.hold(segment_id)
    share_fields()  # before the row, which a change of a field's type cancels
    # Locked, so that a cancellation waits for the bite and a bite never follows one.
    rebuild = (
        Rebuild.objects.select_for_update().filter(pk=rebuild_id, state=Rebuild.State.BUILDING)
    ).first()
    if rebuild is None:
        return
    if last is None:
        swap(rebuild, now=now)
        return
    begun = time.monotonic()
    _bite(rebuild, after=rebuild.last_contact_id, to=last, now=now)
    pace.note(time.monotonic() - begun)
    Rebuild.objects.filter(pk=rebuild_id).update(last_contact_id=last, done=rebuild.done + count)


def _end_of_bite(after: int) -> tuple[int | None, int]:
    """The last contact of the next bite, None when there is nobody left; and how many they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(id), count(*) FROM (
                SELECT id FROM contacts_contact WHERE id > %s ORDER BY id LIMIT %s
            ) bite
            """,
            [after, pace.size],
        )
        last, count = cursor.fetchone()
        return last, count


def _bite(rebuild: Rebuild, *, after: int, to: int, now: datetime) -> None:
    share_values()
    hold_range(after=after, to=to)
    zone = workspace_zone()
    definition = load_definitions([rebuild.version_id], zone=zone)[rebuild.version_id]
    facts = current_facts([definition.group], zone=zone)
    parts = compiled(definition.group, facts=facts, now=now)
    only = "c.id BETWEEN %(first)s AND %(last)s"
    if _share(parts, after=after) > MANY:
        parts = compiled(definition.group, facts=facts, now=now, many=True)
    asked = {
        "first": after + 1,
        "last": to,
        "rebuild": rebuild.pk,
        "segment": rebuild.segment_id,
    }
    params = parts.params | asked
    differences = f"""
        SELECT contact_id, %(rebuild)s, COALESCE(answer.truth, false), answer.until
        FROM ({parts.rows(only=only)}) answer
        FULL JOIN (
            SELECT contact_id, listed, due_at
            FROM (
                SELECT contact_id, true AS listed FROM segments_membership
                WHERE segment_id = %(segment)s AND contact_id BETWEEN %(first)s AND %(last)s
            ) member
            FULL JOIN (
                SELECT contact_id, due_at FROM segments_deadline
                WHERE segment_id = %(segment)s AND contact_id BETWEEN %(first)s AND %(last)s
            ) deadline USING (contact_id)
        ) stored USING (contact_id)
        WHERE COALESCE(answer.truth, false) <> COALESCE(stored.listed, false)
            OR answer.until IS DISTINCT FROM stored.due_at
        """
    differences = near(differences, only=only, params=params)
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL statement_timeout TO {LONGEST_MS:d}")
        cursor.execute(
            f"""
            INSERT INTO segments_candidate (contact_id, rebuild_id, is_member, until)
            {differences}
            """,
            params,
        )
        cursor.execute("SET LOCAL statement_timeout TO DEFAULT")


def _share(parts: Compiled, *, after: int) -> float:
    """About which part of the contacts the conditions on fields alone let through."""
    if is_spread() or parts.prefilter == "true" or not parts.is_prefilter_alone:
        return 1.0
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT (count(*) FILTER (WHERE {parts.prefilter}))::float / GREATEST(count(*), 1)
            FROM (
                SELECT * FROM contacts_contact WHERE id > %(after)s ORDER BY id LIMIT %(some)s
            ) c
            """,
            parts.params | {"after": after, "some": SOME},
        )
        share: float = cursor.fetchone()[0]
        return share


def _fail(rebuild: Rebuild, error: str) -> None:
    """The old members stay whole."""
    Rebuild.objects.filter(pk=rebuild.pk, state=Rebuild.State.BUILDING).update(
        state=Rebuild.State.FAILED, error=error, ended_at=Now()
    )
