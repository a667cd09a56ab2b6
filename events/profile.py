"""What the page about a contact shows of events; registered in events/apps.py."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

import msgspec
from django.urls import reverse
from django.utils.http import urlencode

from contacts.models import Contact
from contacts.profile import Panel
from contacts.standing import Told, decisions_told, history
from contacts.values import is_storable
from events.feed import FeedEntry
from events.models import Event, EventType
from events.timeline import Place, timeline, types_of_contact
from events.views.shown import ShownEvent, shown_events
from segmentflow.keyset import Page, keyset_page
from segmentflow.templatetags.ui import count

EVENTS_A_PAGE = 50
TICK = timedelta(microseconds=1)
CONSENTS = "consents"
"""What the timeline is narrowed to in order to see decisions about consents alone."""

Row = FeedEntry | Told

_read_place = msgspec.json.Decoder(tuple[datetime, str]).decode


def read_events(contact: Contact, parameters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """One page of what it did; of one type only, when that is asked for."""
    types = types_of_contact(contact)
    wanted = parameters.get("type")
    chosen = next((type_ for type_ in types if str(type_.pk) == wanted), None)
    has_decisions = decisions_told(contact) > 0
    only_decisions = has_decisions and wanted == CONSENTS
    read_types = [] if only_decisions else [chosen] if chosen else types
    page = _page(contact, read_types, parameters, with_decisions=has_decisions and not chosen)
    return {
        "page": page,
        "events": [_shown(row) for row in page.rows],
        "types": types,
        "type": chosen,
        "has_decisions": has_decisions,
        "only_decisions": only_decisions,
        "choices": len(types) + has_decisions,
    }


def _shown(row: Row) -> ShownEvent | Told:
    return row if isinstance(row, Told) else shown_events([row])[0]


def events_lost(contact: Contact) -> list[str]:
    amount = Event.objects.filter(contact=contact).count()
    return [count(amount, "event")] if amount else []


def _page(
    contact: Contact,
    types: list[EventType],
    parameters: Mapping[str, str],
    *,
    with_decisions: bool,
) -> Page[Row]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[Row]:  # noqa: FBT001 - as keyset.Read says
        place = _place_of(cursor)
        side = {"after" if backwards else "before": place}
        found: list[Row] = []
        if types:
            found += timeline(contact=contact, types=types, limit=limit, **side)
        if with_decisions:
            found += history(contact, limit=limit, **side)
        is_rising = backwards and place is not None
        return sorted(found, key=_place, reverse=not is_rising)[:limit]

    return keyset_page(parameters, read=read, cursor=_as_cursor, size=EVENTS_A_PAGE)


def _place(row: Row) -> Place:
    if isinstance(row, Told):
        return Place(row.at, row.id)
    return Place(row.occurred_at, row.message_id)


def _as_cursor(row: Row) -> str:
    return _word_of(_place(row))


def _word_of(place: Place) -> str:
    """A place as a word of an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(tuple(place))).decode().rstrip("=")


def timeline_from(entry: FeedEntry) -> str:
    """The address of the timeline that begins with this event, among those of its type."""
    place = Place(entry.occurred_at + TICK, "")
    asked = urlencode({"type": str(entry.type.pk), "after": _word_of(place)})
    row = f"event-{entry.contact.pk}-{quote(entry.message_id, safe='')}"
    return f"{reverse('contact_detail', args=[entry.contact.pk])}?{asked}#{quote(row)}"


def _place_of(text: str | None) -> Place | None:
    """The place that such a word means; None for any other."""
    if not text or not text.isascii():
        return None
    try:
        place = Place(*_read_place(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    except (binascii.Error, ValueError):
        return None
    return place if place.occurred_at.tzinfo and is_storable(place.message_id) else None


TIMELINE = Panel(
    name="timeline",
    template="events/_timeline.html",
    read=read_events,
    needs=("events.view_event", "events.view_eventtype"),
    losses=events_lost,
    styles="css/events.css",
    is_main=True,
)
