"""Reads about the built-in outbox."""

from __future__ import annotations

from django.db.models import QuerySet

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign
from contacts.models import Channel

WITHOUT = ("html", "text", "headers")
"""What a list does not read."""


def messages_found(
    *, words: str = "", channel: str = "", campaign: int | None = None, tests: bool = False
) -> QuerySet[OutboxMessage]:
    """By the beginning of an address, or part of a subject or of the campaign's name."""
    found = OutboxMessage.objects.defer(*WITHOUT)
    if channel in Channel.values:
        found = found.filter(channel=channel)
    if campaign is not None:
        found = found.filter(campaign_id=campaign)
    if tests:
        found = found.filter(is_test=True)
    if words:
        named = Campaign.objects.filter(name__icontains=words).values("pk")
        found = (
            found.filter(address__istartswith=words)
            | found.filter(subject__icontains=words)
            | found.filter(campaign_id__in=named)
        )
    return found


def page_of(
    found: QuerySet[OutboxMessage], *, cursor: int | None, backwards: bool, limit: int
) -> list[OutboxMessage]:
    """Newest first; backwards, those before the cursor, nearest first."""
    if backwards:
        return list(found.filter(pk__gt=cursor or 0).order_by("pk")[:limit])
    if cursor is not None:
        found = found.filter(pk__lt=cursor)
    return list(found.order_by("-pk")[:limit])


def names_of(rows: list[OutboxMessage]) -> dict[int, str]:
    """The campaigns of messages, by id."""
    ids = {row.campaign_id for row in rows if row.campaign_id}
    return dict(Campaign.objects.filter(pk__in=ids).values_list("pk", "name"))
