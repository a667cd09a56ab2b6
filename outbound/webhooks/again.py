"""Deliveries that somebody sends again, gives up, or sends as a test."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from django.db import transaction

from campaigns.channels.secrets import Unreadable
from contacts.problems import Conflict
from outbound.webhooks.auditing import note
from outbound.webhooks.batching import hold
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.outcome import give_up, note_attempt_of_test
from outbound.webhooks.posting import Answer, Post
from outbound.webhooks.running import UNREADABLE, request_for
from outbound.webhooks.services import try_now
from segmentflow.templatetags.ui import count

State = WebhookDelivery.State
SET_ASIDE: Final = "Set aside by hand, so that the others can go on."


@transaction.atomic
def send_again(*, webhook_id: int, delivery_id: int | None = None, now: datetime) -> int:
    """One, or all that failed; answers how many. With the same numbers, before what waits since."""
    webhook = hold(webhook_id)
    if webhook is None:
        return 0
    found = WebhookDelivery.objects.filter(webhook_id=webhook_id, is_test=False)
    if delivery_id is None:
        found = found.filter(state=State.FAILED)
    else:
        found = found.filter(pk=delivery_id).exclude(state=State.WAITING)
    number = found.update(state=State.WAITING, since=now, ended_at=None, error="")
    if number:
        try_now(pk=webhook_id, now=now)
        said = count(number, "delivery", "deliveries")
        note("sent again", webhook, said=said, now=now)
    return number


@transaction.atomic
def set_aside(*, webhook_id: int, delivery_id: int, now: datetime) -> None:
    """Raises Conflict when it does not wait any more."""
    webhook = hold(webhook_id)
    delivery = WebhookDelivery.objects.filter(
        pk=delivery_id, webhook_id=webhook_id, state=State.WAITING
    ).first()
    if delivery is None:
        raise Conflict("This delivery does not wait any more.")
    delivery.error = f"{SET_ASIDE} {delivery.error}".strip()
    give_up(delivery, now=now)
    try_now(pk=webhook_id, now=now)
    if webhook is not None:
        note("changed", webhook, said=f"delivery {delivery_id} was set aside", now=now)


def send_test(*, webhook: Webhook, post: Post, now: datetime) -> WebhookDelivery:
    """At once, about a contact that does not exist; also while it is paused."""
    delivery = WebhookDelivery(webhook=webhook, is_test=True, moves=1, made_at=now, since=now)
    try:
        request = request_for(webhook, delivery, now=now)
        answer = post(request) if request else Answer(None)
    except Unreadable:
        answer = Answer(None, error=UNREADABLE)
    with transaction.atomic():
        if hold(webhook.pk) is None:
            raise Conflict("This webhook was deleted meanwhile.")
        note_attempt_of_test(delivery, answer, now=now)
        note("sent a test of", webhook, now=now)
        if delivery.state == State.DELIVERED:
            try_now(pk=webhook.pk, now=now)
    return delivery
