"""The moment in which a field has another type, for everybody at once."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from contacts.files.cells import Unfit
from contacts.locks import hold_fields
from contacts.models import Field
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from contacts.retyping.converting import Convert, converter
from contacts.retyping.hooks import Objection, follow, hold_dependants, objections
from contacts.retyping.models import FieldChange, FieldTurn
from segmentflow.clock import workspace_zone

State = FieldChange.State


def turn(change: FieldChange, *, now: datetime) -> None:
    """Give the field its new type when all values are known to convert, or may be removed.

    Nobody stores or evaluates anything in this moment. Somebody may meanwhile have published
    what the new type makes no sense for: then nothing changes, and the change says so.
    """
    try:
        _turn(change.pk, now=now)
    except Conflict as conflict:
        _stay(change.pk, str(conflict))


@in_transaction
def _turn(pk: int, *, now: datetime) -> None:
    hold_dependants()
    hold_fields()
    change = FieldChange.objects.select_for_update().get(pk=pk)
    if change.state not in (State.READY, State.CONFIRMING):
        return
    field = change.field
    refuse_objections(field, change.after)
    convert = converter(change.before, change.after, change.style, zone=workspace_zone())
    change.old_choices = field.choices
    field.choices = _fitting(field.choices, convert, change.after)
    _become(field, change.after)
    begin(change, State.CONVERTING)
    change.turned_at = now
    change.save()
    follow(field.key)


@in_transaction
def turn_back(pk: int) -> None:
    """Give the field the type it had. Raises Conflict when somebody uses the new one by now."""
    hold_dependants()
    hold_fields()
    change = FieldChange.objects.select_for_update().get(pk=pk)
    if change.state != State.CONVERTING:
        raise Conflict("It has ended already.")
    refuse_objections(change.field, change.before)
    change.field.choices = change.old_choices
    _become(change.field, change.before)
    begin(change, State.UNDOING)
    change.save()
    follow(change.field.key)


def refuse_objections(field: Field, type_: str) -> None:
    forbidding = [said for said in objections(field.key, type_) if not said.is_draft]
    if forbidding:
        raise Conflict(f"“{field}” is used where it would make no sense: {in_words(forbidding)}")


def in_words(found: Sequence[Objection]) -> str:
    return " ".join(f"“{said.name}”: {said.problem}" for said in found[:3])


def begin(change: FieldChange, state: str) -> None:
    """From the first contact on, in that state."""
    change.state, change.note, change.has_rows = state, "", True
    change.position = change.seen = change.fit = change.unfit = 0


@transaction.atomic
def _stay(pk: int, why: str) -> None:
    change = FieldChange.objects.select_for_update().get(pk=pk)
    if change.state in (State.READY, State.CONFIRMING):
        Field.objects.filter(pk=change.field_id).update(becoming=None)
        change.state, change.note = State.READY, why
        change.save()


def _become(field: Field, type_: str) -> None:
    field.type, field.becoming = type_, None
    field.save(update_fields=["type", "becoming", "choices"])
    FieldTurn.objects.create()


def _fitting(choices: Sequence[Any], convert: Convert, type_: str) -> list[Any]:
    """The choices in the new type; a list's are texts, so there is one for each part."""
    found: list[Any] = []
    for choice in choices:
        try:
            value = convert(choice)
        except Unfit:
            continue
        parts = value if isinstance(value, list) else [value]
        found += [part for part in parts if part not in found]
    return found
