"""Why contacts entered or left, in words: exactly, where the definition leaves no doubt."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from segments.catalog import current_labels
from segments.conditions.catalog import Labels
from segments.conditions.nodes import Group
from segments.conditions.passing import what_passed
from segments.models import Segment, SegmentVersion, Transition
from segments.selectors import parsed_versions
from segments.words import why


@dataclass(frozen=True, slots=True)
class _Known:
    """What the members of a segment follow."""

    definition: Group
    since: datetime | None
    """None: they never followed another one."""


def in_words(transitions: Sequence[Transition]) -> list[str]:
    """The cause of each; needs the segment of each to be read already."""
    labels = current_labels() if transitions else Labels()
    known = _known({row.segment for row in transitions if _is_time(row)})
    return [_why(row, known.get(row.segment_id), labels) for row in transitions]


def _why(row: Transition, known: _Known | None, labels: Labels) -> str:
    if known and _is_time(row) and (known.since is None or row.at >= known.since):
        said = what_passed(known.definition, entered=row.entered, labels=labels)
        return said or why(row.cause, labels)
    return why(row.cause, labels)


def _is_time(row: Transition) -> bool:
    return bool(row.cause.get("kind") == "time")


def _known(segments: Collection[Segment]) -> dict[int, _Known]:
    """By segment; nothing of those whose definition cannot be read any more."""
    followed = {segment.pk: segment.live_version_id for segment in segments}
    versions = {pk: version for pk, version in followed.items() if version is not None}
    if not versions:
        return {}
    firsts = SegmentVersion.objects.filter(pk__in=versions.values(), number=1)
    never_changed = set(firsts.values_list("segment_id", flat=True))
    built_at = {segment.pk: segment.built_at for segment in segments}
    return {
        pk: _Known(group, None if pk in never_changed else built_at[pk])
        for pk, group in parsed_versions(versions).items()
    }
