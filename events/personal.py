"""What one contact did, for the file of all that is known about a person."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from contacts.models import Contact
from contacts.personal import Section
from events.timeline import Place, timeline, types_of_contact
from segmentflow.api.rendering import as_text

BITE: Final = 1_000
"""Events read at once."""


def read_all_events(contact: Contact) -> Iterator[dict[str, Any]]:
    """Every event, the newest first, in bites: many need little memory and no long transaction."""
    types = types_of_contact(contact)
    place: Place | None = None
    while bite := timeline(contact=contact, types=types, before=place, limit=BITE):
        for event in bite:
            yield {
                "type": event.type.key,
                "label": str(event.type),
                "occurred_at": as_text(event.occurred_at),
                "received_at": as_text(event.received_at),
                "message_id": event.message_id,
                "attributes": event.attributes,
            }
        place = Place(bite[-1].occurred_at, bite[-1].message_id)


EVENTS = Section(
    "events",
    read_all_events,
    ("events.event",),
    ("events.view_event", "events.view_eventtype"),
)
