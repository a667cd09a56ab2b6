"""What of a template's needs is there already, under its own key or one that is written alike."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import NamedTuple
from zoneinfo import ZoneInfo

from contacts.models import Field, FieldTypes
from events.models import EventType
from segments.conditions.catalog import Catalog, EventTypeInfo, FieldInfo, Labels
from segments.conditions.nodes import FieldType
from segments.conditions.parse import parse
from segments.conditions.sentence import sentence
from segments.starting.pieces import JSON
from segments.starting.template import Kind, Named, Need, Template, renamed


class State(StrEnum):
    HERE = "here"
    ALIKE = "alike"
    """Another key, which differs only in capitals, underscores and the like."""
    MISSING = "missing"
    OTHER_TYPE = "other type"
    ARCHIVED = "archived"


@dataclass(frozen=True, slots=True)
class Found:
    """One need of a template, and what there is for it."""

    need: Need
    state: State
    key: str
    """What a definition calls it here."""
    label: str
    type: str

    @property
    def is_here(self) -> bool:
        return self.state in (State.HERE, State.ALIKE)

    @property
    def is_in_the_way(self) -> bool:
        """What has the key cannot be used, and nothing else can get it."""
        return self.state in (State.OTHER_TYPE, State.ARCHIVED)

    @property
    def type_label(self) -> str:
        """Of what is there, or of what would be made."""
        return str(FieldTypes(self.type).label) if self.type else ""

    @property
    def wanted_type_label(self) -> str:
        return str(FieldTypes(self.need.type).label) if self.need.type else ""


class _Entry(NamedTuple):
    label: str
    type: str
    is_archived: bool


class Existing:
    """The fields and event types that there are, read once for any number of templates."""

    def __init__(self) -> None:
        fields = Field.objects.values_list("key", "label", "type", "archived_at")
        types = EventType.objects.values_list("key", "label", "archived_at")
        self._entries = {
            **{
                Named("field", key): _Entry(label or key, type_, archived_at is not None)
                for key, label, type_, archived_at in fields
            },
            **{
                Named("event", key): _Entry(label or key, "", archived_at is not None)
                for key, label, archived_at in types
            },
        }

    def look_for(self, template: Template) -> list[Found]:
        return [self._look(need) for need in template.needs]

    def _look(self, need: Need) -> Found:
        for named in (need.named, *self._alike.get(_folded(need.named), ())):
            if self._state(named, need) == State.HERE:
                state = State.HERE if named == need.named else State.ALIKE
                return self._found(need, state, named)
        return self._found(need, self._state(need.named, need), need.named)

    def _state(self, named: Named, need: Need) -> State:
        entry = self._entries.get(named)
        if entry is None:
            return State.MISSING
        if entry.type != need.type:
            return State.OTHER_TYPE
        return State.ARCHIVED if entry.is_archived else State.HERE

    def _found(self, need: Need, state: State, named: Named) -> Found:
        entry = self._entries.get(named) or _Entry(need.label, need.type, is_archived=False)
        return Found(need, state, named.key, entry.label, entry.type)

    @cached_property
    def _alike(self) -> Mapping[tuple[Kind, str], Sequence[Named]]:
        groups: dict[tuple[Kind, str], list[Named]] = defaultdict(list)
        for named in sorted(self._entries):
            groups[_folded(named)].append(named)
        return groups


def _folded(named: Named) -> tuple[Kind, str]:
    return named.kind, "".join(filter(str.isalnum, named.key)).casefold()


def definition_with(template: Template, found: Sequence[Found]) -> JSON:
    """The template's definition, with the keys that its needs have here."""
    definition: JSON = renamed(template.definition, {one.need.named: one.key for one in found})
    return definition


def sentence_with(template: Template, found: Sequence[Found], zone: ZoneInfo) -> str:
    """As it will read once everything is there."""
    fields = [one for one in found if one.need.named.kind == "field"]
    types = [one for one in found if one.need.named.kind == "event"]
    catalog = Catalog(
        zone=zone,
        fields={one.key: FieldInfo(FieldType(one.need.type)) for one in fields},
        event_types={one.key: EventTypeInfo() for one in types},
    )
    labels = Labels(
        fields={one.key: one.label for one in fields},
        event_types={one.key: one.label for one in types},
        zone=zone,
    )
    return sentence(parse(definition_with(template, found), catalog), labels)
