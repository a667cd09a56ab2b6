"""How messages leave: the ways of channels, their pace, and what they keep."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from contacts.models import Channel


class Way(models.Model):
    """How messages of a channel leave: the adapter and what it needs (channels/ways.py).

    A channel without a row delivers into the built-in outbox.
    """

    channel = models.CharField(max_length=8, choices=Channel, primary_key=True)
    adapter = models.CharField(max_length=32, default="outbox")
    config = models.JSONField(default=dict)
    """Of the adapter and of the channel, such as sender, country code, address of the gateway."""
    secrets = models.TextField(blank=True, default="")
    """JSON, encrypted (channels/secrets.py)."""
    per_second = models.PositiveIntegerField(null=True, blank=True)
    """The throttle: at most so many messages a second; None: as fast as it goes."""
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.channel} by {self.adapter}"


class SendingLane(models.Model):
    """How sending by a channel goes just now: one row for each channel that has sent (delivery/lane.py)."""

    channel = models.CharField(max_length=8, choices=Channel, primary_key=True)
    next_at = models.DateTimeField(null=True)
    """The throttle: the next message not before."""
    trouble = models.TextField(blank=True, default="")
    """Why nothing can be sent to anybody, in words; empty: nothing is wrong."""
    troubled_since = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)
    """With trouble: when it is tried again."""
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    served_at = models.DateTimeField(null=True)
    """Channels take turns, and so do the campaigns of one."""
    served_campaign = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.channel}: {self.trouble or 'fine'}"


class Suppression(models.Model):
    """An address to which nothing more is sent, whatever its contact decided."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Complained"

    pk = models.CompositePrimaryKey("channel", "digest")
    channel = models.CharField(max_length=8, choices=Channel)
    digest = models.CharField(max_length=64, db_collation="C")
    """SHA-256, as hexadecimal digits, of the address in small letters: it outlives the contact."""
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField()
    detail = models.TextField(blank=True, default="")
    """What the provider said, without the address."""

    def __str__(self) -> str:
        return f"{self.channel} {self.why} {self.at}"


class SentTest(models.Model):
    """Somebody sent a test of a message: kept for as long as it counts for how many are allowed."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["author", "at"], name="tests_by_author")]

    def __str__(self) -> str:
        return f"{self.author} {self.at}"


class OutboxMessage(models.Model):
    """A message that was delivered into the built-in outbox, or a test that was sent."""

    contact_id = models.BigIntegerField(null=True, db_index=True)
    campaign_id = models.BigIntegerField(null=True, db_index=True)
    occasion = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=8, choices=Channel)
    is_test = models.BooleanField(default=False)
    at = models.DateTimeField()
    address = models.TextField()
    sender = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    """Of an email; of a push message, its title."""
    html = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")
    """Where a push message leads."""
    headers = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact_id", "campaign_id", "occasion"],
                condition=models.Q(is_test=False),
                name="one_outbox_message",
            )
        ]
        indexes = [models.Index(fields=["is_test", "at"], name="outbox_by_age")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"
