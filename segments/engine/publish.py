"""A definition becomes live: a new version, its uses, its rebuild."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from segmentflow.models import User
from segments.conditions.nodes import Group
from segments.engine.dependants import newest_version, store_uses
from segments.engine.facts import load_definitions
from segments.engine.rebuild import start_rebuild
from segments.engine.store import Cause
from segments.engine.travelling import is_current
from segments.models import Rebuild, Segment, SegmentVersion


@transaction.atomic
def publish_version(
    *,
    segment: Segment,
    definition: dict[str, Any],
    group: Group,
    author: User | None,
    was_live: bool,
) -> SegmentVersion:
    """Store a valid definition as the next version and have its members built.

    `group` is the definition as parsed; `was_live`: whether the segment was before. The caller holds the publishing lock
    (`locks.hold_publishing`), under which it has also checked for cycles. The members of
    the version before stay until the new ones are swapped in.
    """
    newest = newest_version(segment)
    number = newest.number + 1 if newest else 1
    version = SegmentVersion.objects.create(
        segment=segment, number=number, definition=definition, author=author
    )
    store_uses(version_id=version.pk, group=group)
    start_rebuild(
        segment=segment,
        version=version,
        cause={"kind": "definition", "version": number},
        was_current=was_live and is_current(segment.pk),
    )
    return version


@transaction.atomic
def rebuild_segment(*, segment: Segment, cause: Cause | None = None) -> Rebuild:
    """Compute the newest version from nothing, as when a paused segment goes live again.

    Raises ValueError when nothing has been published yet.
    """
    version = newest_version(segment)
    if version is None:
        raise ValueError(f"{segment.key} has no published definition")
    # What it refers to may have changed while it was not followed.
    store_uses(version_id=version.pk, group=load_definitions([version.pk])[version.pk].group)
    cause = cause or {"kind": "definition", "version": version.number}
    return start_rebuild(segment=segment, version=version, cause=cause)


def rebuild_live_segments(*, cause: Cause, segment_key: str | None = None) -> int:
    """Compute all of them anew, or one; how many. The caller holds the publishing lock.

    A paused segment is computed anew when it goes live again.
    """
    live = Segment.objects.filter(
        status=Segment.Status.LIVE, kind=Segment.Kind.DYNAMIC, versions__isnull=False
    )
    if segment_key is not None:
        live = live.filter(key=segment_key)
    segments = list(live.distinct().order_by("pk"))
    for segment in segments:
        rebuild_segment(segment=segment, cause=cause)
    return len(segments)


def live_definition(segment: Segment) -> dict[str, Any] | None:
    """What other segments mean when they refer to this one: the live version, or the
    newest one while the first is still being built."""
    version = segment.live_version or newest_version(segment)
    return version.definition if version else None
