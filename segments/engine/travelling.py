"""What a new definition changed travels to the segments that refer to it.

Those have it in their own definitions, in place (docs/decisions/0003). Whose answer stays the same, and
may change no sooner than was known, need not be looked at there; the others get marks. That is
certain only where the stored answers were right before: else those who refer to it are
rebuilt (docs/decisions/0035).
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connection

from contacts.changes import Change, Kind, record_changes
from segments.engine.dependants import dependants, store_uses
from segments.engine.facts import load_definitions
from segments.engine.rebuild import start_rebuild
from segments.engine.store import Cause
from segments.models import Rebuild, SegmentVersion

MOST = 20_000
"""Contacts with marks: more of them are sooner looked at by a rebuild."""
FEW = 2_000
"""Marks, for which nothing else has to wait long."""


def is_current(segment_id: int) -> bool:
    """Whether the stored members follow the live version, but for marks that wait.

    Of a segment that is live: one that rested is not current until it has been rebuilt.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.live_version_id IS NOT NULL AND EXISTS (
                SELECT FROM (
                    SELECT state, was_current FROM segments_rebuild
                    WHERE segment_id = s.id ORDER BY id DESC LIMIT 1
                ) newest
                WHERE state = 'done' OR (state IN ('building', 'cancelled') AND was_current)
            )
            FROM segments_segment s WHERE s.id = %s
            """,
            [segment_id],
        )
        found: bool = cursor.fetchone()[0]
        return found


def travels_to(rebuild: Rebuild) -> list[int]:
    """The segments that refer to the one that is rebuilt, if differences may travel there."""
    if not rebuild.was_current:
        return []
    return [version.segment_id for version in dependants(rebuild.segment.key)]


def travel(rebuild: Rebuild) -> None:
    """Have everybody who refers to a segment follow its new definition.

    The last thing that a swap does: members and deadlines are the new ones, and who differs is
    still there as candidates.
    """
    key = rebuild.segment.key
    marked: set[int] = set()
    for version in dependants(key):
        group = load_definitions([version.pk])[version.pk].group
        store_uses(version_id=version.pk, group=group)
        looked_at = _differing(rebuild, version) if _may_be_marked(rebuild, version) else None
        if looked_at is None:
            cause: Cause = {"kind": "segment", "segment": key}
            start_rebuild(segment=version.segment, version=version, cause=cause)
        else:
            marked.update(looked_at)
    if marked:
        changes = (Change(contact_id, Kind.REDEFINED, key) for contact_id in sorted(marked))
        record_changes(changes, is_bulk=len(marked) > FEW)


def _may_be_marked(rebuild: Rebuild, version: SegmentVersion) -> bool:
    """Whether the segment of `version` was right, and follows that version."""
    segment = version.segment
    return (
        rebuild.was_current
        and segment.live_version_id == version.pk
        and is_current(segment.pk)
        and not segment.rebuilds.filter(state=Rebuild.State.BUILDING).exists()
    )


def _differing(rebuild: Rebuild, version: SegmentVersion) -> Sequence[int] | None:
    """Who has to be looked at where it is referred to; None: too many to be marked.

    Besides those whose answer or deadline is another one, all who may be moved by time before
    that is looked for: what is stored may be earlier than it had to be, there and not here.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT contact_id FROM segments_candidate WHERE rebuild_id = %(rebuild)s
            UNION
            SELECT changed.contact_id
            FROM segments_deadline changed LEFT JOIN segments_deadline referring
                ON referring.contact_id = changed.contact_id AND referring.segment_id = %(referring)s
            WHERE changed.segment_id = %(changed)s
                AND changed.due_at < COALESCE(referring.due_at, 'infinity')
            LIMIT %(most)s + 1
            """,
            {
                "rebuild": rebuild.pk,
                "changed": rebuild.segment_id,
                "referring": version.segment_id,
                "most": MOST,
            },
        )
        found = [contact_id for (contact_id,) in cursor.fetchall()]
    return found if len(found) <= MOST else None
