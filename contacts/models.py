"""Who: contacts, the values that identify them, and the fields admins define for them."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.indexes import GinIndex
from django.db import models
from django.db.models.functions import Now

from contacts.retyping import models as _retyping  # noqa: F401 - so that Django finds them
from segmentflow.exact import ExactDecoder, ExactEncoder


class FieldTypes(models.TextChoices):
    TEXT = "text", "Text"
    NUMBER = "number", "Number"
    BOOLEAN = "boolean", "Yes / no"
    DATE = "date", "Date"
    DATETIME = "datetime", "Date and time"
    LIST = "list", "List of texts"


class Field(models.Model):
    """An additional field: admins define it, contacts hold values for it."""

    key = models.CharField(max_length=64, unique=True, db_collation="C")
    label = models.CharField(max_length=100)
    type = models.CharField(max_length=10, choices=FieldTypes)
    choices = models.JSONField(default=list, blank=True, encoder=ExactEncoder, decoder=ExactDecoder)
    description = models.TextField(blank=True, default="")
    position = models.PositiveIntegerField(default=0)
    archived_at = models.DateTimeField(null=True, blank=True)
    becoming = models.JSONField(null=True, blank=True, editable=False)
    """The type that values have to be convertible to as well, shortly before it changes (retyping)."""
    created_at = models.DateTimeField(db_default=Now(), editable=False)

    class Meta:
        ordering = ["position", "key"]

    def __str__(self) -> str:
        return self.label or self.key


class Contact(models.Model):
    """A person. Built-in fields are columns; additional ones are in `attributes`.

    A missing built-in value is the empty text. Values are kept as they were sent.
    """

    id = models.BigAutoField(primary_key=True)
    external_id = models.TextField(blank=True, db_default="", default="")
    email = models.TextField(blank=True, db_default="", default="")
    phone = models.TextField(blank=True, db_default="", default="")
    first_name = models.TextField(blank=True, db_default="", default="")
    last_name = models.TextField(blank=True, db_default="", default="")
    city = models.TextField(blank=True, db_default="", default="")
    country = models.TextField(blank=True, db_default="", default="")
    language = models.TextField(blank=True, db_default="", default="")
    timezone = models.TextField(blank=True, db_default="", default="")
    preferred_channel = models.TextField(blank=True, db_default="", default="")
    attributes = models.JSONField(db_default=models.Value({}, models.JSONField()), default=dict)
    created_at = models.DateTimeField(db_default=Now())
    updated_at = models.DateTimeField(db_default=Now())

    class Meta:
        indexes = [
            # Search by the beginnings of words (contacts/search.py).
            GinIndex(
                models.Func(
                    models.F("first_name"),
                    models.F("last_name"),
                    models.F("email"),
                    models.F("external_id"),
                    models.F("phone"),
                    function="contact_words",
                ),
                name="contact_by_words",
            )
        ]

    def __str__(self) -> str:
        name = f"{self.first_name} {self.last_name}".strip()
        return name or self.email or self.external_id or self.phone or f"Contact {self.pk}"


class IdentityKind(models.TextChoices):
    EXTERNAL_ID = "external_id", "External id"
    EMAIL = "email", "Email"
    PHONE = "phone", "Phone"
    ANONYMOUS_ID = "anonymous_id", "Anonymous id"
    """Of a browser or an app, before anybody said who uses it; a contact may have many."""


class Identity(models.Model):
    """The only way from a value to a contact; unique across all contacts.

    After a merge a contact is also known by what the other one was known by.

    Its own table so that contacts can be spread over machines by id: no foreign key leads
    from here to the contact, and the primary key is the value.
    """

    pk = models.CompositePrimaryKey("kind", "value")
    kind = models.CharField(max_length=16, choices=IdentityKind)
    value = models.TextField(db_collation="C")
    """As sent; an email is lower-cased here, so that one address is one contact."""
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="identities", db_constraint=False
    )

    class Meta:
        verbose_name_plural = "identities"

    def __str__(self) -> str:
        return f"{self.kind} {self.value}"


class Channel(models.TextChoices):
    """A way to reach somebody, for which they are asked."""

    EMAIL = "email", "Email"
    SMS = "sms", "SMS"
    PUSH = "push", "Push"


class Consent(models.Model):
    """What a contact decided about a channel, when, and by whom we know. Never changed once stored.

    The newest decision by its time is what holds now, and of two at the same time the
    withdrawal; the older ones are kept as proof. No row: never asked (contacts/consents.py).
    """

    pk = models.CompositePrimaryKey("contact_id", "channel", "at", "subscribed")
    contact = models.ForeignKey(
        Contact,
        on_delete=models.CASCADE,
        related_name="consents",
        db_constraint=False,
        db_index=False,
    )
    channel = models.CharField(max_length=8, choices=Channel)
    at = models.DateTimeField()
    subscribed = models.BooleanField()
    source = models.TextField()
    """Who or what told: “API key “Shop””, “Import people.csv”, a person's name."""
    recorded_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.channel} {'subscribed' if self.subscribed else 'unsubscribed'} {self.at}"


