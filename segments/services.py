"""Writes about segments: making them, publishing definitions, pausing, archiving, deleting.

A change of definitions holds the publishing lock until it commits, so that what a
definition refers to cannot change or go while it is checked, and no cycle can slip in.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, Final

from django.db import transaction

from contacts.locks import share_fields
from contacts.problems import Conflict, Problem, Refused
from events.locks import share_uses
from segmentflow.models import User
from segments import auditing
from segments.builder.state import hold_draft
from segments.catalog import current_catalog
from segments.conditions.nodes import Group
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.drafts import draft_problem
from segments.engine import locks
from segments.engine.dependants import newest_version
from segments.engine.members import forget_segment
from segments.engine.publish import publish_version, rebuild_segment
from segments.engine.rebuild import cancel_rebuilds
from segments.models import Segment
from segments.tags import checked_tags
from segments.usage import keeping_segment

KEY_LENGTH = 64
NAME_LENGTH = 100
KEY = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
RESERVED = ("overlap", "preview")
"""Addresses of the API that stand where keys do."""

Status = Segment.Status
Kind = Segment.Kind


class Unset(Enum):
    """Tells "not sent" from an explicit null."""

    UNSET = "unset"


UNSET: Final = Unset.UNSET


@dataclass(frozen=True, slots=True)
class _Definition:
    """A definition that was found valid."""

    stored: dict[str, Any]
    group: Group


@transaction.atomic
def create_segment(
    *,
    key: str,
    name: str,
    description: str = "",
    tags: Iterable[str] = (),
    kind: str = Kind.DYNAMIC,
    definition: Any = None,
    status: str | None = None,
    author: User | None,
    now: datetime,
) -> Segment:
    """Make a segment; one with a definition is live at once unless a draft is asked for.

    Raises Refused, Conflict, or InvalidDefinition with all the problems of the definition.
    """
    wanted = status or _first_status(kind, definition)
    _check_new(key=key, name=name, kind=kind, definition=definition, status=wanted)
    wanted_tags = checked_tags(tags)
    hold_definitions()
    if Segment.objects.filter(key=key).exists():
        raise Conflict(f"There is a segment with the key “{key}” already.")
    segment = Segment.objects.create(
        key=key, name=name, description=description, tags=wanted_tags, kind=kind, owner=author
    )
    if kind == Kind.STATIC:
        _start_list(segment, now=now)
    elif wanted == Status.LIVE:
        _publish(segment, _checked(segment, definition), author=author)
    else:
        segment.draft = _checked_draft(definition)
        segment.save(update_fields=["draft"])
    auditing.note_made(segment, now=now)
    return segment


@transaction.atomic
def update_segment(
    *,
    segment: Segment,
    name: str | Unset = UNSET,
    description: str | Unset = UNSET,
    tags: Iterable[str] | Unset = UNSET,
    owner: User | Unset | None = UNSET,
    definition: Any = UNSET,
    status: str | Unset = UNSET,
    author: User | None,
    now: datetime,
) -> Segment:
    """Change what is given. A new definition of a live segment is published at once.

    Raises Refused, Conflict, or InvalidDefinition with all the problems of the definition.
    """
    moves = definition is not UNSET or status is not UNSET
    if moves:
        hold_definitions()
    segment = Segment.objects.select_for_update().get(pk=segment.pk)
    before = auditing.before_change(segment)
    if name is not UNSET:
        segment.name = _checked_name(name)
    if description is not UNSET:
        segment.description = description
    if tags is not UNSET:
        segment.tags = checked_tags(tags)
    if owner is not UNSET:
        segment.owner = owner
    segment.save(update_fields=["name", "description", "tags", "owner", "updated_at"])
    if moves:
        wanted = segment.status if status is UNSET else status
        _move(segment, wanted=wanted, definition=definition, author=author)
    auditing.note_change(segment, before, now=now)
    return segment


@transaction.atomic
def restore_segment(*, segment: Segment, author: User | None, now: datetime) -> Segment:
    """Take it out of the archive: live again, or as far as it had come before.

    Raises Refused, or InvalidDefinition when what it is made of has gone meanwhile.
    """
    return update_segment(
        segment=segment, status=_status_outside_archive(segment), author=author, now=now
    )


@transaction.atomic
def delete_segment(*, segment: Segment) -> None:
    """Forget a segment with its members and its history; raises Conflict while it is used."""
    hold_definitions()
    # Whoever changes its draft in the builder is waited for, and then finds nothing. First of all,
    # for they hold the draft before they look at the segment.
    hold_draft(segment)
    # Whoever makes it a target of a campaign is waited for, and then seen.
    Segment.objects.select_for_update().filter(pk=segment.pk).first()
    _refuse_while_used(segment, "deleted")
    forget_segment(segment)
    auditing.note_deleted(segment)
    segment.delete()


def check_definition(*, definition: Any, own_key: str | None = None) -> Group:
    """The definition as a tree; raises InvalidDefinition with all its problems."""
    return parse(definition, current_catalog(own_key=own_key))


def hold_definitions() -> None:
    """One change of definitions at a time; what they are made of stays until the commit."""
    locks.hold_publishing()
    share_fields()
    share_uses()


def _status_outside_archive(segment: Segment) -> str:
    if segment.kind == Kind.STATIC:
        return Status.LIVE
    if newest_version(segment) is None:
        return Status.DRAFT
    # Nobody asked for what was being changed to be published.
    return Status.LIVE if segment.draft is None else Status.PAUSED


def _first_status(kind: str, definition: Any) -> str:
    return Status.DRAFT if kind == Kind.DYNAMIC and definition is None else Status.LIVE


def _check_new(*, key: str, name: str, kind: str, definition: Any, status: str) -> None:
    problems = [
        *_key_problems(key),
        *_name_problems(name),
        *_kind_problems(kind, definition, status),
    ]
    if problems:
        raise Refused(problems)


def _key_problems(key: str) -> Sequence[Problem]:
    if key in RESERVED:
        return (Problem("key", "reserved", f"“{key}” cannot be a key. Choose another one."),)
    if KEY.fullmatch(key):
        return ()
    said = "A key has 1 to 64 letters, digits, - or _, and begins with a letter or digit."
    return (Problem("key", "invalid", said),)


def _name_problems(name: str) -> Sequence[Problem]:
    if not name.strip():
        return (Problem("name", "required", "A segment needs a name."),)
    if len(name) > NAME_LENGTH:
        said = f"A name has at most {NAME_LENGTH} characters."
        return (Problem("name", "too_long", said),)
    return ()


def _kind_problems(kind: str, definition: Any, status: str) -> Sequence[Problem]:
    if kind not in Kind.values:
        return (Problem("kind", "unknown", "A segment is “dynamic” or “static”."),)
    if status not in (Status.DRAFT, Status.LIVE):
        return (Problem("status", "unknown", "A new segment is “draft” or “live”."),)
    if kind == Kind.STATIC and definition is not None:
        return (_NO_DEFINITION,)
    if kind == Kind.STATIC and status == Status.DRAFT:
        return (Problem("status", "not_static", "A static list is live from the start."),)
    if kind == Kind.DYNAMIC and status == Status.LIVE and definition is None:
        return (_DEFINITION_MISSING,)
    return ()


_NO_DEFINITION = Problem(
    "definition", "not_static", "A static list has no definition: its members are listed."
)
_DEFINITION_MISSING = Problem(
    "definition", "required", "A live segment needs a definition; without one it is a draft."
)


def _checked_name(name: str) -> str:
    if problems := _name_problems(name):
        raise Refused(problems)
    return name


def _checked(segment: Segment, definition: Any) -> _Definition:
    if definition is None:
        raise Refused([_DEFINITION_MISSING])
    return _Definition(definition, check_definition(definition=definition, own_key=segment.key))


def _checked_draft(draft: Any) -> Any:
    if draft is not None and (problem := draft_problem(draft)):
        raise Refused([problem])
    return draft


def _move(segment: Segment, *, wanted: str, definition: Any, author: User | None) -> None:
    """Take a segment from its status to the wanted one, with or without a new definition."""
    if wanted not in Status.values:
        raise Refused([Problem("status", "unknown", f"There is no status “{wanted}”.")])
    if segment.kind == Segment.Kind.STATIC:
        _move_static(segment, wanted=wanted, definition=definition)
        return
    match wanted:
        case Status.LIVE:
            _go_live(segment, definition=definition, author=author)
        case Status.DRAFT:
            _keep_draft(segment, definition=definition)
        case _:
            _rest(segment, status=wanted, definition=definition)


def _move_static(segment: Segment, *, wanted: str, definition: Any) -> None:
    if definition is not UNSET and definition is not None:
        raise Refused([_NO_DEFINITION])
    if wanted == Status.DRAFT:
        raise Refused([Problem("status", "not_static", "A static list cannot be a draft.")])
    if wanted == Status.ARCHIVED:
        _refuse_while_used(segment, "archived")
    _set_status(segment, wanted)


def _go_live(segment: Segment, *, definition: Any, author: User | None) -> None:
    """Publish what is new; without anything new, compute anew what rested meanwhile."""
    if definition is UNSET:
        if segment.status == Status.LIVE:
            return
        definition = segment.draft
        if definition is None and newest_version(segment) is not None:
            _resume(segment)
            return
    _publish(segment, _checked(segment, definition), author=author)


def _resume(segment: Segment) -> None:
    _check_published(segment)
    _set_status(segment, Status.LIVE)
    rebuild_segment(segment=segment)


def _publish(segment: Segment, definition: _Definition, *, author: User | None) -> None:
    was_live = segment.status == Status.LIVE
    segment.status = Status.LIVE
    segment.draft = None
    segment.save(update_fields=["status", "draft", "updated_at"])
    publish_version(
        segment=segment,
        definition=definition.stored,
        group=definition.group,
        author=author,
        was_live=was_live,
    )


def _check_published(segment: Segment) -> None:
    """What it is made of may have been archived or deleted while it was in the archive."""
    if version := newest_version(segment):
        check_definition(definition=version.definition, own_key=segment.key)


def _keep_draft(segment: Segment, *, definition: Any) -> None:
    if newest_version(segment) is not None:
        said = "What has been published cannot become a draft again. Pause it instead."
        raise Refused([Problem("status", "not_draft", said)])
    if definition is not UNSET:
        segment.draft = _checked_draft(definition)
    segment.status = Status.DRAFT
    segment.save(update_fields=["status", "draft", "updated_at"])


def _rest(segment: Segment, *, status: str, definition: Any) -> None:
    """Pause or archive: members stay as they are, nothing is computed."""
    if status == Status.PAUSED:
        if newest_version(segment) is None:
            said = "There is nothing to pause yet. Publish it first."
            raise Refused([Problem("status", "not_published", said)])
        if segment.status == Status.ARCHIVED:
            _check_published(segment)
    if status == Status.ARCHIVED and segment.status != Status.ARCHIVED:
        _refuse_while_used(segment, "archived")
    if definition is not UNSET:
        segment.draft = _checked(segment, definition).stored
        segment.save(update_fields=["draft"])
    _set_status(segment, status)
    cancel_rebuilds(segment)


def _refuse_while_used(segment: Segment, done: str) -> None:
    if uses := keeping_segment(segment.key, also_over=done == "deleted"):
        names = ", ".join(f"“{use.name}”" for use in uses)
        instead = " It can be archived." if all(use.is_over for use in uses) else ""
        raise Conflict(f"“{segment.name}” is used by {names} and cannot be {done}.{instead}")


def _set_status(segment: Segment, status: str) -> None:
    segment.status = status
    segment.save(update_fields=["status", "updated_at"])


def _start_list(segment: Segment, *, now: datetime) -> None:
    """A static list is complete from the start."""
    segment.status = Status.LIVE
    segment.built_at = now
    segment.save(update_fields=["status", "built_at"])


__all__ = [
    "UNSET",
    "Conflict",
    "InvalidDefinition",
    "Problem",
    "Refused",
    "Unset",
    "check_definition",
    "create_segment",
    "delete_segment",
    "hold_definitions",
    "restore_segment",
    "update_segment",
]
