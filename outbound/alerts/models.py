"""What people want to be told about a segment's size, what they were told, and the mails that did."""

from __future__ import annotations

from django.conf import settings
from django.db import models

from segments.models import Segment


class Alert(models.Model):
    """Who is told about a segment; its rules say of what."""

    segment = models.OneToOneField(Segment, on_delete=models.CASCADE, related_name="+")
    to_owner = models.BooleanField(default=True)
    """Whoever owns the segment by then."""
    users = models.ManyToManyField(settings.AUTH_USER_MODEL, related_name="+", blank=True)
    is_paused = models.BooleanField(default=False)
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"alerts of {self.segment_id}"


class AlertRule(models.Model):
    """A bound that the size of a segment crosses, and on which side of it the segment is."""

    class Kind(models.TextChoices):
        CHANGE = "change", "Changes by more than so many per cent in a day"
        EMPTY = "empty", "Becomes empty"
        BELOW = "below", "Has fewer members than"
        ABOVE = "above", "Has more members than"

    alert = models.ForeignKey(Alert, on_delete=models.CASCADE, related_name="rules")
    kind = models.CharField(max_length=8, choices=Kind)
    number = models.BigIntegerField(default=0)
    """Per cent or members; 0 for the one that has none."""
    is_over = models.BooleanField(null=True)
    """Beyond the bound; None: it was not looked at yet."""
    since = models.DateTimeField(null=True)
    told_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["alert", "kind"], name="one_alert_rule_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.number}"


class AlertNotice(models.Model):
    """A segment crossed a bound: what it was like then. Kept as the log."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+", db_index=False)
    at = models.DateTimeField()
    rules = models.JSONField()
    """[{"kind", "number"}], the one that matters most first."""
    size = models.BigIntegerField()
    before = models.BigIntegerField()
    before_at = models.DateTimeField()
    """A day before, at the quarter of an hour that had begun then."""
    entered = models.BigIntegerField()
    left = models.BigIntegerField()
    """Since then."""
    causes = models.JSONField(default=dict)
    """{"moves": {kind: [entered, left]}, "edits": [{"version", "author", "at"}]}"""

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["segment", "at"], name="alert_notices_by_segment"),
            models.Index(fields=["at"], name="alert_notices_by_time"),
        ]

    def __str__(self) -> str:
        return f"{self.segment_id} {self.at}: {self.before} to {self.size}"


class AlertMail(models.Model):
    """A notice on its way to somebody."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        SENT = "sent", "Sent"
        FAILED = "failed", "Not sent"

    notice = models.ForeignKey(AlertNotice, on_delete=models.CASCADE, related_name="mails")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    attempts = models.PositiveIntegerField(default=0)
    try_at = models.DateTimeField()
    sent_at = models.DateTimeField(null=True)
    error = models.TextField(blank=True, default="")
    """Why it was not sent, as last heard."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["notice", "user"], name="one_mail_of_a_notice")
        ]
        indexes = [
            models.Index(
                fields=["try_at"],
                name="alert_mails_waiting",
                condition=models.Q(state="waiting"),
            )
        ]

    def __str__(self) -> str:
        return f"{self.notice_id} to {self.user_id}: {self.state}"
