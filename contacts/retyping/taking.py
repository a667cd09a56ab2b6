"""Values that do not convert as a file to take away: who has them, or had them."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any, Final

from django.db import connection

from contacts.files.writing import csv_lines
from contacts.retyping.converting import as_text
from contacts.retyping.models import FieldChange
from contacts.retyping.settling import LOST

BITE: Final = 2_000
COLUMNS: Final = ("id", "external_id", "email")


def unconverted_lines(change: FieldChange) -> Iterator[str]:
    """As CSV, in bites by contact."""
    return csv_lines([*COLUMNS, change.field.key], _rows(change))


def has_unconverted(change: FieldChange) -> bool:
    return bool(_bite(change, after=0, most=1))


def _rows(change: FieldChange) -> Iterator[Sequence[Any]]:
    after = 0
    while bite := _bite(change, after=after, most=BITE):
        for contact_id, external_id, email, before in bite:
            yield [contact_id, external_id, email, as_text(json.loads(before, parse_float=str))]
        after = bite[-1][0]


def _bite(change: FieldChange, *, after: int, most: int) -> list[Any]:
    """Once it is begun, only what was really removed; of what was put back, what was lost."""
    is_ready = change.state == FieldChange.State.READY
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT o.contact_id, c.external_id, c.email, o.before::text
            FROM contacts_oldvalue o JOIN contacts_contact c ON c.id = o.contact_id
            WHERE o.change_id = %s AND o.contact_id > %s AND CASE
                WHEN %s THEN o.after IS NULL
                ELSE o.is_removed OR o.after = %s
            END
            ORDER BY o.contact_id LIMIT %s
            """,
            [change.pk, after, is_ready, LOST, most],
        )
        return list(cursor.fetchall())
