"""The live feed: what arrives, as it arrives."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe
from django.views.decorators.vary import vary_on_headers

from contacts.identities import find_owners, identity_key
from contacts.models import Contact
from contacts.rows import IDENTITIES
from events.feed import FeedEntry, events_in_last, newest_events
from events.models import EventType
from events.views.asked import SECTION, cursor_of, cursor_text, id_of, searched
from events.views.shown import shown_events
from segmentflow.htmx import HtmxHttpRequest, needs, page_or_part
from segmentflow.keyset import Page, keyset_page

PAGE = "events/event_feed.html"
SEE = ("events.view_event", "events.view_eventtype", "contacts.view_contact")
EVENTS_A_PAGE = 50


@require_safe
@vary_on_headers("HX-Request")
@needs(*SEE)
def event_feed(request: HtmxHttpRequest) -> HttpResponse:
    types = EventType.objects.defer("attributes")
    type_id, contact_id = id_of(request, "type"), id_of(request, "contact")
    who = searched(request, "who")
    if who:
        contact_id = _known_by(who)
    type_ = get_object_or_404(types, pk=type_id) if type_id is not None else None
    contact = get_object_or_404(Contact, pk=contact_id) if contact_id is not None else None
    is_nobody = bool(who) and contact is None
    page = _page(request, type_, contact, is_nobody=is_nobody)
    context: dict[str, Any] = {
        "section": SECTION,
        "page": page,
        "events": shown_events(page.rows),
        "last_minute": events_in_last(1),
        "types": sorted(types, key=lambda one: str(one).casefold()),
        "type": type_,
        "contact": contact,
        "who": who,
        "is_nobody": is_nobody,
    }
    return render(request, page_or_part(request, PAGE, "feed"), context)


def _known_by(text: str) -> int | None:
    """The contact with this email, phone or external id."""
    found = find_owners(identity_key(kind, text) for kind in IDENTITIES)
    return next(iter(found.values()), None)


def _page(
    request: HtmxHttpRequest, type_: EventType | None, contact: Contact | None, *, is_nobody: bool
) -> Page[FeedEntry]:
    def read(cursor: str | None, backwards: bool, limit: int) -> list[FeedEntry]:  # noqa: FBT001 - as keyset.Read says
        if is_nobody:
            return []
        place = cursor_of(cursor)
        return newest_events(
            types=[type_.pk] if type_ else None,
            contact_id=contact.pk if contact else None,
            before=None if backwards else place,
            after=place if backwards else None,
            limit=limit,
        )

    return keyset_page(
        request.GET, read=read, cursor=lambda row: cursor_text(row.cursor), size=EVENTS_A_PAGE
    )