class PendingMark(models.Model):
    """Something about a contact changed and its segments have not been looked at yet.

    Written in the transaction that changes the data; removed in the one that stores the
    result (segments/engine). Append-only: several marks for one contact are merged when
    they are claimed.
    """

    class Kind(models.IntegerChoices):
        CREATED = 1  # a new contact; ref is empty
        FIELD = 2  # ref: key of the field whose value changed
        EVENT = 3  # ref: key of the event's type
        SEGMENT = 4  # ref: key of the static segment whose list changed
        ERASED = 5  # ref: key of the type of events that are kept no longer
        REDEFINED = 6  # ref: key of the dynamic segment whose definition is another one

    id = models.BigAutoField(primary_key=True)
    bucket = models.SmallIntegerField()
    """contact_id modulo BUCKETS: the unit that one worker holds at a time."""
    contact_id = models.BigIntegerField()
    kind = models.SmallIntegerField(choices=Kind)
    ref = models.TextField(blank=True, default="")
    occurred_at = models.DateTimeField(null=True)
    """Of the newest event that the mark stands for."""
    attributes = models.TextField(null=True)  # noqa: DJ001 (an empty text is no JSON)
    """Of the event, as JSON, to tell whom it does not concern; null: not told, it may be anybody."""
    is_bulk = models.BooleanField(db_default=False, default=False)
    """One of very many, as imports leave them: looked at when nothing else waits."""
    created_at = models.DateTimeField(db_default=Now())

    class Meta:
        # Claiming takes the oldest marks of one bucket, those that came one by one before all others.
        indexes = [models.Index(fields=["bucket", "is_bulk", "id"], name="pending_by_lane")]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.ref} of contact {self.contact_id}"


class ContactImport(models.Model):
    """A file of contacts that somebody brought: what it holds, how far it has come (contacts/imports)."""

    class State(models.TextChoices):
        READING = "reading", "Being read"
        READY = "ready", "Waits for you"
        TRYING = "trying", "Dry run"
        RUNNING = "running", "Running"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"
        FAILED = "failed", "Failed"

    class Kind(models.TextChoices):
        CSV = "csv", "CSV"
        JSONL = "jsonl", "JSON Lines"
        XLSX = "xlsx", "XLSX"

    name = models.CharField(max_length=255)
    """Of the file, as its owner calls it."""
    token = models.CharField(max_length=32, unique=True)
    """Names its folder."""
    kind = models.CharField(max_length=8, choices=Kind)
    size = models.BigIntegerField()
    state = models.CharField(max_length=12, choices=State, default=State.READING)
    encoding = models.CharField(max_length=20, blank=True, default="")
    separator = models.CharField(max_length=1, blank=True, default="")
    sheet = models.CharField(max_length=255, blank=True, default="")
    sheets = models.JSONField(default=list)
    columns = models.JSONField(default=list)
    """What the file calls them, made different from each other."""
    mapping = models.JSONField(default=list)
    """For each column, where it goes and how it is written (contacts/imports/mapping.py)."""
    found_by = models.CharField(max_length=16, blank=True, default="")
    position = models.BigIntegerField(default=0)
    """Bytes of the rows that have been dealt with."""
    line = models.BigIntegerField(default=0)
    total = models.BigIntegerField(default=0)
    """Bytes of all rows."""
    created = models.BigIntegerField(default=0)
    updated = models.BigIntegerField(default=0)
    refused = models.BigIntegerField(default=0)
    refused_size = models.BigIntegerField(default=0)
    """Bytes of the file with the rows that were refused; more than that was not committed."""
    tried = models.JSONField(null=True)
    """What the last dry run counted."""
    error = models.TextField(blank=True, default="")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    started_at = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    has_files = models.BooleanField(default=True)

    class Meta:
        ordering = ["-pk"]

    def __str__(self) -> str:
        return self.name


class ContactColumns(models.Model):
    """Which columns a person wants to see of contacts, in their order (contacts/columns.py)."""

    person = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        primary_key=True,
        related_name="+",
    )
    keys = models.JSONField(default=list)

    class Meta:
        verbose_name_plural = "contact columns"
        default_permissions = ()  # everybody has their own

    def __str__(self) -> str:
        return f"Columns of {self.person}"
