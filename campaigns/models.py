"""What is sent to whom: campaigns, their messages, and what came back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import MD5, Now

from contacts.models import Channel, Contact
from segments.models import Segment, SegmentVersion


def _next(sequence: str) -> models.Func:
    return models.Func(
        models.Value(sequence), function="nextval", output_field=models.BigIntegerField()
    )


class Campaign(models.Model):
    """A message for the members of some segments: who, what, by which channel, and when."""

    class Status(models.TextChoices):
        DRAFT = "draft", "Draft"
        SCHEDULED = "scheduled", "Scheduled"
        SENDING = "sending", "Sending"
        LIVE = "live", "Live"
        """Sends to whoever enters a segment, until it is stopped."""
        PAUSED = "paused", "Paused"
        DONE = "done", "Sent"
        CANCELLED = "cancelled", "Cancelled"

    class Kind(models.TextChoices):
        NOW = "now", "Now"
        AT = "at", "At a time"
        ENTERING = "entering", "When a contact enters a segment"

    name = models.CharField(max_length=100)
    channel = models.CharField(max_length=8, choices=Channel)
    status = models.CharField(max_length=10, choices=Status, default=Status.DRAFT)
    kind = models.CharField(max_length=10, choices=Kind, default=Kind.NOW)
    starts_at = models.DateTimeField(null=True, blank=True)
    """For the kind AT, in the workspace's time zone."""
    is_local = models.BooleanField(default=False)
    """At the time on the clock that `starts_at` shows in the workspace, where each contact is."""
    delay_minutes = models.PositiveIntegerField(default=0)
    """For the kind ENTERING: whoever leaves before it ends gets nothing."""
    again_days = models.PositiveIntegerField(null=True, blank=True)
    """For the kind ENTERING: once in so many days; None: once ever."""
    holdout_percent = models.PositiveSmallIntegerField(default=0)
    ignores_cap = models.BooleanField(default=False)
    ignores_quiet_hours = models.BooleanField(default=False)
    content = models.JSONField(default=dict)
    """As campaigns/content.py describes it for each channel."""
    contents_aside = models.JSONField(default=dict, db_default=models.Value({}, models.JSONField()))
    """By channel, the content that it had before it changed its channel."""
    revision = models.PositiveIntegerField(default=0)
    """Grows with each change; a change that is based on an older one is refused."""
    frozen = models.JSONField(null=True, blank=True)
    """From its start on, what is sent: {"content": …, "way": {…}, "zone": …} (delivery/starting.py)."""
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    created_at = models.DateTimeField(db_default=Now(), editable=False)
    updated_at = models.DateTimeField(auto_now=True)
    started_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
    )
    """Who said that it may begin, be it at once or at its time."""
    started_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    erased = models.PositiveIntegerField(default=0, db_default=0, editable=False)
    """How many of its messages went because their contacts were erased."""

    class Meta:
        ordering = ["-pk"]
        permissions = [("send_campaign", "Can start, pause and cancel campaigns")]
        indexes = [
            # The watcher looks for them several times a second.
            models.Index(
                fields=["status"],
                name="campaigns_under_way",
                condition=models.Q(status__in=["scheduled", "sending", "live", "cancelled"]),
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignChange(models.Model):
    """What made a draft's revision out of the one before, for whoever works on an older one."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="changes")
    revision = models.PositiveIntegerField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    at = models.DateTimeField()
    words = models.JSONField(default=list)
    """A list of sentences (campaigns/difference.py)."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "revision"], name="one_change_per_revision")
        ]

    def __str__(self) -> str:
        return f"{self.campaign}, revision {self.revision}"


class CampaignTarget(models.Model):
    """A segment whose members a campaign is for, or is not for."""

    campaign = models.ForeignKey(Campaign, on_delete=models.CASCADE, related_name="targets")
    segment = models.ForeignKey(Segment, on_delete=models.PROTECT, related_name="campaign_targets")
    excludes = models.BooleanField(default=False)
    version = models.ForeignKey(
        SegmentVersion, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    """The one that the members followed when the recipients were frozen."""

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["campaign", "segment"], name="one_target_per_segment")
        ]

    def __str__(self) -> str:
        return f"{self.campaign} {'without' if self.excludes else 'to'} {self.segment}"


class SendingRules(models.Model):
    """One row: what holds for all campaigns."""

    id = models.SmallIntegerField(primary_key=True, default=1)
    cap_messages = models.PositiveSmallIntegerField(null=True, blank=True)
    """At most so many messages to a contact over all campaigns, in so many days; None: no cap."""
    cap_days = models.PositiveSmallIntegerField(null=True, blank=True)
    quiet_from = models.TimeField(null=True, blank=True)
    """In the contact's time zone nothing is sent from then on until `quiet_to`; None: no such hours."""
    quiet_to = models.TimeField(null=True, blank=True)
    outbox_days = models.PositiveSmallIntegerField(default=30, db_default=30)
    """So long the built-in outbox keeps messages; tests at most seven (tidying.py)."""

    class Meta:
        verbose_name_plural = "sending rules"
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_sending_rules")]

    def __str__(self) -> str:
        return "Sending rules"


