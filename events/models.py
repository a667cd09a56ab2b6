"""What happened: event types and the append-only log of events."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models.functions import Now

from contacts.models import Contact
from events.arrival import LONG_AGO


class NumericField(models.Field):  # type: ignore[type-arg]
    """An exact decimal of any size: PostgreSQL's `numeric` without bounds."""

    def db_type(self, connection: Any) -> str:
        return "numeric"


class EventType(models.Model):
    """A kind of event, registered when first seen or by an admin; the key is its name as sent."""

    class Origin(models.TextChoices):
        CUSTOMER = "customer", "Customer event"
        SYSTEM = "system", "System event"

    key = models.CharField(max_length=100, unique=True, db_collation="C")
    label = models.CharField(max_length=100, blank=True, default="")
    description = models.TextField(blank=True, default="")
    origin = models.CharField(max_length=10, choices=Origin, default=Origin.CUSTOMER)
    value_attribute = models.CharField(max_length=200, blank=True, default="")
    """The number attribute that is copied to Event.value, such as a purchase's amount."""
    value_is_filled = models.BooleanField(default=True)
    """False while stored events still hold the value of another attribute; conditions then
    read the attribute itself."""
    attributes = models.JSONField(default=dict, blank=True, editable=False)
    """Discovered: {attribute path: {"types": {type: count}, "samples": [text, ...]}}."""
    archived_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["key"]

    def __str__(self) -> str:
        return self.label or self.key


class ValueFilling(models.Model):
    """How far the value attribute of a type has been copied to its stored events (events/filling.py).

    There while the type's `value_is_filled` is false.
    """

    event_type = models.OneToOneField(
        EventType, on_delete=models.CASCADE, primary_key=True, related_name="filling"
    )
    has_begun = models.BooleanField(default=False)
    """Nobody reads the values of the attribute before any more."""
    contact_id = models.BigIntegerField(default=0)
    message_id = models.TextField(blank=True, default="", db_collation="C")
    """With the contact, the last event that was looked at."""
    done = models.BigIntegerField(default=0)
    """Events of the type that were looked at."""

    def __str__(self) -> str:
        return f"{self.event_type_id}: {self.done} events"


class Retention(models.Model):
    """For how long events of a type are kept; a type without one keeps them for ever."""

    event_type = models.OneToOneField(
        EventType, on_delete=models.CASCADE, primary_key=True, related_name="retention"
    )
    months = models.PositiveSmallIntegerField()
    is_paused = models.BooleanField(default=False)
    erased_before = models.DateTimeField(null=True)
    """All that occurred before it has been looked for and erased."""
    erasing_before = models.DateTimeField(null=True)
    """What is being erased; None when nothing is."""
    position = models.BigIntegerField(default=0)
    """The contact up to which that has been done."""
    erased = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    """Of how many, as counted at its beginning."""

    def __str__(self) -> str:
        return f"{self.event_type_id}: {self.months} months"


class IngestProblem(models.Model):
    """Something that programs sent and that could not be stored, counted.

    No value is kept here, for it may be somebody's: only where it was and what was wrong.
    For events of unknown types, whichever way they came, the path is the type.
    """

    path = models.TextField(db_collation="C")
    """Such as `identify traits.birthday`."""
    code = models.CharField(max_length=40)
    times = models.BigIntegerField(default=0)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        ordering = ["-last_at"]
        constraints = [
            models.UniqueConstraint(fields=["path", "code"], name="one_ingest_problem_of_a_kind")
        ]

    def __str__(self) -> str:
        return f"{self.path}: {self.code}"


class Event(models.Model):
    """Something a contact did, or that was done to them. Never changed once stored.

    What keeps its key unique is event_once, which is half as large as a primary key (keys.py).
    """

    pk = models.CompositePrimaryKey("contact_id", "message_id")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    message_id = models.TextField(db_collation="C")
    type = models.ForeignKey(
        EventType,
        on_delete=models.PROTECT,
        related_name="events",
        db_constraint=False,
        db_index=False,
    )
    occurred_at = models.DateTimeField()
    received_at = models.DateTimeField(db_default=Now())
    attributes = models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)
    value = NumericField(null=True)
    """The number of the type's value attribute, so that sums need no look into JSON."""

    class Meta:
        constraints = [
            models.UniqueConstraint(
                models.F("contact"),
                models.Func("message_id", models.Value(0), function="hashtextextended"),
                name="event_once",
            )
        ]
        indexes = [
            # Every event condition reads one contact's events of one type by time.
            models.Index(
                fields=["contact", "type", "occurred_at"],
                include=["value"],
                name="event_by_contact",
            ),
            # The live feed takes the newest of each type. All events are in it, but only who says so
            # gets it (arrival.py).
            models.Index(
                fields=["type", "received_at"],
                condition=models.Q(received_at__gt=LONG_AGO),
                name="event_by_arrival",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.type} at {self.occurred_at:%Y-%m-%d %H:%M}"
