"""Segments that are worth a look: those that are the same, and those that are always empty."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from django.db import connection

from segmentflow.models import TallySubject
from segments.conditions.alike import form_of
from segments.models import Segment
from segments.overlap.matrix import Matrix, same_members
from segments.selectors import parsed_versions

LONG: Final = timedelta(days=30)
"""Without anybody who entered."""
GRACE: Final = timedelta(days=1)
"""For a new segment, which nobody has entered yet."""


@dataclass(frozen=True, slots=True)
class Alike:
    """Segments that are the same."""

    segments: list[Segment]
    by_definition: bool
    by_members: bool

    @property
    def why(self) -> str:
        if self.by_definition:
            said = "The definitions mean the same"
            return f"{said}, and so do the members." if self.by_members else f"{said}."
        return "They are described differently and have the very same members now."


@dataclass(frozen=True, slots=True)
class Empty:
    """A segment without members."""

    segment: Segment
    entered_at: datetime | None
    """About when somebody entered last; None: nobody ever has."""


@dataclass(frozen=True, slots=True)
class Findings:
    alike: list[Alike] = field(default_factory=list)
    empty: list[Empty] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.alike or self.empty)


def findings(*, matrix: Matrix | None, now: datetime) -> Findings:
    """Among live segments, with a number of queries that does not depend on how many there are."""
    live = Segment.objects.filter(status=Segment.Status.LIVE, built_at__isnull=False)
    segments = {segment.pk: segment for segment in live.order_by("name", "pk")}
    return Findings(_alike(segments, matrix), _empty(segments.values(), now))


def _alike(segments: dict[int, Segment], matrix: Matrix | None) -> list[Alike]:
    defined = {frozenset(group) for group in _same_definitions(segments.values())}
    members = {
        frozenset(group)
        for group in (same_members(matrix, segments) if matrix else ())
        # Of what was counted a while ago, or in part.
        if len({segments[pk].member_count for pk in group}) == 1
    }
    found = [
        Alike(
            [one for pk, one in segments.items() if pk in group],
            by_definition=group in defined,
            by_members=any(group <= others for others in members),
        )
        for group in defined | members
        # What means the same goes without saying to have the same members.
        if group in defined or not any(group <= others for others in defined)
    ]
    return sorted(found, key=lambda one: (not one.by_definition, one.segments[0].name))


def _same_definitions(segments: Iterable[Segment]) -> list[list[int]]:
    versions = {one.pk: one.live_version_id for one in segments if one.live_version_id}
    by_form: dict[object, list[int]] = {}
    for pk, group in parsed_versions(versions).items():
        by_form.setdefault(form_of(group), []).append(pk)
    return [group for group in by_form.values() if len(group) > 1]


def _empty(segments: Iterable[Segment], now: datetime) -> list[Empty]:
    """The tallies know by the quarter of an hour."""
    without = [one for one in segments if not one.member_count]
    entered = _last_entered([one.pk for one in without])
    found = [Empty(one, entered.get(one.pk)) for one in without]
    return [
        one
        for one in found
        if (one.entered_at or one.segment.created_at) < now - (LONG if one.entered_at else GRACE)
    ]


def _last_entered(segment_ids: Sequence[int]) -> dict[int, datetime]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT wanted.ref, GREATEST(
                (SELECT max(at) FROM segmentflow_tally
                WHERE subject = %(entered)s AND ref = wanted.ref AND amount > 0),
                (SELECT max(at) FROM segmentflow_freshtally
                WHERE subject = %(entered)s AND ref = wanted.ref AND amount > 0)
            )
            FROM unnest(%(refs)s::bigint[]) AS wanted (ref)
            """,
            {"entered": int(TallySubject.ENTERED), "refs": list(segment_ids)},
        )
        return {ref: at for ref, at in cursor.fetchall() if at}
