"""What definitions may refer to, and what people call it; filled by segments/catalog.py."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from segments.conditions.nodes import FieldType
from segments.conditions.operators import BUILT_IN_FIELDS


@dataclass(frozen=True, slots=True)
class FieldInfo:
    """An additional field of contacts."""

    type: FieldType
    is_archived: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class EventTypeInfo:
    is_archived: bool = False
    label: str = ""


@dataclass(frozen=True, slots=True)
class SegmentInfo:
    is_static: bool = False
    is_archived: bool = False
    has_definition: bool = True
    """False for a dynamic segment that has never been published."""
    definition: object = None
    """As JSON, to find cycles; a list of definitions when a newer one is being built."""
    label: str = ""


@dataclass(frozen=True, slots=True)
class Catalog:
    """Everything there is to refer to; the built-in fields are always there."""

    zone: ZoneInfo
    fields: Mapping[str, FieldInfo] = field(default_factory=dict)
    event_types: Mapping[str, EventTypeInfo] = field(default_factory=dict)
    segments: Mapping[str, SegmentInfo] = field(default_factory=dict)
    own_key: str | None = None
    """The segment being defined; None while it has no key."""
    allow_archived: bool = False
    """For definitions that were stored before something was archived."""

    def field(self, key: str) -> FieldInfo | None:
        if key in BUILT_IN_FIELDS:
            return FieldInfo(BUILT_IN_FIELDS[key])
        return self.fields.get(key)


BUILT_IN_LABELS = {
    **{key: key.replace("_", " ").capitalize() for key in BUILT_IN_FIELDS},
    "external_id": "External ID",
    "timezone": "Time zone",
    "created_at": "Creation date",
}


@dataclass(frozen=True, slots=True)
class Labels:
    """What people call fields, event types and segments; by key, the key itself otherwise."""

    fields: Mapping[str, str] = field(default_factory=dict)
    event_types: Mapping[str, str] = field(default_factory=dict)
    segments: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    """In which instants are told."""

    def field(self, key: str) -> str:
        return BUILT_IN_LABELS.get(key) or self.fields.get(key) or key

    def event_type(self, key: str) -> str:
        return self.event_types.get(key) or key

    def segment(self, key: str) -> str:
        return self.segments.get(key) or key
