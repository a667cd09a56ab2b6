"""What an answer means for the delivery and for its webhook, stored at once."""

from __future__ import annotations

from datetime import datetime
from http import HTTPStatus
from typing import Final

from django.db import transaction

from outbound.webhooks.batching import hold, take
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.posting import Answer
from outbound.webhooks.schedule import TRIED_FOR, pause_after

State = WebhookDelivery.State
GONE: Final = 410
LONGEST_TEXT: Final = 2_000
NOT_TRIED: Final = "Not sent: the receiver had not taken anything for a day."
NOT_WANTED: Final = "Not sent: the receiver answered that it wants no more (410)."


@transaction.atomic
def record(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    """Nothing, when the delivery was deleted or given up while it was sent."""
    webhook = hold(delivery.webhook_id)
    found = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING).first()
    if webhook is None or found is None:
        return
    _note_attempt(found, answer, now=now)
    if answer.status is not None and 200 <= answer.status < 300:
        _end(found, State.DELIVERED, now=now)
        note_taken(webhook, now=now)
    else:
        _note_failure(webhook, found, answer, now=now)


@transaction.atomic
def record_empty(delivery: WebhookDelivery, *, now: datetime) -> None:
    """Everybody it told of was erased, or the segments were deleted."""
    found = WebhookDelivery.objects.filter(pk=delivery.pk, state=State.WAITING).first()
    if found is not None:
        _end(found, State.EMPTY, now=now)


def note_attempt_of_test(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    """A test says nothing about what is waiting, and is sent once."""
    _note_attempt(delivery, answer, now=now)
    is_taken = answer.status is not None and 200 <= answer.status < 300
    _end(delivery, State.DELIVERED if is_taken else State.FAILED, now=now)


def said(answer: Answer) -> str:
    """What was wrong with it."""
    if answer.status is None:
        return answer.error
    if 300 <= answer.status < 400:
        return f"The receiver answered {answer.status}, which leads elsewhere. Redirects are not followed."
    return f"The receiver answered {answer.status}{_phrase(answer.status)}."


def note_taken(webhook: Webhook, *, now: datetime) -> None:
    webhook.failures, webhook.trouble = 0, ""
    webhook.troubled_since = webhook.again_at = None
    webhook.delivered_at = now
    webhook.save(
        update_fields=["failures", "trouble", "troubled_since", "again_at", "delivered_at"]
    )


def give_up(delivery: WebhookDelivery, *, now: datetime) -> None:
    _end(delivery, State.FAILED, now=now)


def _note_attempt(delivery: WebhookDelivery, answer: Answer, *, now: datetime) -> None:
    delivery.attempts += 1
    delivery.tried_at = now
    delivery.status = answer.status
    delivery.milliseconds = answer.milliseconds
    delivery.answer = answer.text[:LONGEST_TEXT]
    is_taken = answer.status is not None and 200 <= answer.status < 300
    delivery.error = "" if is_taken else said(answer)[:LONGEST_TEXT]
    delivery.save()


def _note_failure(
    webhook: Webhook, delivery: WebhookDelivery, answer: Answer, *, now: datetime
) -> None:
    webhook.failures += 1
    webhook.trouble = delivery.error
    webhook.troubled_since = webhook.troubled_since or now
    key = f"{webhook.pk} {delivery.uid}"
    pause = pause_after(webhook.failures, key=key, asked=answer.retry_after, now=now)
    webhook.again_at = now + pause
    if answer.status == GONE:
        webhook.ended_at = now
        give_up(delivery, now=now)
        _give_up_waiting(webhook, NOT_WANTED, now=now, before=None)
    elif webhook.again_at > delivery.since + TRIED_FOR:
        give_up(delivery, now=now)
        _give_up_waiting(webhook, NOT_TRIED, now=now, before=webhook.again_at - TRIED_FOR)
    webhook.save(update_fields=["failures", "trouble", "troubled_since", "again_at", "ended_at"])


def _give_up_waiting(webhook: Webhook, why: str, *, now: datetime, before: datetime | None) -> None:
    """They are kept as failed, so that they can be sent when the receiver is well again."""
    others = WebhookDelivery.objects.filter(webhook=webhook, state=State.WAITING)
    if before is not None:
        others = others.filter(since__lte=before)
    others.update(state=State.FAILED, ended_at=now, error=why)
    while delivery := take(webhook, now=now, before=before):
        delivery.error = why
        _end(delivery, State.FAILED, now=now)


def _end(delivery: WebhookDelivery, state: State, *, now: datetime) -> None:
    delivery.state, delivery.ended_at = state, now
    delivery.save(update_fields=["state", "ended_at", "error"])


def _phrase(status: int) -> str:
    try:
        return f" {HTTPStatus(status).phrase}"
    except ValueError:
        return ""
