"""What is stored about a change of a field's type: how far it is, and what was there before."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models.functions import Now

from segmentflow.exact import ExactDecoder, ExactEncoder


class FieldChange(models.Model):
    """A field gets another type: checked first, then begun, then converted in the background."""

    class State(models.TextChoices):
        CHECKING = "checking", "Being checked"
        READY = "ready", "Waits for you"
        CONFIRMING = "confirming", "Checked once more"
        CONVERTING = "converting", "Being converted"
        UNDOING = "undoing", "Being put back"
        DONE = "done", "Done"
        CANCELLED = "cancelled", "Cancelled"

    field = models.ForeignKey("contacts.Field", on_delete=models.CASCADE, related_name="changes")
    before = models.CharField(max_length=10)
    after = models.CharField(max_length=10)
    style = models.CharField(max_length=12, blank=True, default="")
    """How values are written (converting.py)."""
    removes = models.BooleanField(default=False)
    """Whether values that do not convert are removed; otherwise there must be none."""
    state = models.CharField(max_length=12, choices=State, default=State.CHECKING)
    position = models.BigIntegerField(default=0)
    """The last contact that has been dealt with."""
    seen = models.BigIntegerField(default=0)
    """Contacts that have been dealt with."""
    total = models.BigIntegerField(default=0)
    """About how many there are."""
    fit = models.BigIntegerField(default=0)
    """Values that convert."""
    unfit = models.BigIntegerField(default=0)
    """Values that do not."""
    examples = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    """A few values as they are and as they will be."""
    problems = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    """The commonest values that do not convert, with how many contacts have them."""
    kinds = models.BigIntegerField(default=0)
    """Different values that do not convert."""
    note = models.TextField(blank=True, default="")
    """Why it could not begin, or could not be finished."""
    old_choices = models.JSONField(default=list, encoder=ExactEncoder, decoder=ExactDecoder)
    has_rows = models.BooleanField(default=False)
    """Whether there may be rows of OldValue that are not needed any more."""
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+"
    )
    created_at = models.DateTimeField(db_default=Now())
    turned_at = models.DateTimeField(null=True)
    """When the field got its new type; never, where it was only looked at."""
    ended_at = models.DateTimeField(null=True)

    class Meta:
        app_label = "contacts"
        ordering = ["-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["field"],
                condition=~models.Q(state__in=("done", "cancelled")),
                name="one_change_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.field_id}: {self.before} to {self.after}"


class OldValue(models.Model):
    """A contact's value before it was converted, so that it can be put back or taken away."""

    pk = models.CompositePrimaryKey("contact_id", "change_id")
    contact_id = models.BigIntegerField()
    change = models.ForeignKey(
        FieldChange,
        on_delete=models.CASCADE,
        related_name="old_values",
        # Contacts, and this with them, may lie on other machines.
        db_constraint=False,
    )
    before = models.JSONField(encoder=ExactEncoder, decoder=ExactDecoder)
    after = models.JSONField(null=True, encoder=ExactEncoder, decoder=ExactDecoder)
    """Missing when it does not convert."""
    is_removed = models.BooleanField(default=False)
    """Whether it does not convert and has been taken from the contact."""

    class Meta:
        app_label = "contacts"

    def __str__(self) -> str:
        return f"value of contact {self.contact_id} before change {self.change_id}"


class FieldTurn(models.Model):
    """Some field has another type from here on: what was read before is read anew.

    Rows are never deleted, so that a number stands for the same types for ever.
    """

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField(db_default=Now())

    class Meta:
        app_label = "contacts"

    def __str__(self) -> str:
        return f"turn {self.pk}"
