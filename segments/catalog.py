"""Fills the catalog and the labels of the condition language from the database."""

from __future__ import annotations

import json
from typing import Any
from zoneinfo import ZoneInfo

from django.db import connection

from contacts.models import Field
from events.models import EventType
from segmentflow.clock import workspace_zone
from segments.conditions.catalog import (
    Catalog,
    EventTypeInfo,
    FieldInfo,
    Labels,
    SegmentInfo,
)
from segments.conditions.nodes import FieldType
from segments.models import Segment


def current_catalog(
    *, own_key: str | None = None, allow_archived: bool = False, zone: ZoneInfo | None = None
) -> Catalog:
    """Everything that a definition may refer to now."""
    return Catalog(
        zone=zone or workspace_zone(),
        fields=_fields(),
        event_types=_event_types(),
        segments=_segments(),
        own_key=own_key,
        allow_archived=allow_archived,
    )


def current_labels() -> Labels:
    return Labels(
        fields=dict(Field.objects.values_list("key", "label")),
        event_types=dict(EventType.objects.values_list("key", "label")),
        segments=dict(Segment.objects.values_list("key", "name")),
        zone=workspace_zone(),
    )


def _fields() -> dict[str, FieldInfo]:
    rows = Field.objects.values_list("key", "type", "archived_at", "label")
    return {
        key: FieldInfo(FieldType(field_type), archived_at is not None, label)
        for key, field_type, archived_at, label in rows
    }


def _event_types() -> dict[str, EventTypeInfo]:
    rows = EventType.objects.values_list("key", "archived_at", "label")
    return {key: EventTypeInfo(archived_at is not None, label) for key, archived_at, label in rows}


def _segments() -> dict[str, SegmentInfo]:
    definitions = _definitions()
    rows = Segment.objects.values_list("key", "kind", "status", "name")
    return {
        key: SegmentInfo(
            is_static=kind == Segment.Kind.STATIC,
            is_archived=status == Segment.Status.ARCHIVED,
            has_definition=key in definitions,
            definition=definitions.get(key),
            label=name,
        )
        for key, kind, status, name in rows
    }


def _definitions() -> dict[str, list[Any]]:
    """What each published segment means, and what it will mean once its rebuild has ended.

    Only those that refer to others can be part of a cycle; the rest is not read.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT s.key, CASE WHEN v.definition @? '$.**.segment' THEN v.definition END
            FROM segments_segment s
            JOIN LATERAL (
                SELECT definition FROM segments_segmentversion
                WHERE id = s.live_version_id
                UNION ALL
                (SELECT definition FROM segments_segmentversion
                WHERE segment_id = s.id ORDER BY number DESC LIMIT 1)
            ) v ON true
            """
        )
        found: dict[str, list[Any]] = {}
        for key, definition in cursor.fetchall():
            # Django leaves the reading of jsonb to us.
            found.setdefault(key, []).append(json.loads(definition) if definition else None)
        return found
