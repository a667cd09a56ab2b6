"""What the pages of campaigns have in common."""

from __future__ import annotations

from typing import Final

from django.shortcuts import get_object_or_404

from campaigns.models import Campaign
from segmentflow.htmx import HtmxHttpRequest
from segmentflow.models import User

SECTION: Final = "campaigns"
SEE: Final = ("campaigns.view_campaign",)
CHANGE: Final = (*SEE, "campaigns.change_campaign")
SEND: Final = (*SEE, "campaigns.send_campaign")
SEE_PEOPLE: Final = (*SEE, "contacts.view_contact")
SEE_MESSAGES: Final = (*SEE_PEOPLE, "campaigns.view_message")

ICONS: Final = {"email": "mail", "sms": "message", "push": "bell"}
TONES: Final = {
    "draft": "neutral",
    "scheduled": "accent",
    "sending": "accent",
    "live": "good",
    "paused": "warn",
    "done": "neutral",
    "cancelled": "neutral",
}
LONGEST_SEARCH = 200


def campaign_of(pk: int) -> Campaign:
    return get_object_or_404(Campaign.objects.select_related("owner", "started_by"), pk=pk)


def searched(request: HtmxHttpRequest, name: str = "q") -> str:
    """What was typed into a search; a database takes no NUL."""
    return request.GET.get(name, "").replace("\0", "").strip()[:LONGEST_SEARCH]


def number_of(text: str | None) -> int | None:
    """A number from an address; anything else means none."""
    if not text or not text.isascii() or not text.isdecimal() or len(text) > 18:
        return None
    return int(text)


def person(request: HtmxHttpRequest) -> User:
    """Who asks; `needs` let nobody else in."""
    assert isinstance(request.user, User)  # noqa: S101 - says so to the type checker
    return request.user
