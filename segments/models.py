"""Who belongs: segments, the versions of their definitions, and their stored members."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from contacts.models import Contact
from segmentflow.exact import ExactDecoder, ExactEncoder
from segments.builder import models as _builder  # noqa: F401 - so that Django finds them
from segments.keeping import models as _keeping  # noqa: F401 - the same
from segments.overlap import models as _overlap  # noqa: F401
from segments.starting import models as _starting  # noqa: F401


class Segment(models.Model):
    """A group of contacts: described by a definition (dynamic) or listed by hand (static)."""

    class Kind(models.TextChoices):
        DYNAMIC = "dynamic", "Dynamic"
        STATIC = "static", "Static list"

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        LIVE = "live", "Live"
        PAUSED = "paused", "Paused"
        ARCHIVED = "archived", "Archived"

    key = models.CharField(max_length=64, unique=True, db_collation="C")
    name = models.CharField(max_length=100)
    description = models.TextField(blank=True, default="")
    tags = ArrayField(models.CharField(max_length=50), default=list, db_default=[], blank=True)
    """Words to find it by, sorted, each once."""
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.DYNAMIC)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    draft = models.JSONField(null=True, blank=True, encoder=ExactEncoder, decoder=ExactDecoder)
    """The definition being worked on; perhaps incomplete. None when there is none."""
    live_version = models.ForeignKey(
        "SegmentVersion", on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The version the stored members follow; None until the first rebuild has ended."""
    member_count = models.BigIntegerField(default=0, db_default=0, editable=False)
    built_at = models.DateTimeField(null=True, blank=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class SegmentVersion(models.Model):
    """A definition that was published, whole and valid."""

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="versions")
    number = models.PositiveIntegerField()
    definition = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    live_at = models.DateTimeField(null=True, editable=False)
    """When the members first followed it; None before, and for ever when another overtook it.

    The numbers are of that moment; of versions older than these columns they are not known."""
    members = models.BigIntegerField(null=True, editable=False)
    entered = models.BigIntegerField(null=True, editable=False)
    left = models.BigIntegerField(null=True, editable=False)

    class Meta:
        ordering = ["segment", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["segment", "number"], name="one_version_per_number")
        ]

    def __str__(self) -> str:
        return f"{self.segment} v{self.number}"


