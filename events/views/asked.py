"""What the addresses of the events' pages ask for; a database takes no odd text."""

from __future__ import annotations

import base64
import binascii
from datetime import datetime

import msgspec
from django.http import Http404

from events.feed import Cursor
from segmentflow.htmx import HtmxHttpRequest

SECTION = "events"
LONGEST_SEARCH = 200
GREATEST_ID = 2**63 - 1

_read_place = msgspec.json.Decoder(tuple[datetime, datetime, int, str]).decode


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def id_of(request: HtmxHttpRequest, name: str) -> int | None:
    """The id in a parameter; what is none is a thing that does not exist."""
    text = request.GET.get(name, "")
    if not text:
        return None
    if not text.isascii() or not text.isdecimal() or len(text) > 19 or int(text) > GREATEST_ID:
        raise Http404
    return int(text)


def cursor_text(cursor: Cursor) -> str:
    """A place in the feed as a word of an address."""
    return base64.urlsafe_b64encode(msgspec.json.encode(tuple(cursor))).decode().rstrip("=")


def cursor_of(text: str | None) -> Cursor | None:
    """The place that such a word means; None for any other."""
    if not text or not text.isascii():
        return None
    try:
        place = Cursor(*_read_place(base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))))
    except (binascii.Error, ValueError):
        return None
    is_sound = (
        place.received_at.tzinfo
        and place.occurred_at.tzinfo
        and 0 < place.contact_id <= GREATEST_ID
        and "\0" not in place.message_id
    )
    return place if is_sound else None
