"""The versions of a segment's definition, each with what it changed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from segments.catalog import current_labels
from segments.conditions.difference import Difference, difference
from segments.conditions.sentence import sentence
from segments.models import Segment, SegmentVersion
from segments.selectors import parsed_versions


@dataclass(frozen=True, slots=True)
class Row:
    version: SegmentVersion
    sentence: str
    """Empty when what it was made of has gone."""
    difference: Difference | None
    """To the version before; None when there is none, or when one of them cannot be read."""
    is_first: bool
    is_newest: bool
    is_live: bool
    """Whether the members follow it."""


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """The newest first."""
    return segment.versions.select_related("author").order_by("-number")


def described_versions(segment: Segment, versions: Sequence[SegmentVersion]) -> list[Row]:
    """Rows for all but the last of the versions, which only says what the one before changed;
    for the last, too, when it is the first there ever was."""
    groups = parsed_versions({version.pk: version.pk for version in versions})
    labels = current_labels()
    newest = versions_of(segment).values_list("number", flat=True).first()
    found = []
    for version, before in pairwise([*versions, None]):
        if version is None or (before is None and version.number > 1):
            continue
        group, old = groups.get(version.pk), groups.get(before.pk) if before else None
        found.append(
            Row(
                version=version,
                sentence=sentence(group, labels) if group else "",
                difference=difference(old, group, labels) if old and group else None,
                is_first=before is None,
                is_newest=version.number == newest,
                is_live=version.pk == segment.live_version_id,
            )
        )
    return found
