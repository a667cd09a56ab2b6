"""What state a segment is in, and what its numbers therefore mean, in words."""

from __future__ import annotations

from dataclasses import dataclass, replace

from segments.models import Segment
from segments.selectors import Described, State

Status = Segment.Status


@dataclass(frozen=True, slots=True)
class Standing:
    label: str
    tone: str
    """One of the tones of badges (segmentflow/templatetags/ui.py)."""
    note: str
    error: str = ""
    """What the database said, when something failed."""


DRAFT = Standing("Draft", "neutral", "Not published yet, so nobody is in it.")
ARCHIVED = Standing("Archived", "neutral", "In the archive: the members stay as they were then.")
PAUSED = Standing(
    "Paused", "warn", "Nobody enters or leaves: the members stay as they were when it was paused."
)
PAUSED_WITH_DRAFT = Standing(
    "Paused",
    "warn",
    f"{PAUSED.note} A changed definition waits; it is published when the segment resumes.",
)
STATIC = Standing(
    "Static list", "neutral", "Contacts come and go only when the list is changed through the API."
)
PAUSED_STATIC = replace(STATIC, label="Paused", tone="warn")
ARCHIVED_STATIC = replace(STATIC, label="Archived", note=f"In the archive. {STATIC.note}")
FIRST_BUILDING = Standing(
    "Building", "accent", "The first members are being found. They appear together at the end."
)
BUILDING = Standing(
    "Building", "accent", "The members are being found anew. Until then those of before stay."
)
LIVE = Standing("Live", "good", "Contacts enter and leave by themselves as their data changes.")


def standing(described: Described) -> Standing:
    segment = described.segment
    is_static = segment.kind == Segment.Kind.STATIC
    match segment.status:
        case Status.DRAFT:
            return DRAFT
        case Status.ARCHIVED:
            return ARCHIVED_STATIC if is_static else ARCHIVED
        case Status.PAUSED:
            return _paused(described)
        case _:
            return STATIC if is_static else _live(described)


def _paused(described: Described) -> Standing:
    segment = described.segment
    if segment.kind == Segment.Kind.STATIC:
        return PAUSED_STATIC
    if described.state == State.FAILED and described.progress:
        return replace(PAUSED, tone="bad", note=f"{PAUSED.note} {described.progress.error}")
    return PAUSED if segment.draft is None else PAUSED_WITH_DRAFT


def _live(described: Described) -> Standing:
    was_built = described.segment.live_version_id is not None
    match described.state:
        case State.BUILDING:
            return BUILDING if was_built else FIRST_BUILDING
        case State.FAILED:
            kept = "The members are the last ones found." if was_built else "Nobody is in it yet."
            error = described.progress.error if described.progress else ""
            return Standing("Failed", "bad", f"The members could not be found. {kept}", error)
        case _:
            return LIVE
