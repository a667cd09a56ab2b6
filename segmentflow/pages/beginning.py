"""The first steps of a new installation, ticked off as they are done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib.auth.models import AnonymousUser
from django.db.models import QuerySet
from django.urls import reverse

from contacts.models import Contact, Field
from segmentflow.demo.people import PREFIX
from segmentflow.models import ApiKey, User, Website
from segmentflow.workspace import current_workspace
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class Step:
    title: str
    detail: str
    url: str
    """Empty when this person may not do it."""
    is_done: bool


def steps(*, user: User | AnonymousUser) -> list[Step]:
    """What is still ahead; empty once everything is done. Demonstration data does not count."""
    since = current_workspace().demo_loaded_at
    found = [
        Step(
            "Define your fields",
            "What you know about contacts beyond name and address: status, consent, birthday.",
            reverse("field_new") if user.has_perm("contacts.add_field") else "",
            _any_own(Field.objects.all(), since),
        ),
        Step(
            "Send your first event",
            "A purchase, a page visit: events arrive by API and bring their contacts along.",
            reverse("send_events") if user.has_perm("segmentflow.add_apikey") else "",
            ApiKey.objects.exclude(last_used_at=None).exists()
            or Website.objects.exclude(last_sent_at=None).exists(),
        ),
        Step(
            "Bring in your contacts",
            "From a CSV, JSON Lines or XLSX file, or through the API.",
            reverse("import_list") if user.has_perm("contacts.add_contact") else "",
            _has_own_contacts(),
        ),
        Step(
            "Describe a segment",
            "Once it is live, contacts move in and out of it by themselves.",
            reverse("segment_new") if user.has_perm("segments.add_segment") else "",
            _any_own(Segment.objects.filter(status=Segment.Status.LIVE), since),
        ),
        Step(
            "Invite your colleagues",
            "Marketers, campaign managers and admins each see what they need.",
            reverse("user_list") if user.has_perm("segmentflow.add_user") else "",
            User.objects.count() > 1,
        ),
    ]
    return [] if all(step.is_done for step in found) else found


def _any_own(rows: QuerySet[Any], since: datetime | None) -> bool:
    return (rows.filter(created_at__gt=since) if since else rows).exists()


def _has_own_contacts() -> bool:
    return Contact.objects.exclude(external_id__startswith=PREFIX).exists()
