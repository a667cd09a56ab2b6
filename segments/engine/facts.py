"""Loads what evaluation needs from the database: event types, definitions, who refers to whom.

Whoever stores what it evaluates asks for the zone once in its transaction and passes it here,
so that no answer mixes two.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from events.models import EventType
from segmentflow.citus.here import is_spread
from segmentflow.clock import workspace_zone
from segments.catalog import current_catalog
from segments.conditions.nodes import Group, Node, SegmentCondition
from segments.conditions.parse import parse
from segments.conditions.sql.facts import EventTypeFacts, Facts
from segments.models import Segment


@dataclass(frozen=True, slots=True)
class Definition:
    """One version of one dynamic segment, parsed."""

    segment_id: int
    key: str
    version_id: int
    number: int
    group: Group


def load_definitions(
    version_ids: Iterable[int], *, zone: ZoneInfo | None = None
) -> dict[int, Definition]:
    """Version id -> its definition."""
    wanted = list(version_ids)
    if not wanted:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT v.id, v.number, s.id, s.key, (SELECT max(id) FROM contacts_fieldturn)
            FROM segments_segmentversion v JOIN segments_segment s ON s.id = v.segment_id
            WHERE v.id = ANY(%s)
            """,
            [wanted],
        )
        rows = cursor.fetchall()
    groups = _parsed([row[0] for row in rows], zone or workspace_zone(), _turn(rows))
    return {
        version_id: Definition(segment_id, key, version_id, number, groups[version_id])
        for version_id, number, segment_id, key, _ in rows
    }


MOST_PARSED = 10_000
_known: dict[tuple[int, str, int], Group] = {}
"""A stored version never changes, so it is parsed once in a process, for a time zone and the
types that fields have since a turn (contacts/retyping)."""


def _turn(rows: Sequence[tuple[Any, ...]]) -> int:
    """Read by the same statement as the versions, as the last column."""
    return rows[0][-1] or 0 if rows else 0


def _parsed(version_ids: Collection[int], zone: ZoneInfo, turn: int) -> dict[int, Group]:
    missing = [row_id for row_id in version_ids if (row_id, zone.key, turn) not in _known]
    if missing:
        if len(_known) > MOST_PARSED:
            _known.clear()
            missing = list(version_ids)
        catalog = current_catalog(allow_archived=True, zone=zone)
        for version_id, definition in _stored(missing):
            _known[version_id, zone.key, turn] = parse(definition, catalog)
    return {version_id: _known[version_id, zone.key, turn] for version_id in version_ids}


def _stored(version_ids: list[int]) -> list[tuple[int, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, definition::text FROM segments_segmentversion WHERE id = ANY(%s)",
            [version_ids],
        )
        # Numbers as the exact decimals they were sent as.
        return [(row_id, json.loads(text, parse_float=Decimal)) for row_id, text in cursor]


def current_facts(groups: Iterable[Group], *, zone: ZoneInfo | None = None) -> Facts:
    """What the SQL of these definitions refers to."""
    zone = zone or workspace_zone()
    columns = ("key", "id", "value_attribute", "value_is_filled")
    types = _event_types(tuple(EventType.objects.order_by("id").values_list(*columns)))
    return Facts(zone, types, referred(groups, zone), is_spread=is_spread())


@lru_cache(maxsize=8)
def _event_types(rows: tuple[tuple[str, int, str, bool], ...]) -> Mapping[str, EventTypeFacts]:
    """The same object for the same rows: what is made of it is kept (statements.py)."""
    return {
        key: EventTypeFacts(type_id, value_attribute if is_filled and value_attribute else None)
        for key, type_id, value_attribute, is_filled in rows
    }


def resolver(facts_segments: Mapping[str, Group | int]) -> Mapping[str, Group | None]:
    """The same segments as `uses` wants them: None for a static one."""
    return {
        key: None if isinstance(segment, int) else segment
        for key, segment in facts_segments.items()
    }


def references(node: Node) -> set[str]:
    """Keys of the segments that a tree names itself."""
    if isinstance(node, SegmentCondition):
        return {node.segment}
    if isinstance(node, Group):
        return {key for child in node.children for key in references(child)}
    return set()


def referred(groups: Iterable[Group], zone: ZoneInfo) -> dict[str, Group | int]:
    """Every segment that the groups refer to, also through others."""
    found: dict[str, Group | int] = {}
    wanted = {key for group in groups for key in references(group)}
    while wanted:
        loaded = _load_segments(wanted, zone)
        found.update(loaded)
        nested = {
            key
            for segment in loaded.values()
            if isinstance(segment, Group)
            for key in references(segment)
        }
        wanted = nested - found.keys()
    return found


def meant(group: Group, segments: Mapping[str, Group | int]) -> dict[str, Group | int]:
    """Of the segments those that a definition refers to, also through others."""
    found: dict[str, Group | int] = {}
    wanted = references(group)
    while wanted := {key for key in wanted if key in segments and key not in found}:
        found |= {key: segments[key] for key in wanted}
        trees = [tree for key in wanted if isinstance(tree := segments[key], Group)]
        wanted = {key for tree in trees for key in references(tree)}
    return found


def _load_segments(keys: set[str], zone: ZoneInfo) -> dict[str, Group | int]:
    """By key: the definition that is live (or about to be), or the id of a static segment."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.key, s.id, s.kind, COALESCE(s.live_version_id, newest.id),
                (SELECT max(id) FROM contacts_fieldturn)
            FROM segments_segment s LEFT JOIN LATERAL (
                SELECT v.id FROM segments_segmentversion v
                WHERE v.segment_id = s.id
                ORDER BY v.number DESC
                LIMIT 1
            ) newest ON true
            WHERE s.key = ANY(%s)
            """,
            [sorted(keys)],
        )
        rows = cursor.fetchall()
    dynamic = [row[3] for row in rows if row[2] == Segment.Kind.DYNAMIC and row[3]]
    groups = _parsed(dynamic, zone, _turn(rows))
    return {
        key: segment_id if kind == Segment.Kind.STATIC else groups[version_id]
        for key, segment_id, kind, version_id, _ in rows
        if kind == Segment.Kind.STATIC or version_id is not None
    }
