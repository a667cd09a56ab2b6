"""Everything a definition can be built from, and what people call it; loaded once a request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from contacts.models import Field
from events.models import EventType
from segmentflow.clock import workspace_zone
from segments.catalog import current_catalog
from segments.conditions.catalog import BUILT_IN_LABELS, Catalog, Labels
from segments.conditions.nodes import FieldType
from segments.conditions.operators import BUILT_IN_FIELDS

SYSTEM = EventType.Origin.SYSTEM


@dataclass(frozen=True, slots=True)
class Vocabulary:
    catalog: Catalog
    labels: Labels
    attributes: Mapping[str, Mapping[str, FieldType]] = field(default_factory=dict)
    """By event type: the attributes seen so far, with the commonest type of each."""
    value_attributes: Mapping[str, str] = field(default_factory=dict)
    """By event type: its number that sums are usually taken of."""
    system_events: frozenset[str] = frozenset()
    field_order: tuple[str, ...] = ()
    """Additional fields as admins ordered them."""

    def attribute_type(self, event: str, attribute: str) -> FieldType | None:
        return self.attributes.get(event, {}).get(attribute)

    def fields_of(self, field_type: FieldType) -> list[tuple[str, str]]:
        """Key and label of all fields of a type that can be used."""
        own = [
            (key, self.labels.field(key))
            for key in self.field_order
            if self.catalog.fields[key].type == field_type
            and not self.catalog.fields[key].is_archived
        ]
        built_in = [
            (key, BUILT_IN_LABELS[key])
            for key, known in BUILT_IN_FIELDS.items()
            if known == field_type
        ]
        return own + built_in

    def events(self) -> list[tuple[str, str]]:
        """Key and label of all event types that can be used, by label."""
        found = [
            (key, self.labels.event_type(key))
            for key, info in self.catalog.event_types.items()
            if not info.is_archived
        ]
        return sorted(found, key=lambda one: one[1].casefold())


def load_vocabulary(*, own_key: str | None = None) -> Vocabulary:
    zone = workspace_zone()
    catalog = current_catalog(own_key=own_key, zone=zone)
    types = list(EventType.objects.values_list("key", "origin", "value_attribute", "attributes"))
    return Vocabulary(
        catalog=catalog,
        labels=Labels(
            fields={key: info.label for key, info in catalog.fields.items()},
            event_types={key: info.label for key, info in catalog.event_types.items()},
            segments={key: info.label for key, info in catalog.segments.items()},
            zone=zone,
        ),
        attributes={
            key: {path: FieldType(_commonest(seen["types"])) for path, seen in known.items()}
            for key, _, _, known in types
        },
        value_attributes={key: attribute for key, _, attribute, _ in types if attribute},
        system_events=frozenset(key for key, origin, _, _ in types if origin == SYSTEM),
        field_order=tuple(Field.objects.values_list("key", flat=True)),
    )


def _commonest(types: Mapping[str, int]) -> str:
    return max(types, key=lambda name: types[name], default="text")