class Way(models.Model):
    """How messages of a channel leave: the adapter and what it needs (channels/ways.py).

    A channel without a row delivers into the built-in outbox.
    """

    channel = models.CharField(max_length=8, choices=Channel, primary_key=True)
    adapter = models.CharField(max_length=32, default="outbox")
    config = models.JSONField(default=dict)
    """Of the adapter and of the channel, such as sender, country code, address of the gateway."""
    secrets = models.TextField(blank=True, default="")
    """JSON, encrypted (channels/secrets.py)."""
    per_second = models.PositiveIntegerField(null=True, blank=True)
    """The throttle: at most so many messages a second; None: as fast as it goes."""
    updated_at = models.DateTimeField(auto_now=True)

    def __str__(self) -> str:
        return f"{self.channel} by {self.adapter}"


class Message(models.Model):
    """A campaign's message to a contact, or why there is none. One row for each occasion.

    The primary key is what makes a message be sent once (delivery/).
    """

    class State(models.IntegerChoices):
        WAITING = 0, "Waiting"
        CLAIMED = 1, "Being prepared"
        """By a worker; nothing has left yet."""
        HANDING = 2, "Being handed over"
        """Whether the provider took it is not known until there is an answer."""
        SENT = 3, "Sent"
        FAILED = 4, "Failed"
        UNCLEAR = 5, "Perhaps sent"
        """The worker died, or the connection did, while it was handed over; never sent again by itself."""
        LEFT_OUT = 6, "Left out"
        CANCELLED = 7, "Cancelled"

    pk = models.CompositePrimaryKey("contact_id", "campaign_id", "occasion")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    occasion = models.BigIntegerField(default=0)
    """0; for the kind ENTERING, the number of the transition into the segment."""
    state = models.SmallIntegerField(choices=State, default=State.WAITING)
    reason = models.CharField(max_length=20, blank=True, default="", db_default="")
    """Why it was left out or cancelled: a Reason (campaigns/reasons.py)."""
    error = models.TextField(blank=True, default="", db_default="")
    """What the provider said when it failed or is tried again."""
    address = models.TextField(blank=True, default="", db_default="")
    """Where it went."""
    due_at = models.DateTimeField(null=True)
    """Not before; set later by quiet hours, the throttle and by trying again."""
    attempts = models.SmallIntegerField(default=0, db_default=0)
    claimed_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)
    provider_id = models.TextField(blank=True, default="", db_default="")
    """What the provider calls it, for its reports."""
    context = models.JSONField(null=True)
    """Of the event that brought the contact into the segment: {"type", "occurred_at", "attributes"}."""
    delivered_at = models.DateTimeField(null=True)
    opened_at = models.DateTimeField(null=True)
    clicked_at = models.DateTimeField(null=True)
    unsubscribed_at = models.DateTimeField(null=True)
    bounced_at = models.DateTimeField(null=True)
    complained_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            # What has no time would wait for ever.
            models.CheckConstraint(
                condition=models.Q(state__gt=2) | models.Q(due_at__isnull=False),
                name="message_is_due_some_time",
            )
        ]
        indexes = [
            # Claiming takes what is due, oldest first.
            models.Index(
                fields=["campaign", "due_at", "contact"],
                name="messages_waiting",
                condition=models.Q(state=0),
            ),
            # What workers that died have left.
            models.Index(
                fields=["claimed_at"], name="messages_claimed", condition=models.Q(state__in=[1, 2])
            ),
            # Reports, and lists of recipients.
            models.Index(fields=["campaign", "state", "contact"], name="messages_by_state"),
            # What providers report about.
            models.Index(
                fields=["provider_id"],
                name="messages_by_provider",
                condition=~models.Q(provider_id=""),
            ),
        ]

    def __str__(self) -> str:
        return f"campaign {self.campaign_id} to contact {self.contact_id}"


class SendingLane(models.Model):
    """How sending by a channel goes just now: one row for each channel that has sent (delivery/lane.py)."""

    channel = models.CharField(max_length=8, choices=Channel, primary_key=True)
    next_at = models.DateTimeField(null=True)
    """The throttle: the next message not before."""
    trouble = models.TextField(blank=True, default="")
    """Why nothing can be sent to anybody, in words; empty: nothing is wrong."""
    troubled_since = models.DateTimeField(null=True)
    again_at = models.DateTimeField(null=True)
    """With trouble: when it is tried again."""
    failures = models.PositiveIntegerField(default=0)
    """In a row."""
    served_at = models.DateTimeField(null=True)
    """Channels take turns, and so do the campaigns of one."""
    served_campaign = models.BigIntegerField(default=0)

    def __str__(self) -> str:
        return f"{self.channel}: {self.trouble or 'fine'}"


