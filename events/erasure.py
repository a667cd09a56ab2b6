"""Forgetting the events of contacts that are erased."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection

from events.attributes import without_samples
from events.models import EventType
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


def erase_events(contact_ids: Sequence[int]) -> None:
    """Runs in the transaction that erases the contacts."""
    carried = drop_events(contact_ids)
    # In order, so that two requests cannot wait for each other.
    types = EventType.objects.filter(pk__in=carried).order_by("id").select_for_update(no_key=True)
    for event_type in types:
        known = without_samples(event_type.attributes, map(_decode, carried[event_type.pk]))
        if known is not None:
            EventType.objects.filter(pk=event_type.pk).update(attributes=known)


def drop_events(contact_ids: Sequence[int]) -> Mapping[int, list[Any]]:
    """Delete them, and answer what those of each type carried, as JSON."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            DELETE FROM events_event WHERE contact_id = ANY(%s)
            RETURNING type_id, occurred_at, attributes::text
            """,
            [list(contact_ids)],
        )
        rows = cursor.fetchall()
    add_many((TallySubject.EVENTS, type_id, at, -1) for type_id, at, _ in rows)
    carried: dict[int, list[Any]] = defaultdict(list)
    for type_id, _, attributes in rows:
        carried[type_id].append(attributes)
    return carried
