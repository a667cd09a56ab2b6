"""Changes of types in the background, a bite of contacts at a time; each is one transaction."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import connection

from contacts.locks import share_fields
from contacts.retrying import in_transaction
from contacts.retyping.checking import check_rows, most_frequent
from contacts.retyping.models import FieldChange, OldValue
from contacts.retyping.settling import LOST, read_held, settle
from contacts.retyping.turning import turn

BITE: Final = 5_000
"""Contacts in one transaction."""
TIDY_BITE: Final = 20_000
KEPT: Final = timedelta(days=30)
"""How long values that were removed can be taken away as a file."""

State = FieldChange.State
AT_WORK: Final = (State.CHECKING, State.CONFIRMING, State.CONVERTING, State.UNDOING)
ENDED: Final = (State.DONE, State.CANCELLED)


def advance_changes(*, now: datetime) -> bool:
    """One step of the oldest change; False when there was nothing to do."""
    for pk in FieldChange.objects.filter(state__in=AT_WORK).order_by("pk").values_list("pk"):
        if advance(*pk, now=now):
            return True
    return _tidy(now=now)


def is_work(*, now: datetime) -> bool:
    changes = FieldChange.objects.filter(state__in=AT_WORK)
    return changes.exists() or _untidy(now=now).exists()


def advance(pk: int, *, now: datetime) -> bool:
    """A bite, or what comes after the last one. False: somebody else is at it, or it has ended."""
    is_over = _bite(pk, now=now)
    if is_over and (change := FieldChange.objects.filter(pk=pk, state=State.CONFIRMING).first()):
        turn(change, now=now)
    return is_over is not None


@in_transaction
def _bite(pk: int, *, now: datetime) -> bool | None:
    """Whether no contacts were left; None when there is nothing to do."""
    share_fields()
    held = FieldChange.objects.select_for_update(skip_locked=True, of=("self",))
    change = held.select_related("field").filter(pk=pk, state__in=AT_WORK).first()
    if change is None:
        return None
    last, count = _end_of_bite(change.position)
    if last is None:
        _end(change, now=now)
        change.save()
        return True
    where, params = "c.id > %s AND c.id <= %s", [change.position, last]
    if change.state in (State.CHECKING, State.CONFIRMING):
        check_rows(change, where, params)
    else:
        fit, unfit = settle(change, read_held(change, where, params))
        change.fit, change.unfit = change.fit + fit, change.unfit + unfit
    change.position, change.seen = last, change.seen + count
    change.total = max(change.total, change.seen)
    change.save()
    return False


def _end_of_bite(after: int) -> tuple[int | None, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT max(id), count(*) FROM (
                SELECT id FROM contacts_contact WHERE id > %s ORDER BY id LIMIT %s
            ) bite
            """,
            [after, BITE],
        )
        last, count = cursor.fetchone()
        return last, count


def _end(change: FieldChange, *, now: datetime) -> None:
    """Confirmed, it waits for its turn, which needs other locks than a bite."""
    match change.state:
        case State.CHECKING:
            change.problems, change.kinds = most_frequent(change)
            change.state = State.READY
        case State.CONFIRMING if change.unfit:
            change.problems, change.kinds = most_frequent(change)
            change.note = "Meanwhile some contacts got values that do not convert."
            stop_confirming(change)
        case State.CONVERTING:
            # Some were converted by who evaluated them, and others erased since.
            change.unfit = OldValue.objects.filter(change=change, is_removed=True).count()
            change.state, change.ended_at = State.DONE, now
            change.examples, change.problems = [], []
        case State.UNDOING:
            change.state, change.ended_at = State.CANCELLED, now
            change.examples, change.problems = [], []


def stop_confirming(change: FieldChange) -> None:
    """From here on the field takes any value of its type again."""
    change.field.becoming = None
    change.field.save(update_fields=["becoming"])
    change.state = State.READY


def _untidy(*, now: datetime) -> Any:
    """Ended ones that still have rows nobody needs."""
    ended = FieldChange.objects.filter(state__in=ENDED)
    return ended.filter(has_rows=True) | ended.filter(
        ended_at__lt=now - KEPT, old_values__isnull=False
    )


@in_transaction
def _tidy(*, now: datetime) -> bool:
    """Drop what was kept to put values back; what was removed is kept for a month."""
    change = _untidy(now=now).order_by("pk").first()
    if change is None:
        return False
    is_old = change.ended_at is None or change.ended_at < now - KEPT
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM contacts_oldvalue WHERE (contact_id, change_id) IN (
                SELECT contact_id, change_id FROM contacts_oldvalue
                WHERE change_id = %s AND (%s OR NOT (is_removed OR COALESCE(after = %s, false)))
                LIMIT %s
            )
            """,
            [change.pk, is_old, LOST, TIDY_BITE],
        )
        if cursor.rowcount < TIDY_BITE:
            FieldChange.objects.filter(pk=change.pk).update(has_rows=False)
    return True
