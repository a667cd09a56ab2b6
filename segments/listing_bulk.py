"""Contacts of a list put into a static segment, or taken out of it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Final, Protocol

from django.db import transaction
from django.db.models.functions import Lower

from contacts.bulk import BulkAction, in_bites
from contacts.problems import Conflict, Problem, Refused
from segmentflow.models import User
from segments import services
from segments.auditing import note_members
from segments.copying import free_key_for
from segments.engine.members import add_members, remove_members
from segments.models import Segment

MOST: Final = 10_000
BITE: Final = 1_000
NEEDS: Final = ("segments.view_segment", "segments.change_segment")


class Change(Protocol):
    def __call__(self, *, segment: Segment, contact_ids: Sequence[int], now: datetime) -> int: ...


def static_segments() -> list[tuple[str, str]]:
    """Those whose members are listed by hand, by name."""
    found = Segment.objects.filter(kind=Segment.Kind.STATIC)
    found = found.exclude(status=Segment.Status.ARCHIVED)
    return list(found.order_by(Lower("name")).values_list("key", "name"))


def begin_list(name: str, person: User, now: datetime) -> str:
    """A new static segment; answers its key."""
    if not person.has_perm("segments.add_segment"):
        raise Refused([Problem("new", "not_allowed", "Your role does not include new segments.")])
    return create_list(name=name, author=person, now=now).key


@transaction.atomic
def create_list(*, name: str, author: User, now: datetime) -> Segment:
    """Raises Refused for what is no name."""
    services.hold_definitions()
    key = free_key_for(name)
    return services.create_segment(
        key=key, name=name, kind=Segment.Kind.STATIC, author=author, now=now
    )


def change_members(change: Change, said: str, ids: Sequence[int], key: str, now: datetime) -> str:
    """Several transactions: each contact is in or out, and doing it again does no harm."""
    segment = Segment.objects.filter(key=key, kind=Segment.Kind.STATIC).first()
    if segment is None:
        raise Conflict("This segment is no longer there.")
    done = sum(change(segment=segment, contact_ids=bite, now=now) for bite in in_bites(ids, BITE))
    is_added = change is add_members
    note_members(segment, ids, number=done, is_added=is_added, now=now)
    others = len(ids) - done
    who = "contact" if done == 1 else "contacts"
    rest = f" {others:,} changed nothing." if others else ""
    return f"{done:,} {who} {said} “{segment.name}”.{rest}"


ADD = BulkAction(
    key="add",
    label="Add to a segment",
    icon="user-plus",
    title="Add {contacts} to a static segment",
    button="Add {contacts}",
    needs=NEEDS,
    most=MOST,
    perform=partial(change_members, add_members, "added to"),
    choices=static_segments,
    choice_label="Static segment",
    create=begin_list,
    instead="Save the filters as a segment instead: it takes any number of contacts, and follows by itself.",
)
REMOVE = BulkAction(
    key="remove",
    label="Remove from a segment",
    icon="circle-x",
    title="Remove {contacts} from a static segment",
    button="Remove {contacts}",
    needs=NEEDS,
    most=MOST,
    perform=partial(change_members, remove_members, "removed from"),
    choices=static_segments,
    choice_label="Static segment",
    instead="Narrow the list to the segment, and remove them in several steps.",
)
