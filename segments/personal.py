"""Where one contact belongs and belonged, for the file of all that is known about a person."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Any, Final

from contacts.models import Contact
from contacts.personal import Section
from segmentflow.api.rendering import as_text
from segments.causes import in_words
from segments.models import Transition
from segments.selectors import segments_of_contact

BITE: Final = 500
NEEDS: Final = (
    "segments.view_segment",
    "segments.view_membership",
    "segments.view_transition",
)


def read_memberships(contact: Contact) -> Iterator[dict[str, Any]]:
    for row in segments_of_contact(contact_id=contact.pk):
        yield {
            "segment": row.segment.key,
            "name": row.segment.name,
            "entered_at": as_text(row.entered_at),
        }


def read_moves(contact: Contact) -> Iterator[dict[str, Any]]:
    """Every entering and leaving with its reason, the latest first."""
    found = Transition.objects.filter(contact=contact).select_related("segment").order_by("-seq")
    moves = found.iterator(chunk_size=BITE)
    while bite := list(islice(moves, BITE)):
        for row, why in zip(bite, in_words(bite), strict=True):
            yield {
                "segment": row.segment.key,
                "name": row.segment.name,
                "moved": "entered" if row.entered else "left",
                "at": as_text(row.at),
                "why": why,
            }


SEGMENTS_NOW = Section("segments", read_memberships, ("segments.membership",), NEEDS)
MOVES = Section("segment_history", read_moves, ("segments.transition",), NEEDS)
