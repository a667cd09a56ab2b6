"""Which contacts a set of pending marks can move in or out of which segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from contacts.changes import Kind
from segments.engine.pending import Mark
from segments.engine.store import Cause
from segments.models import SegmentUse

Ref = tuple[str, str]
"""Kind and key of something a definition depends on."""

Contacts = dict[Ref, set[int]]

UP, DOWN = int(SegmentUse.Direction.UP), int(SegmentUse.Direction.DOWN)
_REF_KINDS = {
    int(Kind.FIELD): SegmentUse.Kind.FIELD,
    int(Kind.EVENT): SegmentUse.Kind.EVENT,
    int(Kind.SEGMENT): SegmentUse.Kind.SEGMENT,
    int(Kind.ERASED): SegmentUse.Kind.EVENT,
}


@dataclass(frozen=True, slots=True)
class Target:
    """A version that marks may concern: a live one, or one that is being built."""

    segment_id: int
    version_id: int
    rebuild_id: int | None
    """Set while the version is being built beside the members of the old one."""


@dataclass(slots=True)
class Look:
    """The contacts to look at in one segment, by what a change can do to them."""

    either: set[int] = field(default_factory=set)
    up: set[int] = field(default_factory=set)
    """Only those who are not members."""
    down: set[int] = field(default_factory=set)
    """Only those who are."""
    refs: set[Ref] = field(default_factory=set)
    """What of the changes the segment depends on."""

    @property
    def contact_ids(self) -> set[int]:
        return self.either | self.up | self.down


def targets() -> list[Target]:
    """Every version that has to follow the data now."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT id, live_version_id, NULL FROM segments_segment
            WHERE status = 'live' AND kind = 'dynamic' AND live_version_id IS NOT NULL
            UNION ALL
            SELECT segment_id, version_id, id FROM segments_rebuild WHERE state = 'building'
            """
        )
        return [Target(*row) for row in cursor.fetchall()]


def affected(marks: Iterable[Mark], known: Sequence[Target]) -> dict[Target, Look]:
    """What each target has to look at."""
    created, by_ref, erased = _grouped(marks)
    refs = by_ref.keys() | erased.keys()
    uses = _uses({target.version_id for target in known}, refs) if refs else {}
    looks: dict[Target, Look] = defaultdict(Look)
    for target in known:
        if created:
            looks[target].either |= created
        for ref, direction in uses.get(target.version_id, ()):
            look = looks[target]
            look.refs.add(ref)
            _share(look, direction).update(by_ref.get(ref, ()))
            # An event less does the opposite of an event more.
            _share(look, -direction).update(erased.get(ref, ()))
    return dict(looks)


def _share(look: Look, direction: int) -> set[int]:
    return {UP: look.up, DOWN: look.down}.get(direction, look.either)


def _grouped(marks: Iterable[Mark]) -> tuple[set[int], Contacts, Contacts]:
    """Who is new; and by what has changed, and by what there is less of, whom that concerns."""
    created: set[int] = set()
    by_ref: dict[Ref, set[int]] = defaultdict(set)
    erased: dict[Ref, set[int]] = defaultdict(set)
    for mark in marks:
        if mark.kind == Kind.CREATED:
            created.add(mark.contact_id)
        else:
            changed = erased if mark.kind == Kind.ERASED else by_ref
            changed[_REF_KINDS[mark.kind].value, mark.ref].add(mark.contact_id)
    return created, by_ref, erased


def _uses(version_ids: set[int], refs: Iterable[Ref]) -> dict[int, list[tuple[Ref, int]]]:
    """Version id -> the refs it depends on, with their directions."""
    wanted = list(refs)
    found: dict[int, list[tuple[Ref, int]]] = defaultdict(list)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT u.version_id, u.kind, u.ref, u.direction
            FROM unnest(%s::text[], %s::text[]) AS wanted (kind, ref)
            JOIN segments_segmentuse u ON u.kind = wanted.kind AND u.ref = wanted.ref
            WHERE u.version_id = ANY(%s)
            """,
            [[kind for kind, _ in wanted], [ref for _, ref in wanted], list(version_ids)],
        )
        for version_id, kind, ref, direction in cursor.fetchall():
            found[version_id].append(((kind, ref), direction))
    return found


class Causes:
    """Why a contact moved: the most telling of its marks."""

    _RANK = {
        int(kind): rank
        for rank, kind in enumerate(
            (Kind.CREATED, Kind.ERASED, Kind.SEGMENT, Kind.FIELD, Kind.EVENT)
        )
    }

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: dict[int, list[Mark]] = defaultdict(list)
        for mark in marks:
            self._marks[mark.contact_id].append(mark)

    def of(self, contact_id: int, relevant: set[Ref]) -> Cause:
        """`relevant`: the refs that the segment depends on."""
        marks = [mark for mark in self._marks[contact_id] if self._concerns(mark, relevant)]
        return as_cause(max(marks, key=self._telling)) if marks else {"kind": "time"}

    @staticmethod
    def _concerns(mark: Mark, relevant: set[Ref]) -> bool:
        return mark.kind == Kind.CREATED or (_REF_KINDS[mark.kind].value, mark.ref) in relevant

    @classmethod
    def _telling(cls, mark: Mark) -> tuple[int, float]:
        moment = mark.occurred_at
        return cls._RANK[mark.kind], moment.timestamp() if moment else 0.0


def as_cause(mark: Mark) -> Cause:
    if mark.kind == Kind.EVENT:
        occurred_at = mark.occurred_at
        return {
            "kind": "event",
            "type": mark.ref,
            "occurred_at": occurred_at.isoformat() if isinstance(occurred_at, datetime) else None,
        }
    if mark.kind == Kind.ERASED:
        return {"kind": "erased", "type": mark.ref}
    if mark.kind == Kind.FIELD:
        return {"kind": "field", "field": mark.ref}
    if mark.kind == Kind.SEGMENT:
        return {"kind": "segment", "segment": mark.ref}
    return {"kind": "created"}
