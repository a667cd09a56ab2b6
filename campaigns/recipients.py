"""The contacts that a campaign targeted, by what became of their messages; long lists, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from django.db.models import Q, QuerySet

from campaigns.models import Campaign, Message
from campaigns.progress import TO_COME
from campaigns.reasons import LABELS
from segments.searching import of_contacts_found

State = Message.State


@dataclass(frozen=True, slots=True)
class Kind:
    """Some of a campaign's messages: how they are called, and which they are."""

    label: str
    where: Q


KINDS: Final[dict[str, Kind]] = {
    "to-come": Kind("Still to come", Q(state__in=TO_COME)),
    "sent": Kind("Sent", Q(state=State.SENT)),
    "delivered": Kind("Delivered", Q(delivered_at__isnull=False)),
    "opened": Kind("Opened", Q(opened_at__isnull=False)),
    "clicked": Kind("Clicked", Q(clicked_at__isnull=False)),
    "unsubscribed": Kind("Unsubscribed", Q(unsubscribed_at__isnull=False)),
    "bounced": Kind("Bounced", Q(bounced_at__isnull=False)),
    "complained": Kind("Complained", Q(complained_at__isnull=False)),
    "failed": Kind("Failed", Q(state=State.FAILED)),
    "unclear": Kind("Perhaps sent", Q(state=State.UNCLEAR)),
    "cancelled": Kind("Cancelled", Q(state=State.CANCELLED)),
    "left-out": Kind("Left out", Q(state=State.LEFT_OUT)),
}

REASONS: Final[dict[str, str]] = {reason.value: label for reason, label in LABELS.items()}

Cursor = tuple[int, int]
"""Contact and occasion: where a page begins."""


def recipients(
    *,
    campaign: Campaign,
    kind: str = "",
    reason: str = "",
    words: str = "",
    after: Cursor | None = None,
    before: Cursor | None = None,
    limit: int,
) -> list[Message]:
    """In the order of contacts; `before`: the nearest first. Each with its contact."""
    found: QuerySet[Message] = Message.objects.filter(campaign=campaign)
    if kind:
        found = found.filter(KINDS[kind].where)
    if reason:
        found = found.filter(state=State.LEFT_OUT, reason=reason)
    found = of_contacts_found(found, words)
    if before is not None:
        found = found.filter(_beyond(before, "lt")).order_by("-contact_id", "-occasion")
    else:
        found = found.filter(_beyond(after, "gt")) if after else found
        found = found.order_by("contact_id", "occasion")
    return list(found.select_related("contact")[:limit])


def _beyond(cursor: Cursor, way: str) -> Q:
    contact, occasion = cursor
    same: dict[str, Any] = {"contact_id": contact, f"occasion__{way}": occasion}
    return Q(**{f"contact_id__{way}": contact}) | Q(**same)


def reason_label(reason: str) -> str:
    return REASONS.get(reason, reason)
