"""Reads about webhooks: how each stands, what waits, and the log of what was sent."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Final, Literal

from django.db import connection
from django.db.models import QuerySet

from outbound.webhooks.models import Webhook, WebhookDelivery, WebhookMove
from outbound.webhooks.schedule import is_open

State = WebhookDelivery.State
COUNTED: Final = 10_000
"""What is more is not counted further."""

Tone = Literal["good", "warn", "bad", "neutral"]


@dataclass(frozen=True, slots=True)
class Standing:
    name: str
    """For programs."""
    label: str
    tone: Tone


WORKING = Standing("working", "Working", "good")
READY = Standing("ready", "Nothing sent yet", "neutral")
RETRYING = Standing("retrying", "Retrying", "warn")
BROKEN = Standing("broken", "Not answering", "bad")
PAUSED = Standing("paused", "Paused", "neutral")
ENDED = Standing("ended", "Wants no more", "bad")
STANDINGS: Final = (WORKING, READY, RETRYING, BROKEN, PAUSED, ENDED)
NAMES: Final = [one.name for one in STANDINGS]
DELIVERY_NAMES: Final = [state.name.lower() for state in State]


def standing_of(webhook: Webhook) -> Standing:
    if webhook.ended_at:
        return ENDED
    if webhook.paused_at:
        return PAUSED
    if is_open(webhook.failures):
        return BROKEN
    if webhook.failures:
        return RETRYING
    return WORKING if webhook.delivered_at else READY


@dataclass(frozen=True, slots=True)
class Counts:
    waiting: int = 0
    """Moves that nobody was told of yet, up to COUNTED."""
    failed: int = 0
    """Deliveries that were given up, up to COUNTED."""


def counts_of(webhook_ids: Collection[int]) -> dict[int, Counts]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT w.id, queued.n + begun.n, failed.n
            FROM unnest(%(ids)s::bigint[]) AS w (id)
            CROSS JOIN LATERAL (
                SELECT count(*) AS n FROM (
                    SELECT FROM outbound_webhookmove
                    WHERE webhook_id = w.id AND delivery_id IS NULL LIMIT %(most)s
                ) seen
            ) queued
            CROSS JOIN LATERAL (
                SELECT COALESCE(sum(moves), 0)::bigint AS n FROM outbound_webhookdelivery
                WHERE webhook_id = w.id AND state = 0
            ) begun
            CROSS JOIN LATERAL (
                SELECT count(*) AS n FROM (
                    SELECT FROM outbound_webhookdelivery
                    WHERE webhook_id = w.id AND state = 2 AND NOT is_test LIMIT %(most)s
                ) seen
            ) failed
            """,
            {"ids": list(webhook_ids), "most": COUNTED},
        )
        return {pk: Counts(waiting, failed) for pk, waiting, failed in cursor.fetchall()}


@dataclass(frozen=True, slots=True)
class Row:
    """A webhook as lists show it."""

    webhook: Webhook
    standing: Standing
    counts: Counts
    segments: list[str]
    """The names of the chosen ones."""


def found(*, words: str = "", state: str = "") -> list[Row]:
    """By name; by part of the name, the address or the description."""
    webhooks = Webhook.objects.all()
    if words:
        named = webhooks.filter(name__icontains=words)
        webhooks = named | webhooks.filter(url__icontains=words)
        webhooks = webhooks | Webhook.objects.filter(description__icontains=words)
    rows = described(list(webhooks.order_by("name", "pk").distinct()))
    return [row for row in rows if not state or row.standing.name == state]


def described(webhooks: Sequence[Webhook]) -> list[Row]:
    ids = [webhook.pk for webhook in webhooks]
    counts = counts_of(ids)
    names: dict[int, list[str]] = {}
    chosen = Webhook.objects.filter(pk__in=ids, chosen__isnull=False)
    for pk, name in chosen.order_by("chosen__segment__name").values_list(
        "pk", "chosen__segment__name"
    ):
        names.setdefault(pk, []).append(name)
    return [
        Row(webhook, standing_of(webhook), counts[webhook.pk], names.get(webhook.pk, []))
        for webhook in webhooks
    ]


def keys_of(webhook_ids: Collection[int]) -> dict[int, list[str]]:
    """The keys of the chosen segments."""
    found: dict[int, list[str]] = {}
    chosen = Webhook.objects.filter(pk__in=webhook_ids, chosen__isnull=False)
    for pk, key in chosen.order_by("chosen__segment__key").values_list(
        "pk", "chosen__segment__key"
    ):
        found.setdefault(pk, []).append(key)
    return found


def deliveries(webhook: Webhook, *, state: int | None = None) -> QuerySet[WebhookDelivery]:
    """The newest first."""
    found = WebhookDelivery.objects.filter(webhook=webhook)
    if state is not None:
        found = found.filter(state=state)
    return found.order_by("-pk")


def moves_of(delivery: WebhookDelivery, *, limit: int) -> list[WebhookMove]:
    """In the order in which they are told."""
    rows = WebhookMove.objects.filter(delivery=delivery).select_related("contact", "segment")
    return list(rows.defer("contact__attributes").order_by("pk")[:limit])
