"""The demonstration as its tests load it."""

from __future__ import annotations

from datetime import UTC, datetime
from random import Random

from contacts.models import Contact
from events.models import Event
from segmentflow.demo.loading import load_demo
from segments.models import Membership

NOW = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)
FEW = 300


def chance_of(seed):
    return Random(seed)  # noqa: S311 - the same each time


def load(people=FEW):
    return load_demo(now=NOW, people=people)


def everything():
    contacts = Contact.objects.order_by("external_id").values_list(
        "external_id", "email", "first_name", "city", "attributes", "created_at"
    )
    events = Event.objects.order_by("message_id").values_list(
        "message_id", "type__key", "occurred_at", "attributes", "value"
    )
    return list(contacts), list(events)


def inactive_vips():
    return set(
        Membership.objects.filter(segment__key="inactive-vips").values_list("contact_id", flat=True)
    )
