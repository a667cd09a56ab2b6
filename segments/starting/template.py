"""A template, and the fields and event types that it is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, NamedTuple

from segments.conditions.operators import BUILT_IN_FIELDS
from segments.starting.needed import EVENT_TYPES, FIELDS
from segments.starting.pieces import JSON

Kind = Literal["field", "event"]
KINDS: tuple[Kind, ...] = ("field", "event")


class Named(NamedTuple):
    """A field or an event type, as definitions name it."""

    kind: Kind
    key: str


@dataclass(frozen=True)
class Need:
    """A field or an event type without which a template finds nobody."""

    named: Named
    raw: JSON
    """As the API would define it."""
    attributes: tuple[str, ...] = ()
    """What is read of such events."""

    @property
    def ref(self) -> str:
        """What a form calls it."""
        return ":".join(self.named)

    @property
    def label(self) -> str:
        return str(self.raw["label"])

    @property
    def type(self) -> str:
        """Of the field; empty for an event type."""
        return str(self.raw.get("type", ""))


@dataclass(frozen=True)
class Template:
    key: str
    name: str
    description: str
    category: str
    icon: str
    definition: JSON
    fields: Mapping[str, JSON] = field(default_factory=lambda: FIELDS, repr=False)
    event_types: Mapping[str, JSON] = field(default_factory=lambda: EVENT_TYPES, repr=False)
    """What its definition may name, as the API would define it."""
    author: str = ""
    """Who made it of a segment of this installation."""
    is_own: bool = False

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """Fields before event types, each in the order in which the definition names them."""
        found = list(dict.fromkeys(named_in(self.definition)))
        return tuple(
            Need(
                one,
                self._raw(one),
                _attributes(self.definition, one.key) if kind == "event" else (),
            )
            for kind in KINDS
            for one in found
            if one.kind == kind
        )

    def _raw(self, named: Named) -> JSON:
        return (self.fields if named.kind == "field" else self.event_types)[named.key]


def renamed(value: Any, keys: Mapping[Named, str]) -> Any:
    """The definition with other fields and event types in the place of its own."""
    if isinstance(value, list):
        return [renamed(item, keys) for item in value]
    if not isinstance(value, dict):
        return value
    copy = {key: renamed(inner, keys) for key, inner in value.items()}
    for kind in KINDS:
        if kind in copy:
            copy[kind] = keys.get(Named(kind, copy[kind]), copy[kind])
    return copy


def named_in(definition: JSON) -> Iterator[Named]:
    """The additional fields and the event types that it names."""
    for node in _nodes(definition):
        for kind in KINDS:
            if kind in node and node[kind] not in BUILT_IN_FIELDS:
                yield Named(kind, node[kind])


def _nodes(value: Any) -> Iterator[JSON]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for inner in value:
            yield from _nodes(inner)


def _attributes(definition: JSON, event: str) -> tuple[str, ...]:
    found = [
        inner["attribute"]
        for node in _nodes(definition)
        if node.get("event") == event
        for inner in _nodes(node)
        if "attribute" in inner
    ]
    return tuple(dict.fromkeys(found))
