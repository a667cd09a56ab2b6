"""Images for messages."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now


class Picture(models.Model):
    """An image for messages, served to whoever has its address."""

    token = models.CharField(max_length=32, unique=True, db_collation="C")
    name = models.CharField(max_length=200)
    content_type = models.CharField(max_length=40)
    data = models.BinaryField()
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name
