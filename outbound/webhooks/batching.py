"""The next delivery of a webhook: strictly in the order of what happened.

While one delivery is not taken, or given up, nothing that comes after it is sent. So no contact's
later move ever overtakes an earlier one. What a delivery tells of is decided once and stored before
it is sent for the first time: sent again, after a failure or a crash, it is the same, with the same
number.
"""

from __future__ import annotations

from datetime import datetime

from django.db import connection, transaction

from outbound.webhooks.models import Webhook, WebhookDelivery

State = WebhookDelivery.State


@transaction.atomic
def next_delivery(webhook_id: int, *, now: datetime) -> tuple[Webhook, WebhookDelivery] | None:
    """For the only one who sends (lane.py). None: there is nothing to send now."""
    webhook = hold(webhook_id)
    if webhook is None or webhook.paused_at or webhook.ended_at:
        return None
    if webhook.again_at and webhook.again_at > now:
        return None
    waiting = WebhookDelivery.objects.filter(webhook=webhook, state=State.WAITING)
    delivery = waiting.order_by("pk").first() or take(webhook, now=now)
    return (webhook, delivery) if delivery else None


def hold(webhook_id: int) -> Webhook | None:
    """Its row until the commit: what is decided about it is decided by one at a time."""
    return Webhook.objects.select_for_update(no_key=True).filter(pk=webhook_id).first()


def take(
    webhook: Webhook, *, now: datetime, before: datetime | None = None
) -> WebhookDelivery | None:
    """Make a delivery of the moves that wait longest; with `before`, only of those until then."""
    delivery = WebhookDelivery.objects.create(webhook=webhook, made_at=now, since=now)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE outbound_webhookmove SET delivery_id = %(delivery)s WHERE id IN (
                SELECT id FROM outbound_webhookmove
                WHERE webhook_id = %(webhook)s AND delivery_id IS NULL
                    AND (%(before)s::timestamptz IS NULL OR at <= %(before)s)
                ORDER BY id LIMIT %(most)s
            )
            RETURNING at
            """,
            {
                "delivery": delivery.pk,
                "webhook": webhook.pk,
                "most": webhook.most_moves,
                "before": before,
            },
        )
        times = [at for (at,) in cursor.fetchall()]
    delivery.moves = len(times)
    if not times:
        delivery.delete()
        return None
    if webhook.failures:  # then it has been tried for all, by trying those before
        delivery.since = max(times)
    delivery.save(update_fields=["moves", "since"])
    return delivery