class Click(models.Model):
    """A link of a message was followed."""

    pk = models.CompositePrimaryKey("contact_id", "seq")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    seq = models.BigIntegerField(db_default=_next("campaigns_click_seq"))
    campaign = models.ForeignKey(
        Campaign, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    occasion = models.BigIntegerField()
    url = models.TextField()
    at = models.DateTimeField()
    is_counted = models.BooleanField(default=True)
    """False for scanners and prefetchers (tracking/scanners.py)."""

    class Meta:
        indexes = [models.Index(fields=["campaign", "at"], name="clicks_by_campaign")]

    def __str__(self) -> str:
        return f"contact {self.contact_id} to {self.url}"


class ShortLink(models.Model):
    """A link in a text message: the only way from its code to where it leads."""

    code = models.CharField(max_length=16, primary_key=True, db_collation="C")
    contact_id = models.BigIntegerField(db_index=True)
    campaign_id = models.BigIntegerField(db_index=True)
    occasion = models.BigIntegerField()
    url = models.TextField()

    class Meta:
        constraints = [
            # An index holds no long address, but its digest.
            models.UniqueConstraint(
                "contact_id", "campaign_id", "occasion", MD5("url"), name="one_short_link"
            )
        ]

    def __str__(self) -> str:
        return self.code


class Suppression(models.Model):
    """An address to which nothing more is sent, whatever its contact decided."""

    class Why(models.TextChoices):
        BOUNCED = "bounced", "Bounced"
        COMPLAINED = "complained", "Complained"

    pk = models.CompositePrimaryKey("channel", "digest")
    channel = models.CharField(max_length=8, choices=Channel)
    digest = models.CharField(max_length=64, db_collation="C")
    """SHA-256, as hexadecimal digits, of the address in small letters: it outlives the contact."""
    why = models.CharField(max_length=10, choices=Why)
    at = models.DateTimeField()
    detail = models.TextField(blank=True, default="")
    """What the provider said, without the address."""

    def __str__(self) -> str:
        return f"{self.channel} {self.why} {self.at}"


class PushAddress(models.Model):
    """A browser in which a contact agreed to push messages."""

    digest = models.CharField(max_length=64, primary_key=True, db_collation="C")
    """SHA-256 of the endpoint; a browser belongs to whom it told last."""
    contact_id = models.BigIntegerField(db_index=True)
    endpoint = models.TextField()
    p256dh = models.TextField()
    auth = models.TextField()
    agent = models.TextField(blank=True, default="")
    """Which browser it is, such as “Firefox on Android”."""
    created_at = models.DateTimeField()
    """When somebody agreed to messages in it. A later withdrawal of the contact ends that."""
    seen_at = models.DateTimeField()

    class Meta:
        verbose_name_plural = "push addresses"

    def __str__(self) -> str:
        return f"browser of contact {self.contact_id}"


class PushKey(models.Model):
    """One row: the key pair by which push services know this installation (push/vapid.py).

    Kept apart from the Way, because every browser that ever subscribed did so with this key:
    it has to stay when admins change who delivers.
    """

    id = models.SmallIntegerField(primary_key=True, default=1)
    public = models.CharField(max_length=100)
    """The point, uncompressed, in base64url, as browsers and the header of VAPID have it."""
    private = models.TextField()
    """Encrypted (channels/secrets.py)."""
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="one_push_key")]

    def __str__(self) -> str:
        return "Key of push messages"


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


class SentTest(models.Model):
    """Somebody sent a test of a message: kept for as long as it counts for how many are allowed."""

    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    at = models.DateTimeField()

    class Meta:
        indexes = [models.Index(fields=["author", "at"], name="tests_by_author")]

    def __str__(self) -> str:
        return f"{self.author} {self.at}"


class OutboxMessage(models.Model):
    """A message that was delivered into the built-in outbox, or a test that was sent."""

    contact_id = models.BigIntegerField(null=True, db_index=True)
    campaign_id = models.BigIntegerField(null=True, db_index=True)
    occasion = models.BigIntegerField(null=True)
    channel = models.CharField(max_length=8, choices=Channel)
    is_test = models.BooleanField(default=False)
    at = models.DateTimeField()
    address = models.TextField()
    sender = models.TextField(blank=True, default="")
    subject = models.TextField(blank=True, default="")
    """Of an email; of a push message, its title."""
    html = models.TextField(blank=True, default="")
    text = models.TextField(blank=True, default="")
    url = models.TextField(blank=True, default="")
    """Where a push message leads."""
    headers = models.JSONField(default=dict)

    class Meta:
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["contact_id", "campaign_id", "occasion"],
                condition=models.Q(is_test=False),
                name="one_outbox_message",
            )
        ]
        indexes = [models.Index(fields=["is_test", "at"], name="outbox_by_age")]

    def __str__(self) -> str:
        return f"{self.channel} to {self.address}"


class FormerContact(models.Model):
    """Whom the links of messages mean that were sent to a contact before it was merged."""

    former_id = models.BigIntegerField(primary_key=True)
    contact_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.former_id} is {self.contact_id}"
