"""Erasing the events that are kept no longer, bite by bite, behind everything that is live.

Contacts are gone through in order of their ids by the index event_by_contact, so a pass
needs no index of its own. With its events, a bite commits the marks of their contacts, the
counts, and how far it has come.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from django.db import connection

from contacts.changes import Change, Kind, record_changes
from contacts.locks import keep_rows_of
from contacts.retrying import in_transaction
from events.keys import is_same
from events.locks import try_lane
from events.models import Retention
from segmentflow.clock import workspace_zone
from segmentflow.models import TallySubject
from segmentflow.months import kept_from
from segmentflow.tallies import add_many, drop_empty, total_before

BITE: Final = 2_000
"""Events erased in one transaction."""
RANGE: Final = 50_000
"""Events whose places in the index are passed over in one transaction."""
LAST_ID: Final = 2**63 - 1

Key = tuple[int, str]


def is_erasing_due(*, now: datetime) -> bool:
    """Whether a pass is to be begun or goes on."""
    waiting = list(Retention.objects.filter(is_paused=False))
    zone = workspace_zone() if waiting else None
    return zone is not None and any(_is_due(one, now=now, zone=zone) for one in waiting)


@in_transaction
def advance_erasing(*, now: datetime) -> bool:
    """One step of the first pass that is due; False: none is, or another worker is at it."""
    if not try_lane():
        return False
    zone = workspace_zone()
    held = Retention.objects.select_for_update(of=("self",)).select_related("event_type")
    waiting = held.filter(is_paused=False).order_by("pk")
    one = next((one for one in waiting if _is_due(one, now=now, zone=zone)), None)
    if one is None:
        return False
    if one.erasing_before is None:
        _begin(one, kept_from(one.months, now=now, zone=zone))
    else:
        _step(one, one.erasing_before)
    one.save()
    return True


def _is_due(one: Retention, *, now: datetime, zone: ZoneInfo) -> bool:
    if one.erasing_before is not None or one.erased_before is None:
        return True
    return kept_from(one.months, now=now, zone=zone) > one.erased_before


def _begin(one: Retention, before: datetime) -> None:
    """Most days there is nothing, which the counts tell without a look at any event."""
    one.position = one.erased = 0
    one.total = total_before(TallySubject.EVENTS, one.event_type_id, before)
    if one.total > 0:
        one.erasing_before = before
    else:
        one.erased_before = before


def _step(one: Retention, before: datetime) -> None:
    end = _end_of_range(one.position)
    keys = _old_events(one, before, end)
    if keys:
        one.erased += _erase(one, keys)
    if len(keys) == BITE:
        one.position = keys[-1][0] - 1  # there may be more of this contact
    elif end is not None:
        one.position = end
    else:
        drop_empty(TallySubject.EVENTS, one.event_type_id, before=before)
        one.erased_before, one.erasing_before = before, None


def _end_of_range(after: int) -> int | None:
    """The contact to go to; None when all the rest are few enough."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id FROM events_event
            WHERE contact_id > %s
            ORDER BY contact_id
            OFFSET %s LIMIT 1
            """,
            [after, RANGE],
        )
        row = cursor.fetchone()
        return row[0] if row else None


def _old_events(one: Retention, before: datetime, end: int | None) -> list[Key]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id, message_id FROM events_event
            WHERE contact_id > %s AND contact_id <= %s AND type_id = %s AND occurred_at < %s
            ORDER BY contact_id
            LIMIT %s
            """,
            [one.position, LAST_ID if end is None else end, one.event_type_id, before, BITE],
        )
        return list(cursor.fetchall())


def _erase(one: Retention, keys: Sequence[Key]) -> int:
    """How many there still were; events that are moved to another contact meanwhile stay."""
    keep_rows_of(contact_id for contact_id, _ in keys)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            DELETE FROM events_event e
            USING unnest(%s::bigint[], %s::text[]) AS old (contact_id, message_id)
            WHERE {is_same("e", "old.contact_id", "old.message_id")}
            RETURNING e.contact_id, e.occurred_at
            """,
            [[contact_id for contact_id, _ in keys], [message_id for _, message_id in keys]],
        )
        erased = cursor.fetchall()
    key = one.event_type.key
    record_changes(Change(contact_id, Kind.ERASED, key, at) for contact_id, at in erased)
    add_many((TallySubject.EVENTS, one.event_type_id, at, -1) for _, at in erased)
    return len(erased)
