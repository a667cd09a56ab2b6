"""What admins do about the type of a field: have another one checked, begin it, give it up."""

from __future__ import annotations

import time
from datetime import datetime
from typing import Final

from django.db import transaction
from django.db.models import QuerySet

from contacts.filled import contact_total
from contacts.locks import hold_fields
from contacts.models import ContactImport, Field, FieldTypes
from contacts.problems import Conflict, Problem, Refused, quoted
from contacts.retyping.checking import sample_values
from contacts.retyping.converting import TARGETS, as_text, converter, fits, fitting_styles
from contacts.retyping.models import FieldChange
from contacts.retyping.running import AT_WORK, ENDED, advance, stop_confirming
from contacts.retyping.turning import begin, refuse_objections, turn, turn_back
from segmentflow.audit.recording import record
from segmentflow.clock import workspace_zone
from segmentflow.models import User
from segmentflow.wakeups import ask_for

RETYPE: Final = "retype"
PATIENCE: Final = 0.1
"""Seconds that a page works by itself before the background goes on."""
PREFIX: Final = "attributes."

State = FieldChange.State


def wake() -> None:
    """Ask the cluster for the changes that wait."""
    ask_for(RETYPE, "contacts.tasks.run_changes")


def current_change(field: Field) -> FieldChange | None:
    """The one that is being prepared or made."""
    return field.changes.exclude(state__in=ENDED).select_related("author").first()


def check_change(
    *, field: Field, type_: str, style: str, author: User | None, now: datetime
) -> FieldChange:
    """Look at all values: which would convert. Raises Refused, also where the style is to be chosen."""
    style = _style(field, type_, style)
    with transaction.atomic():
        hold_fields()
        known = current_change(field)
        if known and known.state not in (State.CHECKING, State.READY):
            raise Conflict("Its type is being changed already.")
        if known:
            give_up(known, now=now)
        change = FieldChange.objects.create(
            field=field,
            before=Field.objects.get(pk=field.pk).type,
            after=type_,
            style=style,
            author=author,
            total=contact_total(),
        )
    _go_on(change, now=now)
    return change


def _style(field: Field, type_: str, style: str) -> str:
    """The way of writing that was chosen, or the only one that the values have."""
    targets = TARGETS[field.type]
    if type_ not in targets:
        said = (
            f"{FieldTypes(field.type).label} cannot become that. Choose one of the types offered."
        )
        raise Refused([Problem("type", "unknown", said)])
    if style in targets[type_]:
        return style
    sample = sample_values(field.key)
    fitting = fitting_styles(field.type, type_, sample, zone=workspace_zone())
    if len(fitting) > 1:
        readings = [converter(field.type, type_, one, zone=workspace_zone()) for one in fitting]
        example = next(
            (one for one in sample if all(fits(read, one) for read in readings)), sample[0]
        )
        said = (
            f"{quoted(as_text(example))} can be read in more than one way: choose which is meant."
        )
        raise Refused([Problem("style", "ambiguous", said)])
    return fitting[0] if fitting else ""


def begin_change(*, change: FieldChange, removes: bool, now: datetime) -> None:
    """Begin what was checked. Raises Conflict when it must not be."""
    with transaction.atomic():
        hold_fields()
        held = FieldChange.objects.select_for_update().get(pk=change.pk)
        if held.state != State.READY:
            raise Conflict("It has been begun already.")
        if held.unfit and not removes:
            raise Conflict("Some values do not convert. Correct them first, or have them removed.")
        _refuse_imports(held.field)
        refuse_objections(held.field, held.after)
        held.removes = removes
        if not removes:
            # What arrives from now on has to convert as well, and then all are looked at once more.
            held.field.becoming = {"type": held.after, "style": held.style}
            held.field.save(update_fields=["becoming"])
            begin(held, State.CONFIRMING)
            held.examples = []
        held.save()
        _note(held, "changed", removes=removes, now=now)
    if removes:
        turn(held, now=now)
    _go_on(held, now=now)


def cancel_change(*, change: FieldChange, now: datetime) -> None:
    """Give it up: everything is as it was, at once or soon. Raises Conflict when it is too late."""
    with transaction.atomic():
        held = FieldChange.objects.select_for_update().get(pk=change.pk)
        if held.state in (State.CHECKING, State.READY, State.CONFIRMING):
            stop_confirming(held)
            give_up(held, now=now)
            _note(held, "cancelled", now=now)
            return
    if held.state != State.CONVERTING:
        raise Conflict("It has ended already.")
    turn_back(change.pk)
    _note(change, "cancelled", now=now)
    _go_on(change, now=now)


def give_up(change: FieldChange, *, now: datetime) -> None:
    """One that was only looked at; what was noted of it is dropped in the background."""
    change.state, change.ended_at, change.has_rows = State.CANCELLED, now, True
    change.examples, change.problems = [], []
    change.save()


def last_change(field: Field) -> FieldChange | None:
    return past_changes(field).first()


def past_changes(field: Field) -> QuerySet[FieldChange]:
    """Those that gave the field another type, the newest first."""
    ended = field.changes.filter(state__in=ENDED, turned_at__isnull=False)
    return ended.select_related("author")


def _note(change: FieldChange, action: str, *, removes: bool = False, now: datetime) -> None:
    said = "values that do not convert are removed" if removes else ""
    if action == "cancelled":
        said = "the change of its type"
    field = change.field
    changes = {"type": [change.before, change.after]}
    record(
        action=action,
        kind="field",
        key=field.key,
        name=field,
        said=said,
        changes=changes,
        now=now,
    )


def _refuse_imports(field: Field) -> None:
    """A file that is being stored was looked at with the type of before."""
    running = ContactImport.objects.filter(
        state=ContactImport.State.RUNNING, mapping__contains=[{"target": PREFIX + field.key}]
    )
    if one := running.first():
        raise Conflict(f"The import “{one}” is filling “{field}”. Wait until it is done.")


def _go_on(change: FieldChange, *, now: datetime) -> None:
    """Few contacts are done while somebody waits; the background does the rest."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until and advance(change.pk, now=now):
        pass
    change.refresh_from_db()
    if change.state in AT_WORK:
        transaction.on_commit(wake)
