"""Who is signed in where, and codes for whoever lost the second factor."""

from __future__ import annotations

import uuid
from typing import Any

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.sessions.base_session import AbstractBaseSession
from django.db import models
from django_otp.models import Device, ThrottlingMixin

from segmentflow.signin.codes import digest


class Session(AbstractBaseSession):
    """A browser's session. What its data say about the person stands in columns, too (store.py)."""

    ref = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    """For addresses of pages: the key itself lets in whoever has it."""
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True)
    """None before somebody has signed in."""
    how = models.CharField(max_length=20, blank=True, default="")
    address = models.GenericIPAddressField(null=True)
    user_agent = models.CharField(max_length=300, blank=True, default="")
    signed_in_at = models.DateTimeField(null=True)
    seen_at = models.DateTimeField(null=True)
    """Of the last page that somebody opened, to a few minutes."""

    def __str__(self) -> str:
        return f"Session of user {self.user_id}"

    @classmethod
    def get_session_store_class(cls) -> Any:
        from segmentflow.signin.store import SessionStore

        return SessionStore


class RecoveryCodes(ThrottlingMixin, Device):  # type: ignore[misc] # the library has no types
    """Let in once each; of those that are left only digests are stored (codes.py)."""

    digests = ArrayField(models.CharField(max_length=64))
    made_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "recovery codes"
        constraints = [models.UniqueConstraint(fields=["user"], name="one_set_of_recovery_codes")]

    def get_throttle_factor(self) -> int:
        return 1

    def verify_token(self, token: str) -> bool:
        """As django-otp asks its devices; the caller holds the row (factors.py)."""
        if not self.verify_is_allowed()[0]:
            return False
        wanted = digest(token)
        if wanted not in self.digests:
            self.throttle_increment()
            return False
        self.digests = [one for one in self.digests if one != wanted]
        self.throttle_reset()
        return True
