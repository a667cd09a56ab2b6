"""Browsers that agreed to push messages, and the key they know us by."""

from __future__ import annotations

from django.db import models


class PushAddress(models.Model):
    """A browser in which a contact agreed to push messages."""

    digest = models.CharField(max_length=64, primary_key=True, db_collation="C")
    """SHA-256 of the endpoint; a browser belongs to whom it told last."""
    contact_id = models.BigIntegerField(db_index=True)
    endpoint = models.TextField()
    p256dh = models.TextField()
    auth = models.TextField()
    agent = models.TextField(blank=True, default="")
    """Which browser it is, such as “Firefox on Android”."""
    created_at = models.DateTimeField()
    """When somebody agreed to messages in it. A later withdrawal of the contact ends that."""
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "push addresses"

    def __str__(self) -> str:
        return f"browser of contact {self.contact_id}"


class PushKey(models.Model):
    """One row: the key pair by which push services know this installation (push/vapid.py).

    Kept apart from the Way, because every browser that ever subscribed did so with this key:
    it has to stay when admins change who delivers.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=100)
    """The point, uncompressed, in base64url, as browsers and the header of VAPID have it."""
    private = models.TextField()
    """Encrypted (channels/secrets.py)."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_push_key")]

    def __str__(self) -> str:
        return "Key of push messages"
