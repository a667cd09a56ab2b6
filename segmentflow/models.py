"""People who sign in, keys of programs that call the API, and what belongs to the workspace."""

from __future__ import annotations

from django.contrib.auth.models import AbstractUser
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models.functions import Now

from segmentflow.audit import models as _audit  # noqa: F401 - so that Django finds them
from segmentflow.signin.models import RecoveryCodes, Session

__all__ = [
    "ApiKey",
    "FreshTally",
    "RecoveryCodes",
    "Session",
    "Tally",
    "TallySubject",
    "Total",
    "User",
    "Wakeup",
    "Website",
    "Workspace",
]


class User(AbstractUser):  # type: ignore[django-manager-missing] # of devices: their library has no types
    """Someone who signs in; the role is the Django group (segmentflow/roles.py)."""


class ApiKey(models.Model):
    """A program's key. Only its SHA-256 is stored; the key itself is shown once."""

    class Scope(models.TextChoices):
        INGEST = "ingest", "Send contacts and events"
        READ = "read", "Read everything"
        WRITE = "write", "Change segments, fields and event types"
        AUDIT = "audit", "Read the audit log"

    name = models.CharField(max_length=100)
    prefix = models.CharField(max_length=12, editable=False)
    """The first characters, so that people can tell keys apart."""
    hash = models.CharField(max_length=64, unique=True, editable=False)
    scopes = ArrayField(models.CharField(max_length=10, choices=Scope))
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    last_used_at = models.DateTimeField(null=True, blank=True, editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    expires_at = models.DateTimeField(null=True, blank=True)
    """From then on it is refused; None: it never expires."""
    requests_per_second = models.PositiveIntegerField(null=True, blank=True)
    """None: no limit, as for events (segmentflow/api/limits.py)."""
    events_per_second = models.PositiveIntegerField(null=True, blank=True)
    """Events and contacts, however many come in one request."""
    replaces = models.ForeignKey(
        "self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replaced_by"
    )
    """The one that it was made instead of."""

    class Meta:
        verbose_name = "API key"
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.name} ({self.prefix}…)"


class KeyUse(models.Model):
    """What was sent with a key on a day (UTC)."""

    pk = models.CompositePrimaryKey("key_id", "day")
    key = models.ForeignKey(ApiKey, on_delete=models.CASCADE, related_name="uses")
    day = models.DateField()
    requests = models.BigIntegerField()
    """Those that were refused for being too many included."""
    events = models.BigIntegerField()
    """And contacts, that were asked to be stored."""
    refused = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.key_id} on {self.day}: {self.requests}"


class TokenBucket(models.Model):
    """What may still be sent: shared by all processes, each of which takes bites of it
    (segmentflow/api/leases.py). Not logged: after a crash all are full again."""

    name = models.CharField(primary_key=True, max_length=60)
    tokens = models.FloatField()
    """At `at`; below zero after a request that was larger than the bucket."""
    at = models.DateTimeField()
    granted = models.FloatField()
    """What whoever asked last has got."""

    def __str__(self) -> str:
        return f"{self.name}: {self.tokens}"


class Website(models.Model):
    """A site whose pages send visits. Its key stands in their source, so it is stored as it is,
    and is of use on /v1/ alone (docs/decisions/0013-what-a-public-key-may-do.md)."""

    name = models.CharField(max_length=100)
    key = models.CharField(max_length=40, unique=True, editable=False)
    origins = ArrayField(models.CharField(max_length=300))
    """Where its pages are: see segmentflow/api/origins.py."""
    fields = ArrayField(models.CharField(max_length=64), default=list, blank=True)
    """Keys of the additional fields that its pages may fill in."""
    created_by = models.ForeignKey(User, on_delete=models.SET_NULL, null=True, blank=True)
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    revoked_at = models.DateTimeField(null=True, blank=True)
    last_sent_at = models.DateTimeField(null=True, blank=True, editable=False)
    last_origin = models.CharField(max_length=300, blank=True, default="", editable=False)
    refused = models.BigIntegerField(default=0, editable=False)
    """Requests from other origins."""
    refused_origin = models.CharField(max_length=300, blank=True, default="", editable=False)
    """Of the last one."""
    refused_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.name


class Wakeup(models.Model):
    """One row for each kind of wake-up: see segmentflow/wakeups.py."""

    name = models.CharField(primary_key=True, max_length=20)
    asked_at = models.DateTimeField(null=True, editable=False)
    """When it was asked for; None when none is waiting."""
    begun_at = models.DateTimeField(null=True, editable=False)
    """When the cluster last began one."""

    def __str__(self) -> str:
        return self.name


