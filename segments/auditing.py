"""What the audit log is told about segments: what was so before a change, and what it made of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.templatetags.ui import count
from segments.catalog import current_catalog, current_labels
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.conditions.sentence import sentence
from segments.engine.dependants import newest_version
from segments.models import Segment, SegmentVersion

Status = Segment.Status
KIND: Final = "segment"
MOST_LISTED: Final = 100
"""Ids of contacts in one entry; of more, their number is told."""


@dataclass(frozen=True, slots=True)
class Before:
    """Of a segment that the caller holds."""

    facts: dict[str, Any]
    status: str
    draft: Any
    version: SegmentVersion | None


def before_change(segment: Segment) -> Before:
    return Before(_facts(segment), segment.status, segment.draft, newest_version(segment))


def note_change(segment: Segment, before: Before, *, now: datetime) -> None:
    """One entry for all that a change did; none when it did nothing."""
    changes = differences(before.facts, _facts(segment))
    version = newest_version(segment)
    action = "changed" if changes else ""
    said = ""
    if segment.status != before.status:
        action = _action(before.status, segment.status)
    if version is not None and (before.version is None or version.pk != before.version.pk):
        action, said = "published", f"version {version.number}"
        was = before.version.definition if before.version else None
        changes["definition"] = [_in_words(was, segment), _in_words(version.definition, segment)]
    elif segment.draft != before.draft and segment.draft is not None:
        action, said = action or "changed", "its draft"
    if action:
        _note(segment, action, said=said, changes=changes, now=now)


def note_made(segment: Segment, *, now: datetime) -> None:
    version = newest_version(segment)
    if version is None:
        said = "a static list" if segment.kind == Segment.Kind.STATIC else "a draft"
        _note(segment, "created", said=said, now=now)
        return
    changes = {"definition": [None, _in_words(version.definition, segment)]}
    _note(segment, "created", said=f"version {version.number}", changes=changes, now=now)


def note_deleted(segment: Segment) -> None:
    _note(segment, "deleted")


def note_taken_away(segment: Segment, said: str, *, now: datetime) -> None:
    _note(segment, "exported", said=said, now=now)


def note_members(
    segment: Segment, contact_ids: Sequence[int], *, number: int, is_added: bool, now: datetime
) -> None:
    """Of a static list; `number` of the contacts were not on it, or were on it, before."""
    if not number:
        return
    listed = list(contact_ids) if len(contact_ids) <= MOST_LISTED else None
    changes = {"contacts": [None, listed] if is_added else [listed, None]} if listed else {}
    action = "added to" if is_added else "removed from"
    _note(segment, action, said=count(number, "contact"), changes=changes, now=now)


def _note(
    segment: Segment,
    action: str,
    *,
    said: str = "",
    changes: dict[str, Any] | None = None,
    now: datetime | None = None,
) -> None:
    record(
        action=action,
        kind=KIND,
        key=segment.key,
        name=segment.name,
        said=said,
        changes=changes,
        now=now,
    )


def _facts(segment: Segment) -> dict[str, Any]:
    return {
        "name": segment.name,
        "description": segment.description,
        "tags": list(segment.tags),
        "owner": str(segment.owner) if segment.owner else None,
    }


def _action(before: str, after: str) -> str:
    match after:
        case Status.PAUSED:
            return "paused"
        case Status.ARCHIVED:
            return "archived"
        case Status.DRAFT:
            return "restored"
        case _:
            return "restored" if before == Status.ARCHIVED else "resumed"


def _in_words(definition: Any, segment: Segment) -> str | None:
    """Empty when what it was made of has gone."""
    if definition is None:
        return None
    try:
        group = parse(definition, current_catalog(own_key=segment.key))
    except InvalidDefinition:
        return ""
    return sentence(group, current_labels())
