"""New drafts: of nothing, and of a template with what it needs."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from contacts.fields import create_field
from contacts.problems import Conflict
from contacts.retrying import in_transaction
from events.registry import create_event_type
from segmentflow.models import User
from segments import services
from segments.copying import free_key_for
from segments.engine.locks import hold_publishing
from segments.models import Segment
from segments.starting.finding import Existing, Found, State, definition_with
from segments.starting.pieces import JSON
from segments.starting.template import Named, Template


@dataclass(frozen=True, slots=True)
class Begun:
    segment: Segment
    created: tuple[str, ...]
    """The labels of the fields and event types that were made for it."""


@transaction.atomic
def begin_draft(
    *,
    name: str,
    description: str,
    definition: JSON | None = None,
    author: User | None,
    now: datetime,
) -> Segment:
    """A draft whose key tells its name."""
    services.hold_definitions()
    return services.create_segment(
        key=free_key_for(name),
        name=name,
        description=description,
        definition=definition,
        status=Segment.Status.DRAFT,
        author=author,
        now=now,
    )


@in_transaction
def begin_from_template(
    *,
    template: Template,
    name: str,
    description: str,
    creating: Collection[Named],
    author: User | None,
    now: datetime,
) -> Begun:
    """A draft with the template's definition; what is missing of `creating` is made before.

    What somebody else has made meanwhile is taken. Raises Conflict when that is something else.
    """
    hold_publishing()
    found = Existing().look_for(template)
    created = tuple(_created(found, creating, now))
    segment = begin_draft(
        name=name,
        description=description,
        definition=definition_with(template, found),
        author=author,
        now=now,
    )
    return Begun(segment, created)


def _created(found: Collection[Found], creating: Collection[Named], now: datetime) -> Iterator[str]:
    """Fields come first: whoever stores events may hold them while it registers types."""
    for one in found:
        if one.need.named not in creating or one.is_here:
            continue
        if one.state != State.MISSING:
            raise Conflict(f"“{one.key}” is something else by now. Nothing was created.")
        if one.need.named.kind == "field":
            create_field(raw=one.need.raw, now=now)
        else:
            create_event_type(raw=one.need.raw, now=now)
        yield one.label
