"""Templates that people make of their own segments, or bring from another installation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from itertools import chain, count
from typing import Any

from django.db import transaction
from django.utils.text import slugify

from contacts.models import Field
from contacts.problems import Conflict, Problem, Refused
from events.models import EventType
from segmentflow.audit.plain import differences
from segmentflow.audit.recording import record
from segmentflow.models import User
from segments import services
from segments.conditions.problems import InvalidDefinition
from segments.models import Segment
from segments.selectors import describe_one
from segments.services import KEY_LENGTH
from segments.starting.files import Content, checked_content, read_file
from segments.starting.gallery import BY_KEY
from segments.starting.models import SavedTemplate
from segments.starting.pieces import JSON
from segments.starting.template import named_in
from segments.starting.written_out import written_out

MOST = 500


@transaction.atomic
def save_as_template(
    *,
    segment: Segment,
    name: str,
    description: str,
    category: str,
    author: User | None,
    now: datetime,
) -> SavedTemplate:
    """Of what the segment shows as its definition. Raises Refused, each problem at what it concerns."""
    services.hold_definitions()
    definition = _whole_definition(segment)
    named = set(named_in(definition))
    content = checked_content(
        name=name,
        description=description,
        category=category,
        definition=definition,
        fields=[*_fields({one.key for one in named if one.kind == "field"})],
        event_types=[*_event_types({one.key for one in named if one.kind == "event"})],
    )
    return _store(content, author=author, now=now)


@transaction.atomic
def bring_template(*, raw: object, author: User | None, now: datetime) -> SavedTemplate:
    """From a file as `as_file` writes it; raises Refused with everything that is wrong."""
    services.hold_definitions()
    return _store(read_file(raw), author=author, now=now)


@transaction.atomic
def change_template(
    *, template: SavedTemplate, name: str, description: str, category: str, now: datetime
) -> SavedTemplate:
    """How it is shown; raises Refused."""
    held = SavedTemplate.objects.select_for_update().get(pk=template.pk)
    if not name.strip():
        raise Refused([Problem("name", "required", "A template needs a name.")])
    before = _facts(held)
    held.name, held.description, held.category = name, description, category
    held.save()
    _note(held, "changed", changes=differences(before, _facts(held)), now=now)
    return held


@transaction.atomic
def delete_template(*, template: SavedTemplate) -> None:
    """Segments that began with it stay as they are."""
    _note(template, "deleted")
    template.delete()


def _facts(template: SavedTemplate) -> dict[str, str]:
    return {name: getattr(template, name) for name in ("name", "description", "category")}


def _note(template: SavedTemplate, action: str, **more: Any) -> None:
    record(action=action, kind="template", key=template.key, name=template.name, **more)


def _whole_definition(segment: Segment) -> JSON:
    """Complete, and with no references to segments."""
    definition = describe_one(segment).definition
    if segment.kind == Segment.Kind.STATIC or definition is None:
        said = f"“{segment.name}” has no definition that could be a template."
        raise Refused([Problem("definition", "required", said)])
    try:
        services.check_definition(definition=definition, own_key=segment.key)
    except InvalidDefinition as invalid:
        raise Refused(
            Problem(f"definition.{one.path}".rstrip("."), one.code, one.message)
            for one in invalid.problems
        ) from None
    written: JSON = written_out(definition)
    return written


def _fields(keys: set[str]) -> Iterator[JSON]:
    for field in Field.objects.filter(key__in=keys):
        offered = {"choices": field.choices} if field.choices else {}
        yield {
            "key": field.key,
            "type": field.type,
            "label": field.label or field.key,
            "description": field.description,
            **offered,
        }


def _event_types(keys: set[str]) -> Iterator[JSON]:
    for one in EventType.objects.filter(key__in=keys):
        summed = {"value_attribute": one.value_attribute} if one.value_attribute else {}
        yield {
            "key": one.key,
            "label": one.label or one.key,
            "description": one.description,
            **summed,
        }


def _store(content: Content, *, author: User | None, now: datetime) -> SavedTemplate:
    """The publishing lock is held: nobody takes the key meanwhile."""
    if SavedTemplate.objects.count() >= MOST:
        raise Conflict(f"There are {MOST} templates already. Delete some first.")
    template = SavedTemplate.objects.create(
        key=_free_key(content.name),
        name=content.name,
        description=content.description,
        category=content.category,
        definition=content.definition,
        fields=content.fields,
        event_types=content.event_types,
        author=author,
    )
    _note(template, "created", now=now)
    return template


def _free_key(name: str) -> str:
    plain = slugify(name)[:KEY_LENGTH].strip("-_") or "template"
    taken: set[Any] = {*SavedTemplate.objects.values_list("key", flat=True), *BY_KEY}
    ends = chain([""], (f"-{number}" for number in count(2)))
    keys = (plain[: KEY_LENGTH - len(end)] + end for end in ends)
    return next(key for key in keys if key not in taken)
