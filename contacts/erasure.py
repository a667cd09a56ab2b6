"""Forgetting people: everything that is known about a contact goes, in one transaction."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.db import connection

from contacts.changes import BUCKETS
from contacts.locks import hold_buckets_of, hold_rows_of, share_everybody
from contacts.retrying import in_transaction
from segmentflow.audit.recording import record
from segmentflow.models import TallySubject
from segmentflow.tallies import add_many

Eraser = Callable[[Sequence[int]], None]
Locker = Callable[[], None]

_erasers: dict[Eraser, Locker | None] = {}


def on_erase(eraser: Eraser, *, locker: Locker | None = None) -> None:
    """Have `eraser` forget the contacts too, in the transaction that erases them.

    It runs while their buckets are held, so nobody evaluates them meanwhile. `locker` takes
    the locks that have to be taken before those on rows (segments/engine/locks.py).
    """
    _erasers[eraser] = locker


@in_transaction
def erase_contacts(*, contact_ids: Sequence[int]) -> int:
    """Erase the contacts everywhere and answer how many there were."""
    share_everybody()
    hold_buckets_of(contact_ids)
    for locker in _erasers.values():
        if locker is not None:
            locker()
    found = len(hold_rows_of(contact_ids))
    # Asked for with all ids: what a lost contact left behind goes as well.
    for eraser in _erasers:
        eraser(contact_ids)
    forget_contacts(contact_ids)
    _note(contact_ids, found)
    return found


def _note(contact_ids: Sequence[int], found: int) -> None:
    """Who erased somebody is kept, whom by the number alone."""
    if not found:
        return
    if len(contact_ids) == 1:
        record(action="erased", kind="contact", key=contact_ids[0])
        return
    changes = {"ids": [list(contact_ids), None]}
    record(action="erased", kind="contacts", said=f"{found:,} of them", changes=changes)


def forget_contacts(contact_ids: Sequence[int]) -> None:
    """What this app itself knows of contacts that the caller holds, with their buckets."""
    ids = list(contact_ids)
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM contacts_identity WHERE contact_id = ANY(%s)", [ids])
        cursor.execute("DELETE FROM contacts_oldvalue WHERE contact_id = ANY(%s)", [ids])
        # Values shown as examples do not say whose they are.
        cursor.execute(
            """
            UPDATE contacts_fieldchange SET examples = '[]', problems = '[]'
            WHERE examples <> '[]' OR problems <> '[]'
            """
        )
        cursor.execute(
            "DELETE FROM contacts_pendingmark WHERE bucket = ANY(%s) AND contact_id = ANY(%s)",
            [sorted({contact_id % BUCKETS for contact_id in ids}), ids],
        )
        # Who erased somebody is kept, whom by the number alone.
        cursor.execute(
            """
            UPDATE django_admin_log l SET object_repr = 'Contact ' || l.object_id, change_message = ''
            FROM django_content_type t
            WHERE t.id = l.content_type_id AND t.app_label = 'contacts' AND t.model = 'contact'
                AND l.object_id = ANY(%s)
            """,
            [[str(contact_id) for contact_id in ids]],
        )
        cursor.execute(
            "DELETE FROM contacts_contact WHERE id = ANY(%s) RETURNING created_at", [ids]
        )
        add_many((TallySubject.CONTACTS, 0, at, -1) for (at,) in cursor.fetchall())
