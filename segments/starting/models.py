"""Templates that people made of their own segments."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from segmentflow.exact import ExactDecoder, ExactEncoder


class SavedTemplate(models.Model):
    """A definition with everything that it needs, so that it can be begun with anywhere."""

    key = models.CharField(max_length=64, unique=True, db_collation="C")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    category = models.CharField(max_length=50)
    definition = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    """It refers to no segments: what they mean is written out."""
    fields = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    event_types = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    """What the definition names, as the API would define it."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        app_label = "segments"
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
