"""What every page about one segment shows, and finding the segment it is about."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.shortcuts import get_object_or_404
from django.utils.dateparse import parse_date

from segmentflow.htmx import HtmxHttpRequest
from segmentflow.models import User
from segments.activity import FIRST_DAY, LAST_DAY
from segments.models import Segment
from segments.selectors import describe_one
from segments.standing import standing

SECTION = "segments"
SEE = ("segments.view_segment",)
SEE_MEMBERS = (*SEE, "segments.view_membership", "contacts.view_contact")
SEE_ACTIVITY = (*SEE, "segments.view_transition", "contacts.view_contact")
SEE_VERSIONS = (*SEE, "segments.view_segmentversion")

LONGEST_SEARCH = 200


def segment_of(key: str) -> Segment:
    return get_object_or_404(Segment.objects.select_related("owner"), key=key)


def segment_context(segment: Segment) -> dict[str, Any]:
    described = describe_one(segment)
    return {
        "section": SECTION,
        "segment": segment,
        "described": described,
        "standing": standing(described),
    }


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    """What was typed into a search; a database takes no NUL."""
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def day_of(request: HtmxHttpRequest, name: str) -> date | None:
    """A day of the calendar; anything else means none."""
    try:
        found = parse_date(request.GET.get(name, ""))
    except ValueError:
        return None
    return found if found and FIRST_DAY <= found <= LAST_DAY else None


def number_of(text: str | None) -> int | None:
    """A number from an address; anything else means none."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)


def person(request: HtmxHttpRequest) -> User:
    """Who asks; `needs` let nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101 - says so to the type checker
    return request.user