class SegmentUse(models.Model):
    """The inverted index: what a version depends on, its references to segments included."""

    class Kind(models.TextChoices):
        FIELD = "field", "Field"
        EVENT = "event", "Event type"
        SEGMENT = "segment", "Segment"

    class Direction(models.IntegerChoices):
        EITHER = 0, "Either way"
        UP = 1, "Can only bring contacts in"
        DOWN = -1, "Can only take contacts out"

    version = models.ForeignKey(SegmentVersion, on_delete=models.CASCADE, related_name="uses")
    kind = models.CharField(max_length=10, choices=Kind)
    ref = models.TextField(db_collation="C")
    direction = models.SmallIntegerField(choices=Direction, default=Direction.EITHER)
    is_direct = models.BooleanField(default=True)
    """False when only a segment that this one refers to depends on it."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "kind", "ref"], name="one_use_per_ref")
        ]
        indexes = [models.Index(fields=["kind", "ref"], name="uses_by_ref")]

    def __str__(self) -> str:
        return f"{self.version} uses {self.kind} {self.ref}"


class Membership(models.Model):
    """A contact is in a segment now. Written by the engine alone, only when that changes."""

    pk = models.CompositePrimaryKey("contact_id", "segment_id")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_constraint=False,
        db_index=False,
    )
    segment = models.ForeignKey(
        Segment,
        on_delete=models.CASCADE,
        related_name="memberships",
        db_constraint=False,
        db_index=False,
    )
    entered_at = models.DateTimeField()

    class Meta:
        # Pages of a segment's members, in the order of the cursor.
        indexes = [models.Index(fields=["segment", "contact"], name="members_by_segment")]

    def __str__(self) -> str:
        return f"contact {self.contact_id} in segment {self.segment_id}"


class Deadline(models.Model):
    """The instant at which time alone may change a contact's answer to a segment.

    Never too late; too early costs one look. No row: time alone changes nothing.
    """

    pk = models.CompositePrimaryKey("contact_id", "segment_id")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    segment = models.ForeignKey(
        Segment, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    due_at = models.DateTimeField()

    class Meta:
        indexes = [
            # The sweep takes what is due, oldest first.
            models.Index(fields=["due_at"], name="deadlines_by_due"),
            # A rebuild compares those of one segment, a range of contacts at a time.
            models.Index(fields=["segment", "contact"], name="deadlines_by_contact"),
        ]

    def __str__(self) -> str:
        return f"contact {self.contact_id}, segment {self.segment_id} at {self.due_at}"


class Transition(models.Model):
    """A contact entered or left a segment: when, and because of what."""

    pk = models.CompositePrimaryKey("contact_id", "seq")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="transitions",
        db_constraint=False,
        db_index=False,
    )
    seq = models.BigIntegerField(
        db_default=models.Func(
            models.Value("segments_transition_seq"),
            function="nextval",
            output_field=models.BigIntegerField(),
        )
    )
    segment = models.ForeignKey(
        Segment,
        on_delete=models.CASCADE,
        related_name="transitions",
        db_constraint=False,
        db_index=False,
    )
    entered = models.BooleanField()
    at = models.DateTimeField()
    cause = models.JSONField(default=dict)
    """{"kind": "event", "type", "occurred_at"} | {"kind": "field", "field"} |
    {"kind": "created"} | {"kind": "time"} | {"kind": "definition", "version"} |
    {"kind": "segment", "segment"[, "redefined": true]} | {"kind": "zone", "zone"} | {"kind": "repair"} | {"kind": "manual"} |
    {"kind": "erased", "type"}"""

    class Meta:
        # A segment's activity, newest first; history over time.
        indexes = [models.Index(fields=["segment", "seq"], name="transitions_by_segment")]

    def __str__(self) -> str:
        return (
            f"contact {self.contact_id} {'entered' if self.entered else 'left'} {self.segment_id}"
        )


class Rebuild(models.Model):
    """A segment's members computed anew beside the old ones, to be swapped in at once."""

    class State(models.TextChoices):
        BUILDING = "building", "Building"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    segment = models.ForeignKey(Segment, on_delete=models.CASCADE, related_name="rebuilds")
    version = models.ForeignKey(SegmentVersion, on_delete=models.CASCADE, related_name="+")
    cause = models.JSONField(default=dict)
    """Recorded with every transition it makes."""
    was_current = models.BooleanField(default=False, db_default=False)
    """What was stored when it was asked for was right, but for marks that waited: whoever refers
    to the segment has to follow nothing but the differences."""
    state = models.CharField(max_length=10, choices=State, default=State.BUILDING)
    last_contact_id = models.BigIntegerField(default=0)
    """Contacts up to this id are done: where a rebuild goes on after a crash."""
    done = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    error = models.TextField(blank=True, default="")
    created_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["segment"],
                condition=models.Q(state="building"),
                name="one_rebuild_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"rebuild of {self.version}: {self.state}"


class Candidate(models.Model):
    """A contact's answer under the version being built, where it is not what is stored."""

    pk = models.CompositePrimaryKey("contact_id", "rebuild_id")
    contact_id = models.BigIntegerField()
    rebuild_id = models.BigIntegerField()
    is_member = models.BooleanField()
    until = models.DateTimeField(null=True)
    """None: time alone changes nothing."""

    class Meta:
        indexes = [models.Index(fields=["rebuild_id"], name="candidates_by_rebuild")]

    def __str__(self) -> str:
        return f"contact {self.contact_id} in rebuild {self.rebuild_id}"


class Touched(models.Model):
    """A contact that changed or moved while a rebuild ran: it is looked at again in the swap."""

    pk = models.CompositePrimaryKey("contact_id", "rebuild_id")
    contact_id = models.BigIntegerField()
    rebuild_id = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "touched"
        indexes = [models.Index(fields=["rebuild_id"], name="touched_by_rebuild")]

    def __str__(self) -> str:
        return f"contact {self.contact_id} during rebuild {self.rebuild_id}"


class EngineClock(models.Model):
    """One row: the latest instant the engine has evaluated at.

    When somebody settles at an earlier one, deadlines say nothing about it and every
    segment that depends on the clock is rebuilt.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    evaluated_at = models.DateTimeField()
    nothing_due_before = models.DateTimeField(null=True)
    """Every earlier deadline has been met (deadlines.py)."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_engine_clock")]

    def __str__(self) -> str:
        return f"evaluated at {self.evaluated_at}"