class Workspace(models.Model):
    """What admins set for everybody: one row, made when first needed."""

    class UnknownTypes(models.TextChoices):
        """What happens with events whose type nobody has registered."""

        REGISTER = "register", "Register unknown event types"
        REFUSE = "refuse", "Refuse events of unknown types"

    time_zone = models.CharField(max_length=64, blank=True, default="")
    """Empty: what the environment says (setting TIME_ZONE)."""
    applied_zone = models.CharField(max_length=64, blank=True, default="", editable=False)
    """The one that stored memberships were computed in; see segmentflow/zone.py."""
    demo_asked_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When the demonstration data was asked for; None when nobody wants it (any more)."""
    demo_loaded_at = models.DateTimeField(null=True, blank=True, editable=False)
    """When all of it was in."""
    demo_streams = models.BooleanField(default=True, db_default=True)
    """Whether demonstration events keep arriving."""

    unknown_types = models.CharField(
        max_length=10, choices=UnknownTypes, blank=True, default="", db_default=""
    )
    """Empty: what the environment says (setting EVENT_TYPES_STRICT)."""
    audit_months = models.PositiveSmallIntegerField(
        null=True, blank=True, default=24, db_default=24
    )
    """For how long the log of who changed what is kept; None: for ever."""
    second_factor_for = ArrayField(models.CharField(max_length=30), null=True, blank=True)
    """Roles that need one to get in, or everybody (signin/policy.py); None: nobody has to."""

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_workspace")]

    def __str__(self) -> str:
        return "Workspace"


class TallySubject(models.IntegerChoices):
    """What is counted, and what `ref` names."""

    CONTACTS = 1, "Contacts that came"
    EVENTS = 2, "Events by when they occurred (ref: event type)"
    ENTERED = 3, "Contacts that entered (ref: segment)"
    LEFT = 4, "Contacts that left (ref: segment)"
    # By a trigger of the table of messages (campaigns/migrations/0014_tallies.py).
    SENT = 5, "Messages that were sent (ref: campaign)"
    OPENED = 6, "Messages that were opened (ref: campaign)"
    CLICKED = 7, "Messages of which a link was followed (ref: campaign)"
    UNSUBSCRIBED = 8, "Messages after which somebody unsubscribed (ref: campaign)"
    # What those see who look from outside (segmentflow/operations/); these only ever grow.
    ACCEPTED = 9, "Events that were stored, by when they came (ref: source)"
    REPEATED = 10, "Events that were there already (ref: source)"
    REFUSED = 11, "Events that were refused (ref: source)"
    REQUESTS = 12, "Requests that were answered (ref: area and kind of answer)"
    ANSWERING = 13, "Requests by how long they took (ref: area and step)"
    MOVES = 14, "Contacts that entered or left (ref: twice the segment, plus 1 for entering)"
    LATENCY = 15, "Changes by how long they waited (ref: lane and step)"
    LATENESS = 16, "Deadlines by how late they were met (ref: step)"
    EVALUATIONS = 17, "Evaluations (ref: segment)"
    EVALUATING = 18, "Microseconds of evaluations (ref: segment)"
    HANDED = 19, "Messages handed over (ref: channel and what came of it)"


class FreshTally(models.Model):
    """A number to be added: appended by whoever stores something, so that nobody waits.

    segmentflow/tallies.py rolls them up into the other two; a reader sums all of them.
    """

    subject = models.SmallIntegerField(choices=TallySubject)
    ref = models.BigIntegerField()
    at = models.DateTimeField()
    """Start of a quarter of an hour: days of every time zone are made of whole ones."""
    amount = models.BigIntegerField()
    """Negative when something was erased."""

    class Meta:
        verbose_name_plural = "fresh tallies"

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.ref}: {self.amount:+}"


class Tally(models.Model):
    """How many there were in a quarter of an hour."""

    pk = models.CompositePrimaryKey("subject", "ref", "at")
    subject = models.SmallIntegerField(choices=TallySubject)
    ref = models.BigIntegerField()
    at = models.DateTimeField()
    amount = models.BigIntegerField()

    class Meta:
        verbose_name_plural = "tallies"

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.ref} at {self.at}: {self.amount}"


class Total(models.Model):
    """How many there were in all."""

    pk = models.CompositePrimaryKey("subject", "ref")
    subject = models.SmallIntegerField(choices=TallySubject)
    ref = models.BigIntegerField()
    amount = models.BigIntegerField()

    def __str__(self) -> str:
        return f"{self.get_subject_display()} {self.ref}: {self.amount}"


class Sighting(models.Model):
    """Where SegmentFlow runs, as its own processes saw it last: one row for each data directory."""

    place = models.CharField(primary_key=True, max_length=200)
    """The machine's name and the data directory."""
    machine = models.CharField(max_length=100)
    version = models.CharField(max_length=40)
    seen_at = models.DateTimeField()
    watched_at = models.DateTimeField(null=True)
    """When its watcher said so itself."""
    report = models.JSONField(default=dict)
    """Its processes, its disk, its last backup (segmentflow/sightings.py)."""

    def __str__(self) -> str:
        return self.machine


class FreshMinute(models.Model):
    """How far behind the segments were at worst in a minute, as watchers saw it."""

    at = models.DateTimeField(primary_key=True)
    oldest_ms = models.BigIntegerField()
    """Of the change that waited longest."""
    late_ms = models.BigIntegerField()
    """Of the deadline that was most overdue."""

    def __str__(self) -> str:
        return f"{self.at}: {self.oldest_ms} ms"
