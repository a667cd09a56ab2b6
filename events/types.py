"""The types of events while a batch is stored: looked up, registered, and what they carry."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.db import connection

from events.attributes import Known, discover
from events.models import EventType


@dataclass(frozen=True, slots=True)
class KnownType:
    id: int
    key: str
    value_attribute: str
    attributes: Known
    kept_months: int | None
    """None: for ever."""


def find_types(keys: Iterable[str]) -> dict[str, KnownType]:
    rows = EventType.objects.filter(key__in=set(keys)).order_by()
    return {
        key: KnownType(type_id, key, *known)
        for type_id, key, *known in rows.values_list(
            "id", "key", "value_attribute", "attributes", "retention__months"
        )
    }


def register_types(keys: Iterable[str]) -> None:
    """Types seen for the first time; others may be registering them as well."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO events_eventtype
                (key, label, description, origin, value_attribute, value_is_filled, attributes)
            SELECT key, '', '', 'customer', '', true, '{}'
            FROM unnest(%s::text[]) AS key
            ON CONFLICT DO NOTHING
            """,
            [sorted(set(keys))],
        )


def note_attributes(
    types: Mapping[str, KnownType], events: Iterable[tuple[str, Mapping[str, Any]]]
) -> None:
    """Remember attributes, types of values and samples that were not known."""
    sent: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for key, attributes in events:
        sent[key].append(attributes)
    new = {key for key, seen in sent.items() if discover(types[key].attributes, seen) is not None}
    if not new:
        return
    # In order, so that two requests cannot wait for each other.
    rows = EventType.objects.filter(key__in=new).order_by("id").select_for_update(no_key=True)
    for row in rows:
        # Others may have added theirs before the row was held.
        found = discover(row.attributes, sent[row.key])
        if found is not None:
            EventType.objects.filter(pk=row.pk).update(attributes=found)
