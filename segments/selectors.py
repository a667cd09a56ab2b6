"""Reads about segments: what they are, who is in them, who came and went."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Any

from django.db import connection
from django.db.models import Q, QuerySet

from contacts.models import Contact
from segments.catalog import current_catalog, current_labels
from segments.conditions.nodes import Group
from segments.conditions.parse import parse
from segments.conditions.problems import InvalidDefinition
from segments.conditions.sentence import sentence
from segments.engine.facts import load_definitions
from segments.models import (
    Membership,
    Rebuild,
    Segment,
    SegmentUse,
    SegmentVersion,
    Transition,
)
from segments.searching import of_contacts_found

BITE = 5_000
"""Members read at once when all of them are wanted."""

LISTED_BY_HAND = "Contacts listed by hand"


class State(StrEnum):
    """Whether the stored members follow the newest definition."""

    BUILDING = "building"
    READY = "ready"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Named:
    """A segment as others name it."""

    key: str
    name: str


@dataclass(frozen=True, slots=True)
class Progress:
    """The newest rebuild of a segment."""

    state: str
    done: int
    total: int
    error: str

    @property
    def percent(self) -> int:
        return min(100, self.done * 100 // self.total) if self.total else 0

    @property
    def words(self) -> str:
        return f"{self.percent} %"


@dataclass(frozen=True, slots=True)
class Described:
    """A segment with what people want to know about it."""

    segment: Segment
    definition: Any
    """What was published last; the draft where there is one."""
    version: int | None
    """Number of the newest published version."""
    sentence: str
    """Empty for a draft that is not complete."""
    progress: Progress | None

    @property
    def state(self) -> State:
        match self.progress.state if self.progress else None:
            case Rebuild.State.BUILDING:
                return State.BUILDING
            case Rebuild.State.FAILED:
                return State.FAILED
            case _:
                return State.READY


@dataclass(frozen=True, slots=True)
class _Newest:
    """The newest version and the newest rebuild of a segment."""

    version_id: int | None = None
    number: int | None = None
    definition: Any = None
    progress: Progress | None = None


def segments_found(*, search: str = "", status: str = "", tag: str = "") -> QuerySet[Segment]:
    """By name; those in the archive only when asked for. A search looks at tags, too."""
    found = Segment.objects.order_by("name", "pk")
    found = found.filter(status=status) if status else found.exclude(status=Segment.Status.ARCHIVED)
    if tag:
        found = found.filter(tags__contains=[tag])
    if search:
        anywhere = Q(name__icontains=search) | Q(key__icontains=search)
        found = found.filter(anywhere | Q(tags__icontains=search))
    return found


def segments_after(*, key: str, search: str = "", status: str = "") -> QuerySet[Segment]:
    """The same by key, from the one after the given key on."""
    found = segments_found(search=search, status=status).filter(key__gt=key)
    return found.order_by("key")


def describe(segments: Iterable[Segment]) -> list[Described]:
    """In the same order, with a number of queries that does not depend on how many."""
    rows = list(segments)
    newest = _newest([segment.pk for segment in rows])
    groups = _groups(rows, newest)
    labels = current_labels()
    return [
        Described(
            segment=segment,
            definition=_definition(segment, newest[segment.pk]),
            version=newest[segment.pk].number,
            sentence=sentence(groups[segment.pk], labels)
            if segment.pk in groups
            else _without_definition(segment),
            progress=newest[segment.pk].progress,
        )
        for segment in rows
    ]


def describe_one(segment: Segment) -> Described:
    return describe([segment])[0]


def shows_draft(segment: Segment) -> bool:
    """A draft is shown until it is published; a live segment shows what it follows."""
    return segment.draft is not None and segment.status != Segment.Status.LIVE


def _definition(segment: Segment, newest: _Newest) -> Any:
    return segment.draft if shows_draft(segment) else newest.definition


def _without_definition(segment: Segment) -> str:
    return LISTED_BY_HAND if segment.kind == Segment.Kind.STATIC else ""


def _groups(segments: Sequence[Segment], newest: dict[int, _Newest]) -> dict[int, Group]:
    """The parsed definitions by segment, where they are valid."""
    drafts = [segment for segment in segments if shows_draft(segment)]
    versions = {
        segment.pk: version_id
        for segment in segments
        if not shows_draft(segment) and (version_id := newest[segment.pk].version_id)
    }
    return parsed_versions(versions) | _parsed_drafts(drafts)


def parsed_versions(versions: Mapping[int, int]) -> dict[int, Group]:
    """The definitions by whatever their versions are asked for by, where they are valid."""
    try:
        loaded = load_definitions(versions.values())
    except InvalidDefinition:
        # What an archived segment was made of may be gone; the others are still readable.
        if len(versions) == 1:
            return {}
        return {
            pk: group
            for one in versions.items()
            for pk, group in parsed_versions(dict([one])).items()
        }
    return {pk: loaded[version_id].group for pk, version_id in versions.items()}


def _parsed_drafts(drafts: Sequence[Segment]) -> dict[int, Group]:
    if not drafts:
        return {}
    catalog = current_catalog()
    found = {}
    for segment in drafts:
        try:
            found[segment.pk] = parse(segment.draft, replace(catalog, own_key=segment.key))
        except InvalidDefinition:
            continue
    return found


def _newest(segment_ids: list[int]) -> dict[int, _Newest]:
    versions = (
        SegmentVersion.objects.filter(segment__in=segment_ids)
        .order_by("segment_id", "-number")
        .distinct("segment_id")
    )
    rebuilds = (
        Rebuild.objects.filter(segment__in=segment_ids)
        .order_by("segment_id", "-pk")
        .distinct("segment_id")
    )
    progress = {row.segment_id: _progress(row) for row in rebuilds}
    found = {pk: _Newest(progress=progress.get(pk)) for pk in segment_ids}
    for row in versions:
        found[row.segment_id] = _Newest(
            row.pk, row.number, row.definition, progress.get(row.segment_id)
        )
    return found


def _progress(rebuild: Rebuild) -> Progress:
    return Progress(rebuild.state, rebuild.done, rebuild.total, rebuild.error)


def members(
    *, segment: Segment, words: str = "", after: int = 0, before: int | None = None, limit: int
) -> list[dict[str, Any]]:
    """One page in the order of contact ids: the first after one id, or the last before one."""
    found = Membership.objects.filter(segment=segment, contact_id__gt=after)
    found = of_contacts_found(found, words)
    if before is None:
        found = found.order_by("contact_id")
    else:
        found = found.filter(contact_id__lt=before).order_by("-contact_id")
    rows = [
        {
            "id": row.contact_id,
            "external_id": row.contact.external_id,
            "email": row.contact.email,
            "entered_at": row.entered_at,
            "name": str(row.contact),
        }
        for row in found.select_related("contact")[:limit]
    ]
    return rows if before is None else rows[::-1]


def all_members(*, segment: Segment) -> Iterator[dict[str, Any]]:
    """Every member, read in bites, so that a large segment needs little memory and no long
    transaction."""
    after = 0
    while bite := members(segment=segment, after=after, limit=BITE):
        yield from bite
        after = bite[-1]["id"]


def transitions(
    *,
    segment: Segment,
    since: datetime | None = None,
    after: int = 0,
    limit: int,
    newest_first: bool = False,
) -> QuerySet[Transition]:
    """Who entered or left, in the order it was recorded."""
    found = Transition.objects.filter(segment=segment, seq__gt=after).select_related("contact")
    if since is not None:
        found = found.filter(at__gte=since)
    return found.order_by("-seq" if newest_first else "seq")[:limit]


def contacts_by_id(ids: Sequence[int]) -> list[dict[str, Any]]:
    """What is said of contacts in lists, in the order given."""
    found = Contact.objects.in_bulk(ids)
    return [
        {"id": pk, "external_id": found[pk].external_id, "email": found[pk].email}
        for pk in ids
        if pk in found
    ]


def segments_of_contact(*, contact_id: int) -> QuerySet[Membership]:
    """The segments a contact is in now, by name."""
    return (
        Membership.objects.filter(contact_id=contact_id)
        .select_related("segment")
        .order_by("segment__name")
    )


def member_ids(key: str) -> QuerySet[Membership, int]:
    """The answer to contacts.narrowing: who is in the segment with this key."""
    members = Membership.objects.filter(segment__key=key)
    return members.values_list("contact_id", flat=True)


def users_by_ref(*, kind: str, refs: Sequence[str]) -> dict[str, list[Named]]:
    """The live and paused segments whose newest definition names these itself, by what is named."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT used.ref, s.key, s.name
            FROM segments_segment s
            JOIN LATERAL (
                SELECT v.id FROM segments_segmentversion v
                WHERE v.segment_id = s.id
                ORDER BY v.number DESC
                LIMIT 1
            ) newest ON true
            JOIN LATERAL (
                SELECT DISTINCT u.ref FROM segments_segmentuse u
                WHERE u.version_id IN (newest.id, s.live_version_id)
                    AND u.kind = %s AND u.ref = ANY(%s) AND u.is_direct
            ) used ON true
            WHERE s.status IN ('live', 'paused')
            ORDER BY s.name
            """,
            [SegmentUse.Kind(kind), list(refs)],
        )
        found: dict[str, list[Named]] = {}
        for ref, key, name in cursor.fetchall():
            found.setdefault(ref, []).append(Named(key, name))
        return found
