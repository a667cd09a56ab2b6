"""What the API of webhooks takes and answers, as JSON and as OpenAPI."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rest_framework import serializers

from outbound.webhooks.checking import LONGEST_WAIT_MS, MOST_MOVES, Wanted
from outbound.webhooks.models import Webhook, WebhookDelivery
from outbound.webhooks.selectors import DELIVERY_NAMES, NAMES, Row

STATUSES = ("active", "paused")
DELIVERY_STATES = {state: state.name.lower() for state in WebhookDelivery.State}


def _text(**options: Any) -> serializers.CharField:
    return serializers.CharField(trim_whitespace=False, **options)


def _texts(**options: Any) -> serializers.ListField:
    return serializers.ListField(child=_text(), required=False, **options)


class WebhookChanges(serializers.Serializer[Any]):
    """What is not sent stays as it is."""

    name = _text(required=False)
    url = _text(required=False)
    description = _text(required=False, allow_blank=True)
    segments = _texts(help_text="Keys of the segments that it follows.")
    every_segment = serializers.BooleanField(
        required=False, help_text="Follow all of them, also new ones; then `segments` is empty."
    )
    on_entering = serializers.BooleanField(required=False)
    on_leaving = serializers.BooleanField(required=False)
    on_edits = serializers.BooleanField(
        required=False, help_text="Also those whom another definition of a segment moves."
    )
    fields_told = _texts(
        help_text="Of the contact, besides `id`: such as `email` or `attributes.Status_VIP`."
    )
    most_moves = serializers.IntegerField(
        required=False, min_value=1, max_value=MOST_MOVES, help_text="In one request."
    )
    wait_ms = serializers.IntegerField(
        required=False,
        min_value=0,
        max_value=LONGEST_WAIT_MS,
        help_text="So long the first move of a request waits for others.",
    )


class ChangedWebhook(WebhookChanges):
    status = serializers.ChoiceField(STATUSES, required=False)


class NewWebhook(WebhookChanges):
    name = _text()
    url = _text()


class WebhookAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    name = serializers.CharField()
    url = serializers.CharField()
    description = serializers.CharField()
    segments = serializers.ListField(child=serializers.CharField())
    every_segment = serializers.BooleanField()
    on_entering = serializers.BooleanField()
    on_leaving = serializers.BooleanField()
    on_edits = serializers.BooleanField()
    fields_told = serializers.ListField(child=serializers.CharField())
    most_moves = serializers.IntegerField()
    wait_ms = serializers.IntegerField()
    state = serializers.ChoiceField(NAMES)
    waiting = serializers.IntegerField(help_text="Moves not told yet; counted up to 10,000.")
    failed = serializers.IntegerField(help_text="Deliveries given up; counted up to 10,000.")
    failures = serializers.IntegerField(help_text="In a row, the last ones.")
    trouble = serializers.CharField(help_text="What went wrong last; empty when nothing did.")
    next_try_at = serializers.DateTimeField(allow_null=True)
    delivered_at = serializers.DateTimeField(allow_null=True)
    former_secret_until = serializers.DateTimeField(allow_null=True)
    created_at = serializers.DateTimeField()


class CreatedWebhook(WebhookAnswer):
    secret = serializers.CharField(help_text="Told only here.")


class Secret(serializers.Serializer[Any]):
    secret = serializers.CharField(help_text="Told only here.")
    former_secret_until = serializers.DateTimeField()


class DeliveryAnswer(serializers.Serializer[Any]):
    id = serializers.IntegerField()
    webhook_id = serializers.CharField(help_text="The header of that name.")
    state = serializers.ChoiceField(DELIVERY_NAMES)
    is_test = serializers.BooleanField()
    moves = serializers.IntegerField()
    made_at = serializers.DateTimeField()
    attempts = serializers.IntegerField()
    tried_at = serializers.DateTimeField(allow_null=True)
    status = serializers.IntegerField(allow_null=True, help_text="Of the last answer.")
    milliseconds = serializers.IntegerField(allow_null=True)
    error = serializers.CharField()
    answer = serializers.CharField(help_text="How the last answer began.")


class WebhookPage(serializers.Serializer[Any]):
    results = WebhookAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class DeliveryPage(serializers.Serializer[Any]):
    results = DeliveryAnswer(many=True)
    next = serializers.URLField(allow_null=True)


class Resent(serializers.Serializer[Any]):
    resent = serializers.IntegerField()


def webhook_as_data(row: Row, keys: Sequence[str]) -> dict[str, Any]:
    webhook = row.webhook
    return {
        "id": webhook.pk,
        **_as_wanted(webhook, keys),
        "state": row.standing.name,
        "waiting": row.counts.waiting,
        "failed": row.counts.failed,
        "failures": webhook.failures,
        "trouble": webhook.trouble,
        "next_try_at": webhook.again_at,
        "delivered_at": webhook.delivered_at,
        "former_secret_until": webhook.former_until,
        "created_at": webhook.created_at,
    }


def _as_wanted(webhook: Webhook, keys: Sequence[str]) -> dict[str, Any]:
    return {
        "name": webhook.name,
        "url": webhook.url,
        "description": webhook.description,
        "segments": list(keys),
        "every_segment": webhook.every_segment,
        "on_entering": webhook.on_entering,
        "on_leaving": webhook.on_leaving,
        "on_edits": webhook.on_edits,
        "fields_told": webhook.fields,
        "most_moves": webhook.most_moves,
        "wait_ms": webhook.wait_ms,
    }


def wanted_by(given: dict[str, Any]) -> Wanted:
    """Of a new one."""
    return Wanted(**_renamed(given))


def wanted_of(webhook: Webhook, keys: Sequence[str], given: dict[str, Any]) -> Wanted:
    """Of a stored one, with what is changed."""
    return Wanted(**_renamed(_as_wanted(webhook, keys) | given))


def _renamed(given: dict[str, Any]) -> dict[str, Any]:
    """A serializer has its own `fields`."""
    return {("fields" if name == "fields_told" else name): value for name, value in given.items()}


def delivery_as_data(row: WebhookDelivery) -> dict[str, Any]:
    names = ("is_test", "moves", "made_at", "attempts", "tried_at", "status", "milliseconds")
    return {
        "id": row.pk,
        "webhook_id": str(row),
        "state": DELIVERY_STATES[WebhookDelivery.State(row.state)],
        **{name: getattr(row, name) for name in (*names, "error", "answer")},
    }
