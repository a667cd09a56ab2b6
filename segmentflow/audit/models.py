"""The log of who changed what."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import Now


class AuditEntry(models.Model):
    """One thing that somebody did. Names stand here as they were, for what they name may go.

    Rules of the database refuse to change or delete a row (migration 0008); keeping.py alone may,
    when rows are old enough.
    """

    class Actor(models.TextChoices):
        USER = "user", "People"
        KEY = "key", "API keys"
        SYSTEM = "system", "SegmentFlow itself"

    at = models.DateTimeField(db_default=Now())
    actor_kind = models.CharField(max_length=10, choices=Actor)
    actor_id = models.BigIntegerField(null=True)
    """Of the user or the key; no reference, for the log outlives both."""
    actor_name = models.CharField(max_length=200)
    action = models.CharField(max_length=40)
    """In the past tense, as a sentence has it: "changed"."""
    kind = models.CharField(max_length=40)
    """Of the object: see kinds.py."""
    key = models.CharField(max_length=200)
    """Of the object, as addresses have it; empty when there is only one or it is many."""
    name = models.CharField(max_length=300)
    said = models.CharField(max_length=500)
    """What a sentence adds, such as "version 7"."""
    changes = models.JSONField(default=dict)
    """By name: the values before and after; of secrets, that they changed."""
    address = models.CharField(max_length=45)
    """Where the request came from."""
    request_id = models.CharField(max_length=64)

    class Meta:
        verbose_name_plural = "audit entries"
        indexes = [
            models.Index(fields=["at"], name="audit_by_time"),
            models.Index(fields=["kind", "key", "-id"], name="audit_by_object"),
            models.Index(fields=["actor_kind", "actor_id", "-id"], name="audit_by_actor"),
        ]

    def __str__(self) -> str:
        return f"{self.actor_name} {self.action} {self.kind} {self.name or self.key}"
