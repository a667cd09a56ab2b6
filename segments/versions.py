"""The versions of a segment's definition: what each says, what it changed and whom it moved."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.db.models import QuerySet

from segments.builder.comparing import same
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
    says_newest: bool
    """The newest version has the same definition."""

    @property
    def was_overtaken(self) -> bool:
        """Another version was published before its members were complete."""
        return self.version.live_at is None and not self.is_newest

    @property
    def members_before(self) -> int | None:
        """When it took effect; None where that was not counted."""
        version = self.version
        if version.members is None or version.entered is None or version.left is None:
            return None
        return version.members - version.entered + version.left


@dataclass(frozen=True, slots=True)
class Comparison:
    """Any two versions beside each other."""

    old: SegmentVersion
    new: SegmentVersion
    difference: Difference | None
    """None when one of them cannot be read any more."""


def versions_of(segment: Segment) -> QuerySet[SegmentVersion]:
    """The newest first."""
    return segment.versions.select_related("author").order_by("-number")


def described_versions(segment: Segment, versions: Sequence[SegmentVersion]) -> list[Row]:
    """Rows for all but the last of the versions, which only says what the one before changed;
    for the last, too, when it is the first there ever was."""
    groups = parsed_versions({version.pk: version.pk for version in versions})
    labels = current_labels()
    newest = versions_of(segment).first()
    found = []
    for version, before in pairwise([*versions, None]):
        if version is None or newest is None or (before is None and version.number > 1):
            continue
        group, old = groups.get(version.pk), groups.get(before.pk) if before else None
        found.append(
            Row(
                version=version,
                sentence=sentence(group, labels) if group else "",
                difference=difference(old, group, labels) if old and group else None,
                is_first=before is None,
                is_newest=version.number == newest.number,
                is_live=version.pk == segment.live_version_id,
                says_newest=same(version.definition, newest.definition),
            )
        )
    return found


def described_version(segment: Segment, version: SegmentVersion) -> Row:
    near = versions_of(segment).filter(number__lte=version.number)[:2]
    return described_versions(segment, list(near))[0]


def compared(old: SegmentVersion, new: SegmentVersion) -> Comparison:
    groups = parsed_versions({version.pk: version.pk for version in (old, new)})
    if len(groups) < len({old.pk, new.pk}):
        return Comparison(old, new, None)
    found = difference(groups[old.pk], groups[new.pk], current_labels())
    return Comparison(old, new, found)
