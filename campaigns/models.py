"""What is sent to whom: campaigns, their messages, and what came back."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from campaigns.channels import models as _channels  # noqa: F401 - so that Django finds them
from campaigns.pictures import models as _pictures  # noqa: F401
from campaigns.push import models as _push  # noqa: F401
from campaigns.tracking import models as _tracking  # noqa: F401
from contacts.models import Channel, Contact
from segments.models import Segment, SegmentVersion


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
