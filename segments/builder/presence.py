"""Who has the builder of a segment open."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db import connection, transaction

from segmentflow.models import User
from segmentflow.users import name_of
from segments.builder.models import Editor
from segments.models import Segment

STAYS = timedelta(seconds=20)
"""How long somebody counts as there: a page says every few seconds that it is open."""


@transaction.atomic
def note_presence(*, segment: Segment, person: User, now: datetime) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_editor AS e (segment_id, user_id, seen_at) VALUES (%s, %s, %s)
            ON CONFLICT (segment_id, user_id)
                DO UPDATE SET seen_at = greatest(e.seen_at, excluded.seen_at)
            """,
            [segment.pk, person.pk, now],
        )
        # Whoever is being noted by somebody else now is there, and need not be waited for.
        cursor.execute(
            """
            DELETE FROM segments_editor WHERE id IN (
                SELECT id FROM segments_editor WHERE seen_at < %s FOR UPDATE SKIP LOCKED
            )
            """,
            [now - STAYS],
        )


def others_here(*, segment: Segment, person: User, now: datetime) -> list[str]:
    """The names of those who were there a moment ago, sorted."""
    editors = Editor.objects.filter(segment=segment, seen_at__gte=now - STAYS)
    others = editors.exclude(user=person).select_related("user")
    return sorted((name_of(editor.user) for editor in others), key=str.casefold)


def leave(*, segment: Segment, person: User) -> None:
    Editor.objects.filter(segment=segment, user=person).delete()
