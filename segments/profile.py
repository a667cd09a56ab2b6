"""What the pages of contacts show of segments; registered in segments/apps.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q
from django.db.models.functions import Lower
from django.urls import reverse

from contacts.models import Contact
from contacts.narrowing import Choice, Narrowing
from contacts.profile import Panel
from segmentflow.templatetags.ui import count
from segments.causes import in_words as causes_in_words
from segments.insight import explainable
from segments.models import Segment, Transition
from segments.selectors import member_ids, segments_of_contact

Status = Segment.Status


@dataclass(frozen=True, slots=True)
class Belonging:
    """A contact's being in a segment, or its having been."""

    segment: Segment
    at: datetime
    """Of entering; of leaving for one that it was in before."""
    why: str
    seq: int | None
    """Of the move that is told; None where it is not recorded any more."""


def read_segments(contact: Contact, parameters: Mapping[str, str], now: datetime) -> dict[str, Any]:
    """Those the contact is in, by name, and those it has left, the latest first."""
    memberships = list(segments_of_contact(contact_id=contact.pk))
    latest = _latest_transitions(contact.pk)
    causes = dict(zip(latest, causes_in_words(list(latest.values())), strict=True))
    inside = {row.segment_id for row in memberships}
    return {
        "memberships": [
            Belonging(
                row.segment,
                row.entered_at,
                causes.get(row.segment_id, ""),
                latest[row.segment_id].seq if row.segment_id in latest else None,
            )
            for row in memberships
        ],
        "left": [
            Belonging(row.segment, row.at, causes[pk], row.seq)
            for pk, row in latest.items()
            if pk not in inside and not row.entered
        ],
        "others": explainable().exclude(pk__in=inside),
    }


def _latest_transitions(contact_id: int) -> dict[int, Transition]:
    """By segment, the latest first."""
    newest = (
        Transition.objects.filter(contact_id=contact_id)
        .order_by("segment_id", "-seq")
        .distinct("segment_id")
        .select_related("segment")
    )
    return {row.segment_id: row for row in sorted(newest, key=lambda row: row.at, reverse=True)}


def segments_lost(contact: Contact) -> list[str]:
    found = Segment.objects.filter(memberships__contact=contact).order_by(Lower("name"))
    names = [f"“{name}”" for name in found.values_list("name", flat=True)]
    lost = [f"Being in {count(len(names), 'segment')}: {', '.join(names)}"] if names else []
    return (
        [*lost, "What was recorded about entering and leaving segments"]
        if _moved(contact)
        else lost
    )


def _moved(contact: Contact) -> bool:
    return Transition.objects.filter(contact=contact).exists()


def segment_choices(chosen: str) -> list[Choice]:
    """The segments that have members, and the chosen one even if it has none."""
    shown = Q(status__in=[Status.LIVE, Status.PAUSED]) | Q(key=chosen)
    found = Segment.objects.filter(shown).order_by(Lower("name")).values_list("key", "name")
    return [Choice(key, name, reverse("segment_detail", args=[key])) for key, name in found]


SEGMENTS = Panel(
    name="memberships",
    template="segments/_of_contact.html",
    read=read_segments,
    needs=("segments.view_segment", "segments.view_membership", "segments.view_transition"),
    losses=segments_lost,
)
MEMBERS = Narrowing(ids=member_ids, label="Segment", choices=segment_choices)
