"""Moving the events of a contact that is merged into another one."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from django.db import connection

from contacts.changes import Change, Kind
from events.erasure import drop_events
from events.filling import fill_contact
from events.keys import is_same
from events.models import EventType
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many
from segmentflow.templatetags.ui import count


def merge_events(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts, with the lock on types shared.

    An event that both have, by its message id, stays as the kept contact has it.
    """
    # Stored anew and not changed: contacts may lie on different machines.
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_event
                (contact_id, message_id, type_id, occurred_at, received_at, attributes, value)
            SELECT %s, message_id, type_id, occurred_at, received_at, attributes, value
            FROM events_event WHERE contact_id = %s
            ON CONFLICT DO NOTHING
            RETURNING type_id, occurred_at
            """,
            [keep, lose],
        )
        moved = cursor.fetchall()
    add_many((TallySubject.EVENTS, type_id, at, 1) for type_id, at in moved)
    newest: dict[int, datetime] = {}
    for type_id, at in moved:
        newest[type_id] = max(at, newest.get(type_id, at))
    drop_events([lose])
    types = EventType.objects.filter(pk__in=newest)
    for event_type in types:
        # Whoever fills values bite by bite may have passed the place they have now.
        if not event_type.value_is_filled:
            fill_contact(event_type=event_type, contact_id=keep)
    return [Change(keep, Kind.EVENT, one.key, newest[one.pk]) for one in types]


def events_foretold(keep: int, lose: int) -> list[str]:
    """How many events would move, and how many both have."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            WITH lost AS (SELECT message_id FROM events_event WHERE contact_id = %s)
            SELECT (SELECT count(*) FROM lost), count(*)
            FROM lost l JOIN events_event k ON {is_same("k", "%s", "l.message_id")}
            """,
            [lose, keep],
        )
        total, common = cursor.fetchone()
    said = [f"{count(total - common, 'event')} will be moved."]
    if common:
        said.append(f"{count(common, 'event')} that both have will be there once.")
    return said
