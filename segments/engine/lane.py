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
from segmentflow.limits import was_cancelled
from segments.engine import locks
from segments.engine.biting import Both, bite
from segments.engine.swap import swap
from segments.engine.travelling import travels_to
from segments.models import Rebuild

logger = logging.getLogger(__name__)

LEAST, MOST = 5_000, 100_000
"""Contacts evaluated in one transaction: as many as take about BITE_SECONDS."""
FEWEST = 250
"""Where even the least takes too long."""
BITE_SECONDS = 0.5
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


def advance_rebuilds(*, now: datetime, both: Both | None = None) -> bool:
    """One bite or one swap of the oldest rebuild; False when there was nothing to do.

    The steps of a rebuild may be at different instants: what time has changed since a bite
    is looked at again in the swap. `both`: how halves of a bite are done at once, if they are.
    """
    rebuild = _next()
    return rebuild is not None and _advance(rebuild, now=now, both=both)


def _next() -> Rebuild | None:
    return Rebuild.objects.filter(state=Rebuild.State.BUILDING).order_by("pk").first()


def _advance(rebuild: Rebuild, *, now: datetime, both: Both | None) -> bool:
    """One bite, or the swap when all are done. False: somebody else has the lane."""
    try:
        if rebuild.last_contact_id == 0:
            _let_others_end(rebuild.segment_id)
        with transaction.atomic():
            if not locks.try_rebuild_lane():
                return False
            _one_step(rebuild.pk, now=now, both=both)
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


def _one_step(rebuild_id: int, *, now: datetime, both: Both | None) -> None:
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
    bite(rebuild, after=rebuild.last_contact_id, to=last, now=now, both=both)
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


def _fail(rebuild: Rebuild, error: str) -> None:
    """The old members stay whole."""
    Rebuild.objects.filter(pk=rebuild.pk, state=Rebuild.State.BUILDING).update(
        state=Rebuild.State.FAILED, error=error, ended_at=Now()
    )
