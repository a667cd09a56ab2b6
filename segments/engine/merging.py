"""What segments do with a contact that is merged into another one."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import connection

from contacts.changes import Change, Kind
from segments.engine.members import erase_contacts, erase_transitions
from segments.models import Segment


def merge_memberships(keep: int, lose: int) -> Iterable[Change]:
    """Runs in the transaction that merges the contacts, with their buckets held.

    The kept contact gets onto the static lists that only the other one was on, and what was
    recorded about these is that of the other one. In dynamic segments the lost contact's
    past goes with it: the kept one enters and leaves by what is true of it from now on.
    """
    lists = _take_lists(keep, lose)
    if lists:
        erase_transitions([keep], segment_ids=list(lists))
        _take_transitions(keep, lose, list(lists))
    erase_contacts([lose])
    return [Change(keep, Kind.SEGMENT, key) for key in lists.values()]


def lists_foretold(keep: int, lose: int) -> list[str]:
    """The lists that the kept contact would get onto, and what happens with other segments."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            WITH lost AS (SELECT segment_id FROM segments_membership WHERE contact_id = %(lose)s),
            kept AS (SELECT segment_id FROM segments_membership WHERE contact_id = %(keep)s)
            SELECT name FROM segments_segment
            WHERE kind = 'static' AND id IN (SELECT segment_id FROM lost)
                AND id NOT IN (SELECT segment_id FROM kept)
            ORDER BY lower(name)
            """,
            {"keep": keep, "lose": lose},
        )
        names = [f"“{name}”" for (name,) in cursor.fetchall()]
    said = [f"The kept contact gets onto {', '.join(names)}."] if names else []
    return [*said, "Segments are worked out anew from what is then known."]


def _take_lists(keep: int, lose: int) -> dict[int, str]:
    """The static segments whose lists the kept contact got onto, with their keys."""
    with connection.cursor() as cursor:
        # Stored anew and not changed: contacts may lie on different machines.
        cursor.execute(
            """
            INSERT INTO segments_membership (contact_id, segment_id, entered_at)
            SELECT %s, m.segment_id, m.entered_at
            FROM segments_membership m JOIN segments_segment s ON s.id = m.segment_id
            WHERE m.contact_id = %s AND s.kind = 'static'
            ON CONFLICT DO NOTHING
            RETURNING segment_id
            """,
            [keep, lose],
        )
        taken = [segment_id for (segment_id,) in cursor.fetchall()]
        cursor.execute(
            "DELETE FROM segments_membership WHERE contact_id = %s AND segment_id = ANY(%s)",
            [lose, taken],
        )
    return dict(Segment.objects.filter(pk__in=taken).values_list("pk", "key"))


def _take_transitions(keep: int, lose: int, segment_ids: list[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO segments_transition (contact_id, seq, segment_id, entered, at, cause)
            SELECT %s, seq, segment_id, entered, at, cause FROM segments_transition
            WHERE contact_id = %s AND segment_id = ANY(%s)
            """,
            [keep, lose, segment_ids],
        )
        cursor.execute(
            "DELETE FROM segments_transition WHERE contact_id = %s AND segment_id = ANY(%s)",
            [lose, segment_ids],
        )
