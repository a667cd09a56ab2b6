"""Webhooks, the moves they have to tell of, and the requests that told of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from contacts.models import Contact
from segments.models import Segment


class Webhook(models.Model):
    """Another program that is told who enters and leaves segments."""

    name = models.CharField(max_length=100, unique=True)
    description = models.TextField(blank=True, default="")
    url = models.CharField(max_length=2_000)
    every_segment = models.BooleanField(default=False)
    """Also those that come to be later; else the chosen ones (WebhookSegment)."""
    on_entering = models.BooleanField(default=True)
    on_leaving = models.BooleanField(default=True)
    on_edits = models.BooleanField(default=False)
    """Also of those whom a new definition moves."""
    fields = ArrayField(models.CharField(max_length=80), default=list, blank=True)
    """What is told of a contact besides its id (outbound/webhooks/fields.py)."""
    most_moves = models.PositiveSmallIntegerField(default=100)
    """In one request."""
    wait_ms = models.PositiveSmallIntegerField(default=500)
    """So long the first of them waits for others."""
    secret = models.TextField()
    """Encrypted (campaigns/channels/secrets.py), as the former one."""
    former_secret = models.TextField(blank=True, default="")
    former_until = models.DateTimeField(null=True, blank=True)
    """Until then the former one signs, too."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    paused_at = models.DateTimeField(null=True, blank=True)
    """By somebody; moves are kept meanwhile."""
    ended_at = models.DateTimeField(null=True, blank=True)
    """The receiver answered 410: it wants no more, and none are kept."""
    failures = models.PositiveIntegerField(default=0)
    """In a row, the last ones."""
    trouble = models.TextField(blank=True, default="")
    """What went wrong last; empty: nothing."""
    troubled_since = models.DateTimeField(null=True, blank=True)
    again_at = models.DateTimeField(null=True, blank=True)
    """Nothing is sent before."""
    delivered_at = models.DateTimeField(null=True, blank=True)
    """When something was taken last."""

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class WebhookSegment(models.Model):
    """A segment that was chosen for a webhook."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="chosen")
    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["webhook", "segment"], name="segment_once_per_webhook")
        ]

    def __str__(self) -> str:
        return f"segment {self.segment_id} of webhook {self.webhook_id}"


class WebhookDelivery(models.Model):
    """One request with the moves it tells of, however often it is sent."""

    class State(models.IntegerChoices):
        WAITING = 0, "Waiting"
        DELIVERED = 1, "Delivered"
        FAILED = 2, "Failed"
        EMPTY = 3, "Nothing left to send"

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="deliveries")
    uid = models.UUIDField(default=uuid.uuid4, editable=False)
    """The receiver knows it by this."""
    state = models.SmallIntegerField(choices=State, default=State.WAITING)
    is_test = models.BooleanField(default=False)
    moves = models.PositiveIntegerField(default=0)
    """How many there were at first; those of erased contacts go."""
    made_at = models.DateTimeField()
    since = models.DateTimeField()
    """From then on it is tried for a day: made, or asked for once more; behind others that were not
    taken, when the last of its moves happened."""
    attempts = models.PositiveIntegerField(default=0)
    tried_at = models.DateTimeField(null=True, blank=True)
    status = models.PositiveSmallIntegerField(null=True, blank=True)
    """Of the last answer; None: there was none."""
    milliseconds = models.PositiveIntegerField(null=True, blank=True)
    error = models.TextField(blank=True, default="")
    answer = models.TextField(blank=True, default="")
    """How it began."""
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name_plural = "webhook deliveries"
        indexes = [
            models.Index(
                fields=["webhook", "id"],
                condition=models.Q(state=0),
                name="webhook_deliveries_waiting",
            ),
            models.Index(fields=["webhook", "state", "id"], name="webhook_deliveries_by_state"),
            models.Index(fields=["made_at"], name="webhook_deliveries_by_age"),
        ]

    def __str__(self) -> str:
        return f"msg_{self.uid.hex}"


class WebhookMove(models.Model):
    """A contact entered or left a segment, and a webhook tells of it."""

    webhook = models.ForeignKey(Webhook, on_delete=models.CASCADE, related_name="+", db_index=False)
    delivery = models.ForeignKey(
        WebhookDelivery, on_delete=models.CASCADE, null=True, related_name="rows"
    )
    """None: it waits for its turn."""
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="+", db_constraint=False
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.DO_NOTHING, related_name="+", db_constraint=False, db_index=False
    )
    """When it is deleted, nothing more is told of it (payload.py)."""
    seq = models.BigIntegerField()
    """Of the transition: what receivers know the move by."""
    entered = models.BooleanField()
    at = models.DateTimeField()
    cause = models.JSONField(default=dict)

    class Meta:
        indexes = [
            models.Index(
                fields=["webhook", "id"],
                condition=models.Q(delivery=None),
                name="webhook_moves_waiting",
            ),
        ]

    def __str__(self) -> str:
        return f"move {self.seq} for webhook {self.webhook_id}"
