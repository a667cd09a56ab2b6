"""The contacts that a campaign targeted, by what became of their messages; long lists, in pages."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from django.db.models import Q, QuerySet

from campaigns.channels.models import OutboxMessage
from campaigns.models import Campaign, Message
from campaigns.progress import TO_COME
from campaigns.reasons import LABELS
from segments.searching import of_contacts_found

State = Message.State


@dataclass(frozen=True, slots=True)
class Which:
    """Some of a campaign's messages: how they are called, and which they are."""

    label: str
    where: Q


STATES: Final[dict[str, Which]] = {
    "waiting": Which("Still to come", Q(state__in=TO_COME)),
    "sent": Which("Sent", Q(state=State.SENT)),
    "delivered": Which("Delivered", Q(delivered_at__isnull=False)),
    "opened": Which("Opened", Q(opened_at__isnull=False)),
    "clicked": Which("Clicked", Q(clicked_at__isnull=False)),
    "unsubscribed": Which("Unsubscribed", Q(unsubscribed_at__isnull=False)),
    "bounced": Which("Bounced", Q(bounced_at__isnull=False)),
    "complained": Which("Complained", Q(complained_at__isnull=False)),
    "failed": Which("Failed", Q(state=State.FAILED)),
    "unclear": Which("Perhaps sent", Q(state=State.UNCLEAR)),
    "cancelled": Which("Cancelled", Q(state=State.CANCELLED)),
    "left-out": Which("Left out", Q(state=State.LEFT_OUT)),
}

REASONS: Final[dict[str, str]] = {reason.value: label for reason, label in LABELS.items()}

Cursor = tuple[int, int]
"""Contact and occasion: where a page begins."""

WITHOUT: Final = ("context", "contact__attributes")
"""What lists do not read."""


def recipients(
    *,
    campaign: Campaign,
    state: str = "",
    reason: str = "",
    words: str = "",
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int,
) -> list[Message]:
    """In the order of contacts; `before`: the nearest first. Each with its contact."""
    found: QuerySet[Message] = Message.objects.filter(campaign=campaign)
    if state:
        found = found.filter(STATES[state].where)
    if reason:
        found = found.filter(reason=reason)
    found = of_contacts_found(found, words)
    if before is not None:
        found = found.filter(_beyond(before, "lt")).order_by("-contact_id", "-occasion")
    else:
        found = found.filter(_beyond(after, "gt")) if after else found
        found = found.order_by("contact_id", "occasion")
    return list(found.select_related("contact").defer(*WITHOUT)[:limit])


def latest(*, campaign: Campaign, limit: int) -> list[Message]:
    """The last ones that got it, each with its contact."""
    found = Message.objects.filter(campaign=campaign, sent_at__isnull=False)
    found = found.select_related("contact").defer(*WITHOUT)
    return list(found.order_by("-sent_at", "-contact_id")[:limit])


def copies_of(rows: Sequence[Message]) -> dict[tuple[int, int], int]:
    """By contact and occasion, the number of the message in the outbox, where there is one; `rows`
    are of one campaign."""
    found = OutboxMessage.objects.filter(
        campaign_id__in={row.campaign_id for row in rows},
        contact_id__in={row.contact_id for row in rows},
        is_test=False,
    )
    return {
        (contact_id, occasion): pk
        for contact_id, occasion, pk in found.values_list("contact_id", "occasion", "pk")
        if contact_id is not None and occasion is not None
    }


def _beyond(cursor: Cursor, way: str) -> Q:
    """Written so that an index is read from there on."""
    contact, occasion = cursor
    further = Q(**{f"contact_id__{way}": contact}) | Q(**{f"occasion__{way}": occasion})
    return Q(**{f"contact_id__{way}e": contact}) & further


def reason_label(reason: str) -> str:
    return REASONS.get(reason, reason)
