"""Webhooks: made, changed, paused, resumed, deleted; and their secrets."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from django.db import connection, transaction

from contacts.problems import Conflict
from outbound.webhooks.auditing import facts_of, note
from outbound.webhooks.batching import hold
from outbound.webhooks.checking import Wanted, check
from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookSegment
from outbound.webhooks.signing import BOTH_FOR, new_secret, sealed
from segmentflow.audit.plain import differences
from segmentflow.models import User

State = WebhookDelivery.State
GONE = "This webhook was deleted meanwhile."


@transaction.atomic
def create_webhook(*, wanted: Wanted, author: User | None) -> tuple[Webhook, str]:
    """With its secret, which nobody is shown again."""
    check(wanted, webhook=None)
    secret = new_secret()
    webhook = Webhook(secret=sealed(secret), created_by=author)
    _fill(webhook, wanted)
    webhook.save()
    _choose(webhook, wanted.segments)
    note("created", webhook, changes=differences({}, facts_of(webhook)))
    return webhook, secret


@transaction.atomic
def change_webhook(*, pk: int, wanted: Wanted) -> Webhook:
    """What waits already is told all the same, with the fields and to the address of now."""
    webhook = _held(pk)
    check(wanted, webhook=webhook)
    before = facts_of(webhook)
    if webhook.url != wanted.url:
        _forget_trouble(webhook)
    _fill(webhook, wanted)
    webhook.save()
    _choose(webhook, wanted.segments)
    if changes := differences(before, facts_of(webhook)):
        note("changed", webhook, changes=changes)
    return webhook


def _fill(webhook: Webhook, wanted: Wanted) -> None:
    webhook.name, webhook.description = wanted.name, wanted.description
    webhook.url, webhook.fields = wanted.url, list(wanted.fields)
    webhook.every_segment = wanted.every_segment
    webhook.on_entering, webhook.on_leaving = wanted.on_entering, wanted.on_leaving
    webhook.on_edits = wanted.on_edits
    webhook.most_moves, webhook.wait_ms = wanted.most_moves, wanted.wait_ms


def _choose(webhook: Webhook, keys: Sequence[str]) -> None:
    """Nobody deletes or archives the segments until the commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM segments_segment WHERE key = ANY(%s) ORDER BY id FOR KEY SHARE",
            [list(keys)],
        )
        ids = [pk for (pk,) in cursor.fetchall()]
    if len(ids) < len(set(keys)):
        raise Conflict("A segment was deleted meanwhile.")
    webhook.chosen.exclude(segment_id__in=ids).delete()
    known = set(webhook.chosen.values_list("segment_id", flat=True))
    WebhookSegment.objects.bulk_create(
        WebhookSegment(webhook=webhook, segment_id=pk) for pk in ids if pk not in known
    )


@transaction.atomic
def pause_webhook(*, pk: int, now: datetime) -> Webhook:
    """Who moves meanwhile is told of later."""
    webhook = _held(pk)
    if webhook.paused_at is None:
        webhook.paused_at = now
        webhook.save(update_fields=["paused_at"])
        note("paused", webhook, now=now)
    return webhook


@transaction.atomic
def resume_webhook(*, pk: int, now: datetime) -> Webhook:
    """Also after the receiver said that it wants no more. What waits is tried for a day from now."""
    webhook = _held(pk)
    webhook.paused_at = webhook.ended_at = None
    _forget_trouble(webhook)
    webhook.save()
    note("resumed", webhook, now=now)
    WebhookDelivery.objects.filter(webhook=webhook, state=State.WAITING).update(since=now)
    return webhook


@transaction.atomic
def try_by_hand(*, pk: int, now: datetime) -> None:
    note("tried again", try_now(pk=pk, now=now), now=now)


@transaction.atomic
def try_now(*, pk: int, now: datetime) -> Webhook:
    """Not later, when it would be tried again by itself."""
    webhook = _held(pk)
    if webhook.again_at is not None:
        webhook.again_at = now
        webhook.save(update_fields=["again_at"])
    return webhook


@transaction.atomic
def renew_secret(*, pk: int, now: datetime) -> tuple[Webhook, str]:
    """Another secret, which nobody is shown again. The former one signs for another day."""
    webhook = _held(pk)
    secret = new_secret()
    webhook.former_secret, webhook.former_until = webhook.secret, now + BOTH_FOR
    webhook.secret = sealed(secret)
    webhook.save(update_fields=["secret", "former_secret", "former_until"])
    note("renewed the secret of", webhook, now=now)
    return webhook, secret


@transaction.atomic
def delete_webhook(*, pk: int) -> None:
    """With what waits and what it told."""
    # Alone, so that nobody who stores moves adds one to it meanwhile (noting.py).
    webhook = Webhook.objects.select_for_update().filter(pk=pk).first()
    if webhook is None:
        raise Conflict(GONE)
    with connection.cursor() as cursor:
        for table in ("webhookmove", "webhookdelivery", "webhooksegment"):
            cursor.execute(f"DELETE FROM outbound_{table} WHERE webhook_id = %s", [pk])
    note("deleted", webhook)
    webhook.delete()


def _held(pk: int) -> Webhook:
    webhook = hold(pk)
    if webhook is None:
        raise Conflict(GONE)
    return webhook


def _forget_trouble(webhook: Webhook) -> None:
    webhook.failures, webhook.trouble = 0, ""
    webhook.troubled_since = webhook.again_at = None
