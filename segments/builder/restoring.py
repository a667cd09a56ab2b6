"""An old version opened as a draft: looked at, changed perhaps, and published like any other."""

from __future__ import annotations

from datetime import datetime

from segmentflow.models import User
from segments.builder.drafts import Opened, open_draft, save_step
from segments.models import SegmentVersion


def open_version(*, version: SegmentVersion, person: User, now: datetime) -> Opened:
    """What was being changed can be brought back by undoing this.

    Raises Stale when somebody changes the draft at the same moment, and Refused for a segment
    that rests in the archive.
    """
    seen = open_draft(segment=version.segment)
    return save_step(
        segment=version.segment,
        revision=seen.revision,
        tree=version.definition,
        label=f"Restored version {version.number}",
        person=person,
        now=now,
    )
