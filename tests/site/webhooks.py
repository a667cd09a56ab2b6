"""A webhook with something in its log, for pages to show."""

from __future__ import annotations

from datetime import datetime, timedelta

from contacts.models import Contact
from outbound.webhooks.checking import Wanted
from outbound.webhooks.models import WebhookDelivery, WebhookMove
from outbound.webhooks.services import create_webhook
from segments.models import Segment

NOWHERE = "https://192.0.2.1/hook"
"""An address of no network: nothing is sent there, not even as a test."""


def make_webhook(*, now: datetime) -> dict[str, int]:
    """One request was taken and one failed; the receiver does not answer at present."""
    wanted = Wanted("CRM", "https://crm.example/hook", "Tells sales who is a VIP.", ["buyers"])
    webhook, _ = create_webhook(wanted=wanted, author=None)
    webhook.url = NOWHERE
    webhook.failures, webhook.trouble = 6, "The receiver answered 503 Service Unavailable."
    webhook.troubled_since = now - timedelta(hours=2)
    webhook.again_at = now + timedelta(hours=1)
    webhook.save()
    anna = Contact.objects.get(external_id="anna")
    segment = Segment.objects.get(key="buyers")
    made = {}
    for name, state, status in (("taken", 1, 204), ("failed", 2, 503), ("retried", 0, None)):
        made[name] = WebhookDelivery.objects.create(
            webhook=webhook,
            state=state,
            moves=1,
            made_at=now,
            since=now,
            attempts=3,
            tried_at=now,
            status=status,
            milliseconds=120,
            error="" if state == 1 else "The receiver answered 503 Service Unavailable.",
            answer="" if state == 1 else '{"error": "maintenance"}',
        )
        WebhookMove.objects.create(
            webhook=webhook,
            delivery=made[name],
            contact=anna,
            segment=segment,
            seq=1,
            entered=True,
            at=now,
            cause={"kind": "created"},
        )
    return {
        "webhook": webhook.pk,
        "delivery": made["failed"].pk,
        "delivery_waiting": made["retried"].pk,
    }
