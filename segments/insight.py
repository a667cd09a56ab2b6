"""What is known about one contact and one segment: now, in time to come, and until now."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db.models import QuerySet
from django.db.models.functions import Lower

from contacts.models import Contact
from segments.causes import in_words as causes_in_words
from segments.engine.explain import Explanation, foresee
from segments.models import Membership, Segment, SegmentVersion, Transition
from segments.selectors import parsed_versions

MOST_MOVES = 20


@dataclass(frozen=True, slots=True)
class Move:
    """That the contact entered or left."""

    row: Transition
    why: str


@dataclass(frozen=True, slots=True)
class Insight:
    segment: Segment
    contact: Contact
    entered_at: datetime | None
    """None: it is no member."""
    explanation: Explanation | None
    """Of the definition that the members follow, or will; None where there is none to read."""
    was_published: bool
    moves: Sequence[Move]
    """The newest first."""

    @property
    def is_member(self) -> bool:
        return self.entered_at is not None

    @property
    def is_followed(self) -> bool:
        """Whether contacts enter and leave by the definition at the moment."""
        segment = self.segment
        is_live = segment.status == Segment.Status.LIVE and segment.live_version_id is not None
        return is_live and segment.kind == Segment.Kind.DYNAMIC

    @property
    def is_behind(self) -> bool:
        """Whether what is stored is not what the definition says."""
        return self.explanation is not None and self.explanation.truth != self.is_member


def insight(*, segment: Segment, contact: Contact, now: datetime) -> Insight:
    member = Membership.objects.filter(segment=segment, contact=contact).first()
    version_id = segment.live_version_id or _newest_version(segment)
    group = parsed_versions({0: version_id}).get(0) if version_id else None
    return Insight(
        segment=segment,
        contact=contact,
        entered_at=member.entered_at if member else None,
        explanation=foresee(group, contact_id=contact.pk, now=now) if group else None,
        was_published=version_id is not None,
        moves=moves(segment=segment, contact=contact),
    )


def moves(*, segment: Segment, contact: Contact, limit: int = MOST_MOVES) -> list[Move]:
    """When and why the contact entered and left, the newest first."""
    found = Transition.objects.filter(contact=contact, segment=segment)
    rows = list(found.select_related("segment").order_by("-seq")[:limit])
    return [Move(row, why) for row, why in zip(rows, causes_in_words(rows), strict=True)]


def _newest_version(segment: Segment) -> int | None:
    versions = SegmentVersion.objects.filter(segment=segment).order_by("-number")
    return versions.values_list("pk", flat=True).first()


def explainable() -> QuerySet[Segment]:
    """Segments by name that have a definition to explain, those in the archive aside."""
    found = Segment.objects.filter(kind=Segment.Kind.DYNAMIC, live_version__isnull=False)
    return found.exclude(status=Segment.Status.ARCHIVED).order_by(Lower("name"))
