"""What would come of a change: which values convert, which do not, and who has those."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from typing import Any, Final

from django.db import connection

from contacts.files.cells import Unfit
from contacts.retyping.converting import Convert, as_text, converter
from contacts.retyping.models import FieldChange
from contacts.retyping.settling import Settled, remember
from segmentflow.clock import workspace_zone

MOST_EXAMPLES: Final = 6
MOST_PROBLEMS: Final = 20
MOST_CONTACTS: Final = 3
SAMPLE: Final = 1_000


def check_rows(change: FieldChange, where: str, params: Sequence[Any]) -> None:
    """Count the values of some contacts, and note those that do not convert."""
    convert = converter(change.before, change.after, change.style, zone=workspace_zone())
    unfit: list[Settled] = []
    for contact_id, text in _values(change.field.key, where, params):
        value = json.loads(text, parse_float=Decimal)
        try:
            _note_example(change, value, convert(value))
        except Unfit:
            unfit.append(Settled(contact_id, text, None))
        else:
            change.fit += 1
    remember(change, unfit)
    change.unfit += len(unfit)


def sample_values(key: str) -> list[Any]:
    """Values of the first contacts that have one."""
    where = "c.id IN (SELECT id FROM contacts_contact WHERE attributes ? %s ORDER BY id LIMIT %s)"
    return [json.loads(text, parse_float=Decimal) for _, text in _values(key, where, [key, SAMPLE])]


def most_frequent(change: FieldChange) -> tuple[list[dict[str, Any]], int]:
    """The commonest values that do not convert, why, who has them; and how many different ones."""
    convert = converter(change.before, change.after, change.style, zone=workspace_zone())
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT before::text, count(*), (array_agg(contact_id ORDER BY contact_id))[:%s],
                count(*) OVER ()
            FROM contacts_oldvalue WHERE change_id = %s AND after IS NULL
            GROUP BY before ORDER BY 2 DESC, 1 LIMIT %s
            """,
            [MOST_CONTACTS, change.pk, MOST_PROBLEMS],
        )
        rows = cursor.fetchall()
    found = [
        {"value": value, "count": count, "contacts": contacts, "why": _why(convert, value)}
        for text, count, contacts, _ in rows
        for value in [json.loads(text, parse_float=Decimal)]
    ]
    return found, rows[0][3] if rows else 0


def _values(key: str, where: str, params: Sequence[Any]) -> list[tuple[int, str]]:
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT c.id, (c.attributes -> %s)::text FROM contacts_contact c
            WHERE {where} AND c.attributes ? %s ORDER BY c.id
            """,
            [key, *params, key],
        )
        return list(cursor.fetchall())


def _note_example(change: FieldChange, before: Any, after: Any) -> None:
    """Different ones, and rather such that look different afterwards."""
    if len(change.examples) >= MOST_EXAMPLES:
        return
    entry = {"before": as_text(before), "after": after}
    if not any(known["before"] == entry["before"] for known in change.examples):
        change.examples.append(entry)


def _why(convert: Convert, value: Any) -> str:
    try:
        convert(value)
    except Unfit as unfit:
        return str(unfit)
    return ""
