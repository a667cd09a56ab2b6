"""The fields that admins define: made, changed and deleted."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from django.db import connection, transaction

from contacts.locks import hold_fields
from contacts.members import read_members, wrong_flag, wrong_label
from contacts.models import Field, FieldTypes
from contacts.problems import Conflict, Problem, Refused
from contacts.retyping.settling import refuse_while_changing
from contacts.rows import BUILT_IN
from contacts.usage import refuse_while_used
from contacts.values import named, wrong_text, wrong_value
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record

KEY = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
TAKEN: Final = frozenset({*BUILT_IN, "id", "created_at"})
MOST_CHOICES: Final = 1_000
LONGEST_CHOICE: Final = 1_000


def _wrong_key(value: object) -> str | None:
    if not isinstance(value, str) or not KEY.fullmatch(value):
        return "A key is a letter, followed by up to 63 letters, digits and underscores."
    return f"“{value}” is a built-in field." if value in TAKEN else None


def _wrong_type(value: object) -> str | None:
    if isinstance(value, str) and value in FieldTypes.values:
        return None
    return f"A type is one of {', '.join(FieldTypes.values)}."


def _wrong_choices(value: object) -> str | None:
    if not isinstance(value, list):
        return f"Here a list of values is wanted, not {named(value)}."
    return f"There are at most {MOST_CHOICES:,} choices." if len(value) > MOST_CHOICES else None


KIND: Final = "field"
CHANGES: Final = {
    "label": wrong_label,
    "choices": _wrong_choices,
    "description": wrong_text,
    "archived": wrong_flag,
}
NEW: Final = {"key": _wrong_key, "type": _wrong_type, **CHANGES}


def checked_field(raw: object) -> dict[str, Any]:
    """The description of a new field, where there is nothing wrong with it; raises Refused."""
    sent = read_members(raw, NEW, required=("key", "type"))
    _check_choices(sent.get("choices", []), sent["type"])
    return sent


@transaction.atomic
def create_field(*, raw: object, now: datetime) -> Field:
    """Define a field from its description as JSON."""
    sent = checked_field(raw)
    hold_fields()
    if Field.objects.filter(key=sent["key"]).exists():
        raise Conflict(f"There is a field “{sent['key']}” already.")
    field = Field(
        key=sent["key"], type=sent["type"], label=sent["key"], position=Field.objects.count()
    )
    _change(field, sent, now)
    field.save(force_insert=True)
    record(action="created", kind=KIND, key=field.key, name=field, said=field.type, now=now)
    return field


@transaction.atomic
def update_field(*, field: Field, raw: object, now: datetime) -> Field:
    """Change what was sent. The key is for ever; the type is changed with all values (retyping).

    Raises Conflict when it is to be archived and something uses it.
    """
    if isinstance(raw, dict) and raw.get("archived"):
        hold_fields()  # before the row; so nothing begins to use it meanwhile
    held = Field.objects.select_for_update().get(pk=field.pk)
    sent = read_members(raw, {**CHANGES, "key": _same(held.key), "type": _same_type(held)})
    _check_choices(sent.get("choices", []), held.type)
    if sent.get("archived") and held.archived_at is None:
        refuse_while_used("field", held.key, label=str(held), done="archived")
    before = _facts(held)
    _change(held, sent, now)
    held.save()
    if changes := differences(before, _facts(held)):
        record(action="changed", kind=KIND, key=held.key, name=held, changes=changes, now=now)
    return held


@transaction.atomic
def delete_field(*, field: Field) -> None:
    """Forget the field and all its values; refused while something uses it."""
    hold_fields()
    refuse_while_changing(field)
    refuse_while_used("field", field.key, label=str(field), done="deleted")
    with connection.cursor() as cursor:
        # Nothing uses it, so nobody has to look at these contacts again.
        cursor.execute(
            "UPDATE contacts_contact SET attributes = attributes - %s WHERE attributes ? %s",
            [field.key, field.key],
        )
    record(action="deleted", kind=KIND, key=field.key, name=field)
    field.delete()


@transaction.atomic
def move_field(*, field: Field, step: int) -> None:
    """Show it further down by a number of places, or further up by a negative one."""
    fields = _held_order(field)
    place = fields.index(field)
    _store_order(fields, field, max(0, place + step))


@transaction.atomic
def place_field(*, field: Field, place: int) -> None:
    """Show it at this place, from 0, among those that are archived or not as it is."""
    _store_order(_held_order(field), field, max(0, place))


def _held_order(field: Field) -> list[Field]:
    hold_fields()
    return list(Field.objects.filter(archived_at__isnull=field.archived_at is None))


def _store_order(fields: list[Field], field: Field, place: int) -> None:
    fields.remove(field)
    fields.insert(place, field)
    for position, one in enumerate(fields):
        one.position = position
    Field.objects.bulk_update(fields, ["position"])
    record(action="moved", kind=KIND, key=field.key, name=field, said=f"to place {place + 1}")


def _facts(field: Field) -> dict[str, Any]:
    return {
        "label": field.label,
        "choices": field.choices,
        "description": field.description,
        "archived": field.archived_at is not None,
    }


def _same(stored: str) -> Any:
    said = f"This cannot change; it stays “{stored}”."
    return lambda value: None if value == stored else said


def _same_type(field: Field) -> Any:
    """Values are converted with it, and somebody has to say what becomes of those that do not."""
    where = f"/contacts/fields/{field.key}/type"
    said = (
        f"The type stays “{field.type}” here, because stored values have to be converted with it."
        f" An admin changes it in the browser, at {where}."
    )
    return lambda value: None if value == field.type else said


def _change(field: Field, sent: Mapping[str, Any], now: datetime) -> None:
    field.label = sent.get("label", field.label) or field.key
    field.choices = sent.get("choices", field.choices)
    field.description = sent.get("description", field.description)
    if "archived" in sent:
        field.archived_at = (field.archived_at or now) if sent["archived"] else None


def _check_choices(choices: Sequence[object], type_: str) -> None:
    problems = list(_choice_problems(choices, type_))
    if problems:
        raise Refused(problems)


def _choice_problems(choices: Sequence[object], type_: str) -> Iterator[Problem]:
    element = FieldTypes.TEXT if type_ == FieldTypes.LIST else type_
    for index, choice in enumerate(choices):
        wrong = wrong_value(choice, element)
        if wrong is None and isinstance(choice, str):
            wrong = wrong_text(choice, LONGEST_CHOICE)
        if wrong:
            yield Problem(f"choices[{index}]", "wrong_type", wrong)
