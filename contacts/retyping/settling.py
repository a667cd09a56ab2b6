"""Converts the values of some contacts, whoever needs them first: the background or an evaluation.

From the moment a field has its new type, its values are converted a bite at a time. Who is to
evaluate contacts meanwhile converts theirs before, in the same transaction, so no answer mixes
a type with values of another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any, Final, NamedTuple

import msgspec
from django.db import connection

from contacts import locks
from contacts.files.cells import Unfit
from contacts.locks import Hold, share_fields
from contacts.models import Field
from contacts.problems import Conflict
from contacts.retyping.converting import Convert, back, converter
from contacts.retyping.models import FieldChange, OldValue
from contacts.values import wrong_value
from segmentflow.api.bodies import encode_json
from segmentflow.arrays import numbers, texts
from segmentflow.clock import workspace_zone

State = FieldChange.State
BEGUN: Final = (State.CONFIRMING, State.CONVERTING, State.UNDOING)

LOST: Final = "null"
"""As the new value of one that arrived in the new type and is none of the old one."""

_decode = msgspec.json.Decoder(float_hook=Decimal).decode


class Held(NamedTuple):
    """A contact's value, with what is known of the one before it was converted."""

    contact_id: int
    text: str | None
    before: str | None
    after: str | None
    is_removed: bool | None


class Settled(NamedTuple):
    """A value that is to be another one; None: none at all."""

    contact_id: int
    before: str | None
    after: str | None


def hold_values(contact_ids: Iterable[int]) -> None:
    """Have the values of these contacts in the types that fields have, until the commit.

    Shares the lock on fields, which is to be taken before any on rows.
    """
    share_fields()
    changes = underway()
    ids = numbers(contact_ids) if changes else ""
    for change in changes:
        settle(change, read_held(change, "c.id = ANY(%s::bigint[])", [ids]))


def hold_range(*, after: int, to: int) -> None:
    """The same for those with ids behind `after`, up to `to`."""
    share_fields()
    for change in underway():
        settle(change, read_held(change, "c.id > %s AND c.id <= %s", [after, to]))


def readable() -> Callable[[dict[str, Any]], dict[str, Any]]:
    """For those who only read: attributes with the values as they will be stored."""
    zone = workspace_zone()
    converts = {
        change.field.key: converter(change.before, change.after, change.style, zone=zone)
        if change.state == State.CONVERTING
        else back(change.before, change.after, change.style, zone=zone)
        for change in underway()
    }
    return lambda attributes: _read(attributes, converts) if converts else attributes


def _read(attributes: dict[str, Any], converts: Mapping[str, Convert]) -> dict[str, Any]:
    found = dict(attributes)
    for key in converts.keys() & attributes.keys():
        try:
            found[key] = converts[key](attributes[key])
        except Unfit:
            del found[key]
    return found


def underway() -> list[FieldChange]:
    found = FieldChange.objects.filter(state__in=(State.CONVERTING, State.UNDOING))
    return list(found.select_related("field"))


def refuse_while_changing(field: Field) -> None:
    """Raises Conflict while the field's values are being converted."""
    if FieldChange.objects.filter(field=field, state__in=BEGUN).exists():
        raise Conflict(f"The type of “{field}” is being changed. Wait until it is done, or cancel.")


def read_held(change: FieldChange, where: str, params: Sequence[Any]) -> list[Held]:
    """The values, theirs until the commit."""

    def read() -> list[Held]:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT c.id, (c.attributes -> %s)::text, o.before::text, o.after::text, o.is_removed
                FROM contacts_contact c
                LEFT JOIN contacts_oldvalue o ON o.contact_id = c.id AND o.change_id = %s
                WHERE {where} AND (c.attributes ? %s OR o.is_removed)
                ORDER BY c.id
                {Hold.UNCHANGED.rows("c")}
                """,
                [change.field.key, change.pk, *params, change.field.key],
            )
            return [Held(*row) for row in cursor.fetchall()]

    return locks.read_held(read, Hold.UNCHANGED)


def settle(change: FieldChange, rows: Sequence[Held]) -> tuple[int, int]:
    """Convert them, or put them back; how many have a value now, and how many lost theirs.

    What has been dealt with already is left alone.
    """
    zone = workspace_zone()
    if change.state == State.CONVERTING:
        convert = converter(change.before, change.after, change.style, zone=zone)
        return _convert(change, rows, convert)
    return _put_back(change, rows, back(change.before, change.after, change.style, zone=zone))


def _convert(change: FieldChange, rows: Sequence[Held], convert: Convert) -> tuple[int, int]:
    found: list[Settled] = []
    fit = removed = 0
    for row in rows:
        if row.text is None:
            removed += 1
            continue
        after = _converted(row.text, change.after, convert)
        fit += after is not None
        removed += after is None
        if after != row.text:
            found.append(Settled(row.contact_id, row.text, after))
    remember(change, found, are_removed=True)
    _store(change.field.key, found)
    return fit, removed


def _converted(text: str, type_: str, convert: Convert) -> str | None:
    value = _decode(text)
    if wrong_value(value, type_) is None:
        return text
    try:
        return encode_json(convert(value))
    except Unfit:
        return None


def _put_back(change: FieldChange, rows: Sequence[Held], convert: Convert) -> tuple[int, int]:
    old: list[Settled] = []
    lost: list[Settled] = []
    done: list[int] = []
    for row in rows:
        if _is_as_converted(row):
            done.append(row.contact_id)
            old.append(Settled(row.contact_id, None, row.before))
        elif row.text is not None:
            after = _converted(row.text, change.before, convert)
            if after is None:
                lost.append(Settled(row.contact_id, row.text, None))
            elif after != row.text:
                old.append(Settled(row.contact_id, None, after))
    OldValue.objects.filter(change=change, contact_id__in=done).delete()
    remember(change, [row._replace(after=LOST) for row in lost])
    _store(change.field.key, [*old, *lost])
    return len(rows) - len(lost), len(lost)


def _is_as_converted(row: Held) -> bool:
    """Whether nobody has stored another value since, so that the old one is the right one."""
    if row.is_removed:
        return row.text is None
    return row.text is not None and row.after == row.text


def remember(change: FieldChange, rows: Sequence[Settled], *, are_removed: bool = False) -> None:
    """Keep what was there; `are_removed`: what has no new value has been taken from its contact."""
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            INSERT INTO contacts_oldvalue (contact_id, change_id, before, after, is_removed)
            SELECT id, %s, before, NULLIF(after, '')::jsonb, after = '' AND %s
            FROM unnest(%s::bigint[], %s::jsonb[], %s::text[]) AS sent (id, before, after)
            ON CONFLICT (contact_id, change_id) DO UPDATE
            SET before = excluded.before, after = excluded.after, is_removed = excluded.is_removed
            """,
            [
                change.pk,
                are_removed,
                numbers(row.contact_id for row in rows),
                texts(row.before or "null" for row in rows),
                texts(row.after or "" for row in rows),
            ],
        )


def _store(key: str, rows: Sequence[Settled]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE contacts_contact c
            SET attributes = CASE sent.value
                WHEN '' THEN c.attributes - %s
                ELSE jsonb_set(c.attributes, ARRAY[%s::text], NULLIF(sent.value, '')::jsonb)
            END
            FROM unnest(%s::bigint[], %s::text[]) AS sent (id, value)
            WHERE c.id = sent.id
            """,
            [
                key,
                key,
                numbers(row.contact_id for row in rows),
                texts(row.after or "" for row in rows),
            ],
        )
