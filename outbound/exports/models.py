"""Exports that people have set up, and every run of them."""

from __future__ import annotations

from datetime import time

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from segments.models import Segment


class Export(models.Model):
    """The members of a segment as a file: what it holds, when, and where to."""

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"

    class Schedule(models.TextChoices):
        HAND = "hand", "Only when somebody asks for it"
        HOURLY = "hourly", "Every hour"
        DAILY = "daily", "Every day"
        WEEKLY = "weekly", "On days of the week"

    class Place(models.TextChoices):
        FOLDER = "folder", "A folder of this server"
        URL = "url", "An address (URL)"

    class Method(models.TextChoices):
        PUT = "PUT", "PUT"
        POST = "POST", "POST, signed"

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind, default=Kind.CSV)
    is_gzip = models.BooleanField(default=False)
    columns = ArrayField(models.TextField())
    """As contacts.exporting.exportable names them, and entered_at."""
    schedule = models.CharField(max_length=8, choices=Schedule, default=Schedule.DAILY)
    at = models.TimeField(default=time(6, 0))
    """On the clock of the workspace; of an hourly one, the minute alone."""
    weekdays = ArrayField(models.SmallIntegerField(), default=list, blank=True)
    """Of a weekly one: 1 is Monday, 7 is Sunday."""
    place = models.CharField(max_length=8, choices=Place, default=Place.FOLDER)
    folder = models.CharField(max_length=200, blank=True, default="")
    """Below the one that the operator allows (setting EXPORTS_DIR)."""
    pattern = models.CharField(max_length=200, default="{segment}-{date}-{time}")
    """Of the file's name, without the ending."""
    keeps = models.PositiveIntegerField(default=30)
    """So many files stay in the folder; older ones are removed."""
    method = models.CharField(max_length=4, choices=Method, default=Method.PUT)
    shown_url = models.CharField(max_length=300, blank=True, default="")
    """The address without what only those may see who may change it."""
    sealed = models.TextField(blank=True, default="")
    """The whole address and the secret that signs, encrypted (campaigns/channels/secrets.py)."""
    is_paused = models.BooleanField(default=False)
    next_at = models.DateTimeField(null=True, blank=True)
    """None: when somebody asks for it."""
    zone = models.CharField(max_length=64, blank=True, default="")
    """The one in which `next_at` was computed."""
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name", "pk"]
        indexes = [
            models.Index(
                fields=["next_at"],
                name="exports_by_next",
                condition=models.Q(next_at__isnull=False),
            )
        ]

    def __str__(self) -> str:
        return self.name


class ExportRun(models.Model):
    """One file that was asked for: by the clock or by somebody."""

    class State(models.TextChoices):
        WAITING = "waiting", "Waiting"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        FAILED = "failed", "Failed"
        STOPPED = "stopped", "Stopped"

    OPEN = (State.WAITING.value, State.RUNNING.value)

    export = models.ForeignKey(Export, on_delete=models.CASCADE, related_name="runs")
    state = models.CharField(max_length=8, choices=State, default=State.WAITING)
    is_by_hand = models.BooleanField(default=False)
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    due_at = models.DateTimeField()
    try_at = models.DateTimeField()
    """When it is tried (again), while it waits."""
    attempts = models.PositiveIntegerField(default=0)
    begun_at = models.DateTimeField(null=True)
    """The first attempt: the file is named for it."""
    tried_at = models.DateTimeField(null=True)
    """The last attempt."""
    ended_at = models.DateTimeField(null=True)
    rows = models.BigIntegerField(null=True)
    size = models.BigIntegerField(null=True)
    """Bytes of the file."""
    file = models.CharField(max_length=500, blank=True, default="")
    """Where it lies below the allowed folder; empty when it is there no longer, or never was."""
    said = models.TextField(blank=True, default="")
    """What went wrong, or what the receiver answered."""

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["export"],
                condition=models.Q(state__in=["waiting", "running"]),
                name="one_open_run_of_an_export",
            )
        ]
        indexes = [
            models.Index(
                fields=["try_at"],
                name="export_runs_open",
                condition=models.Q(state__in=["waiting", "running"]),
            )
        ]

    def __str__(self) -> str:
        return f"{self.export} {self.due_at}: {self.state}"
