"""What came back of messages, and the addresses that lead to it."""

from __future__ import annotations

from django.db import models
from django.db.models.functions import MD5

from contacts.models import Contact


def _next(sequence: str) -> models.Func:
    return models.Func(
        models.Value(sequence), function="nextval", output_field=models.BigIntegerField()
    )


class Click(models.Model):
    """A link of a message was followed."""

    pk = models.CompositePrimaryKey("contact_id", "seq")
    contact = models.ForeignKey(
        Contact, on_delete=models.CASCADE, related_name="+", db_constraint=False, db_index=False
    )
    seq = models.BigIntegerField(db_default=_next("campaigns_click_seq"))
    campaign = models.ForeignKey(
        "campaigns.Campaign",
        on_delete=models.CASCADE,
        related_name="+",
        db_constraint=False,
        db_index=False,
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


class FormerContact(models.Model):
    """Whom the links of messages mean that were sent to a contact before it was merged."""

    former_id = models.BigIntegerField(primary_key=True)
    contact_id = models.BigIntegerField(db_index=True)

    def __str__(self) -> str:
        return f"{self.former_id} is {self.contact_id}"
