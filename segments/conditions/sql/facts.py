"""What the SQL has to know about the workspace, as plain data; segments/engine/facts.py loads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from segments.conditions.nodes import Group


@dataclass(frozen=True, slots=True)
class EventTypeFacts:
    id: int
    value_attribute: str | None = None
    """The attribute whose number stands in the events' `value` column, if one does."""


@dataclass(frozen=True, slots=True)
class Facts:
    zone: ZoneInfo
    event_types: Mapping[str, EventTypeFacts] = field(default_factory=dict)
    segments: Mapping[str, Group | int] = field(default_factory=dict)
    """Each segment that may be referred to: its definition, or the id of a static one."""
    is_spread: bool = False
    """Whether contacts lie on several machines (segmentflow/citus)."""
