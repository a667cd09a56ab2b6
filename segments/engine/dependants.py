"""The stored uses of definitions, and who has to follow when a definition changes."""

from __future__ import annotations

from segments.conditions.nodes import Group
from segments.conditions.uses import uses
from segments.engine.facts import current_facts, resolver
from segments.models import Segment, SegmentUse, SegmentVersion


def store_uses(*, version_id: int, group: Group) -> None:
    """Write the inverted index of a version anew, with what its references use."""
    known = resolver(current_facts([group]).segments)
    found = uses(group, known.get)
    SegmentUse.objects.filter(version_id=version_id).delete()
    SegmentUse.objects.bulk_create(
        SegmentUse(
            version_id=version_id,
            kind=use.kind,
            ref=use.ref,
            direction=use.direction,
            is_direct=use.is_direct,
        )
        for use in found.entries
    )


def newest_version(segment: Segment) -> SegmentVersion | None:
    return segment.versions.order_by("-number").first()


def dependants(segment_key: str) -> list[SegmentVersion]:
    """The newest versions of live segments that refer to this one, also through others."""
    newest = (
        SegmentVersion.objects.filter(
            segment__status=Segment.Status.LIVE, segment__kind=Segment.Kind.DYNAMIC
        )
        .order_by("segment_id", "-number")
        .distinct("segment_id")
    )
    return list(
        SegmentVersion.objects.filter(
            pk__in=newest.values("pk"), uses__kind=SegmentUse.Kind.SEGMENT, uses__ref=segment_key
        ).select_related("segment")
    )
