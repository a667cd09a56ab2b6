"""People who sign in, and the keys of programs that call the API."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now


class User(AbstractUser):
    """Someone who signs in; the role is the Django group (segmentflow/roles.py)."""


class ApiKey(models.Model):
    """A program's key. Only its SHA-256 is stored; the key itself is shown once."""

    class Scope(models.TextChoices):
        INGEST = "ingest", "Send contacts and events"
        READ = "read", "Read everything"
        WRITE = "write", "Change segments, fields and event types"

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    """The first characters, so that people can tell keys apart."""
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class Wakeup(models.Model):
    """One row for each kind of wake-up: see segmentflow/wakeups.py."""

    name = models.CharField(primary_key=True, max_length=20)
    asked_at = models.DateTimeField(null=True, editable=False)
    """When it was asked for; None when none is waiting."""
    begun_at = models.DateTimeField(null=True, editable=False)
    """When the cluster last began one."""

    def __str__(self) -> str:
        return self.name
