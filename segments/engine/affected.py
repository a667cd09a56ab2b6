"""Which contacts a set of pending marks can move in or out of which segments."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import connection

from contacts.changes import Kind
from segments.engine.followed import followed
from segments.engine.pending import Mark
from segments.engine.relevance import Filters, Told, may_concern, version_filters
from segments.engine.store import Cause
from segments.models import SegmentUse

Ref = tuple[str, str]
"""Kind and key of something a definition depends on."""

Contacts = dict[Ref, set[int]]

EVENT = SegmentUse.Kind.EVENT.value
NOBODY: frozenset[int] = frozenset()
UP, DOWN = int(SegmentUse.Direction.UP), int(SegmentUse.Direction.DOWN)
_REF_KINDS = {
    int(Kind.FIELD): SegmentUse.Kind.FIELD,
    int(Kind.EVENT): SegmentUse.Kind.EVENT,
    int(Kind.SEGMENT): SegmentUse.Kind.SEGMENT,
    int(Kind.ERASED): SegmentUse.Kind.EVENT,
    int(Kind.REDEFINED): SegmentUse.Kind.SEGMENT,
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
    refs: dict[Ref, Filters] = field(default_factory=dict)
    """What of the changes the segment depends on; of events, which of them."""

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
    changes = _grouped(marks)
    refs = changes.refs
    uses = _uses({target.version_id for target in known}, refs) if refs else {}
    filters = version_filters(uses) if changes.told else {}
    later = followed(changes.told, filters.values())
    looks = {}
    for target in known:
        look = Look(either=set(changes.created))
        of_version = filters.get(target.version_id, {})
        for ref, direction in uses.get(target.version_id, ()):
            passing = of_version.get(ref[1]) if ref[0] == EVENT else None
            look.refs[ref] = passing
            share = _share(look, direction)
            share |= changes.by_ref.get(ref, NOBODY)
            if ref[0] == EVENT and ref[1] in changes.told:
                share.update(*changes.told[ref[1]].contacts(passing, later[ref[1]]))
            # An event less does the opposite of an event more.
            share = _share(look, -direction)
            share |= changes.erased.get(ref, NOBODY)
        if look.either or look.up or look.down:
            looks[target] = look
    return looks


def _share(look: Look, direction: int) -> set[int]:
    return {UP: look.up, DOWN: look.down}.get(direction, look.either)


@dataclass(slots=True)
class _Changes:
    """Whom the marks concern, by what has changed."""

    created: set[int] = field(default_factory=set)
    by_ref: Contacts = field(default_factory=lambda: defaultdict(set))
    erased: Contacts = field(default_factory=lambda: defaultdict(set))
    """Of what there is less."""
    told: dict[str, Told] = field(default_factory=lambda: defaultdict(Told))
    """Of new events that say what they carried, by type."""

    @property
    def refs(self) -> set[Ref]:
        return {*self.by_ref, *self.erased, *((EVENT, key) for key in self.told)}


def _grouped(marks: Iterable[Mark]) -> _Changes:
    found = _Changes()
    for contact_id, kind, ref, occurred_at, attributes, _ in marks:
        if kind == Kind.EVENT and attributes is not None:
            found.told[ref].add(contact_id, occurred_at, attributes)
        elif kind == Kind.CREATED:
            found.created.add(contact_id)
        else:
            changed = found.erased if kind == Kind.ERASED else found.by_ref
            changed[_REF_KINDS[kind].value, ref].add(contact_id)
    return found


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
            (
                Kind.CREATED,
                Kind.ERASED,
                Kind.REDEFINED,
                Kind.SEGMENT,
                Kind.FIELD,
                Kind.EVENT,
            )
        )
    }

    def __init__(self, marks: Iterable[Mark]) -> None:
        self._marks: dict[int, list[Mark]] = defaultdict(list)
        for mark in marks:
            self._marks[mark.contact_id].append(mark)

    def of(self, contact_id: int, relevant: Mapping[Ref, Filters]) -> Cause:
        """`relevant`: the refs that the segment depends on, see Look."""
        marks = [mark for mark in self._marks[contact_id] if self._concerns(mark, relevant)]
        return as_cause(max(marks, key=self._telling)) if marks else {"kind": "time"}

    @staticmethod
    def _concerns(mark: Mark, relevant: Mapping[Ref, Filters]) -> bool:
        if mark.kind == Kind.CREATED:
            return True
        ref = _REF_KINDS[mark.kind].value, mark.ref
        if mark.kind != Kind.EVENT or ref not in relevant:
            return ref in relevant
        return may_concern(mark.attributes, mark.occurred_at, relevant[ref])

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
    if mark.kind == Kind.REDEFINED:
        return {"kind": "segment", "segment": mark.ref, "redefined": True}
    return {"kind": "created"}
