"""For how long moves are kept: setting it, what that means, and from when on the log is whole."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import connection, transaction

from contacts.problems import Problem, Refused
from segmentflow.audit.recording import record
from segmentflow.models import TallySubject
from segmentflow.months import MOST_MONTHS, kept_from
from segments.keeping.models import MoveRetention
from segments.wakes import wake_erasing

MOVES = "moves of segments"
"""As the audit log calls them."""
AFRESH = {"is_paused": False, "erasing_before": None}


@dataclass(frozen=True, slots=True)
class Foretold:
    """What a time would erase now."""

    before: datetime
    moves: int


def current_retention() -> MoveRetention:
    return MoveRetention.objects.first() or MoveRetention()


def logged_since() -> datetime | None:
    """From when on all moves are in the log; None: none was ever erased."""
    one = current_retention()
    return one.whole_from if one.erased else None


@transaction.atomic
def keep_moves_for(*, months: int | None) -> None:
    """Have older moves erased; None keeps them for ever. What is erased stays so."""
    if months is not None and not 1 <= months <= MOST_MONTHS:
        said = f"Choose from 1 to {MOST_MONTHS} months."
        raise Refused([Problem("months", "out_of_range", said)])
    before = current_retention().months
    MoveRetention.objects.update_or_create(pk=1, defaults={"months": months, **AFRESH})
    changes = {"months kept": [before or "for ever", months or "for ever"]}
    record(action="changed", kind="retention", name=MOVES, changes=changes)
    transaction.on_commit(wake_erasing)


@transaction.atomic
def pause_erasing_moves(*, is_paused: bool) -> None:
    """Stop it after the bite it is at, or let it go on from there."""
    MoveRetention.objects.update(is_paused=is_paused)
    record(action="paused" if is_paused else "resumed", kind="retention", name=MOVES)
    transaction.on_commit(wake_erasing)


def foretell_moves(*, months: int, now: datetime, zone: ZoneInfo) -> Foretold:
    """From what is counted, so it takes no time however many there are.

    Each who left before has entered before, too; both go.
    """
    before = kept_from(months, now=now, zone=zone)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT COALESCE(2 * sum(amount), 0)::bigint
            FROM (
                SELECT at, amount FROM segmentflow_tally WHERE subject = %(left)s
                UNION ALL
                SELECT at, amount FROM segmentflow_freshtally WHERE subject = %(left)s
            ) AS counted
            WHERE at < %(before)s AND (%(since)s::timestamptz IS NULL OR at >= %(since)s)
            """,
            {
                "left": int(TallySubject.LEFT),
                "before": before,
                "since": current_retention().erased_before,
            },
        )
        return Foretold(before, cursor.fetchone()[0])
