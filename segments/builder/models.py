"""What the builder keeps: a draft for each segment, every step that led to it, who is there."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from segmentflow.exact import ExactDecoder, ExactEncoder


class Draft(models.Model):
    """What the builder shows of a segment. Without steps: what there is outside the builder.

    The row stays when a draft is forgotten, so that no revision is ever used twice.
    """

    segment = models.OneToOneField(
        "segments.Segment",
        on_delete=models.CASCADE,
        related_name="builder_draft",
        # A save never waits for whoever holds the segment.
        db_constraint=False,
    )
    position = models.PositiveIntegerField(default=0)
    """Number of the step that is shown; those behind it can be redone."""
    revision = models.BigIntegerField(default=0)
    """Grows with every change, undo and redo included."""
    base = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    """The definition outside the builder when the draft began or last took it in."""
    base_version = models.PositiveIntegerField(null=True)
    """Number of the newest version then."""
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    """Who made the newest revision."""
    changed_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "segments"

    def __str__(self) -> str:
        return f"draft of segment {self.segment_id}, revision {self.revision}"


class DraftStep(models.Model):
    """A tree as it stood after something was done; the first one as it stood before."""

    # The unique constraint finds the steps of a draft.
    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="steps", db_index=False)
    number = models.PositiveIntegerField()
    tree = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    """With the ids of its nodes."""
    label = models.TextField()
    """What was done, such as "Added Tier"; empty for the first one."""
    merge_key = models.TextField(blank=True, default="")
    """Changes with the same one, shortly after each other, are one step. Empty: never."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    at = models.DateTimeField()
    revisions = ArrayField(models.BigIntegerField(), default=list)
    """Those in which it was what the builder showed, the newest last."""

    class Meta:
        app_label = "segments"
        constraints = [
            models.UniqueConstraint(fields=["draft", "number"], name="one_draft_step_per_number")
        ]

    def __str__(self) -> str:
        return f"step {self.number} of draft {self.draft_id}: {self.label}"


class Editor(models.Model):
    """Somebody who has the builder of a segment open, or had it a moment ago."""

    # The unique constraint finds the editors of a segment.
    segment = models.ForeignKey(
        "segments.Segment",
        on_delete=models.CASCADE,
        related_name="+",
        db_index=False,
        # Looking at the builder never waits for whoever holds the segment.
        db_constraint=False,
    )
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()

    class Meta:
        app_label = "segments"
        constraints = [
            models.UniqueConstraint(fields=["segment", "user"], name="one_editor_per_segment")
        ]

    def __str__(self) -> str:
        return f"user {self.user_id} in the builder of segment {self.segment_id}"
