"""Whom new events concern: a segment looks only at those that may pass one of its filters."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import msgspec

from segmentflow.clock import workspace_zone
from segments.conditions.filters import Passes, event_filters, passes
from segments.conditions.nodes import Group
from segments.engine.facts import load_definitions, references, referred

Filters = tuple[Passes, ...] | None
"""An event counts if it passes one of them; None: whatever it carries."""

Told = Mapping[str, set[int]]
"""What events of one type carried, as JSON -> the contacts who had such a one."""

MOST_KNOWN = 10_000

_decoder = msgspec.json.Decoder(float_hook=Decimal)


class Concerned:
    """The events of one pass, each judged once by each filter, whoever shares it."""

    def __init__(self, told: Mapping[str, Told]) -> None:
        self._told = told
        self._read: dict[str, list[tuple[Any, set[int]]]] = {}
        self._by_filter: dict[tuple[str, Passes], set[int]] = {}

    def contacts(self, event_type: str, filters: Filters) -> Iterable[set[int]]:
        """Those who had an event that may pass, as sets to unite."""
        told = self._told.get(event_type)
        if not told:
            return ()
        if filters is None:
            return told.values()
        return [self._passing(event_type, one) for one in filters]

    def _passing(self, event_type: str, may_pass: Passes) -> set[int]:
        key = event_type, may_pass
        found = self._by_filter.get(key)
        if found is None:
            found = self._by_filter[key] = set()
            for attributes, contact_ids in self._attributes(event_type):
                if attributes is None or may_pass(attributes):
                    found |= contact_ids
        return found

    def _attributes(self, event_type: str) -> list[tuple[Any, set[int]]]:
        known = self._read.get(event_type)
        if known is None:
            told = self._told[event_type]
            known = self._read[event_type] = [(_decoded(text), ids) for text, ids in told.items()]
        return known


def may_concern(attributes: str | None, filters: Filters) -> bool:
    """Whether one event may count, as far as its mark tells."""
    if attributes is None or filters is None:
        return True
    known = _decoded(attributes)
    return known is None or any(may_pass(known) for may_pass in filters)


def _decoded(text: str) -> dict[str, Any] | None:
    """None: unreadable here, so it may be anything."""
    try:
        found = _decoder.decode(text)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


# The filters of versions


@dataclass(frozen=True, slots=True)
class _Known:
    group: Group
    references: frozenset[str]
    segments: Mapping[str, Group | int]
    """What its references meant, also through others."""
    filters: Mapping[str, Filters]
    """By event type."""


_known: dict[int, _Known] = {}
"""By version, which never changes; what it refers to may."""


def version_filters(version_ids: Iterable[int]) -> dict[int, Mapping[str, Filters]]:
    """Version id -> the filters of each event type that it counts."""
    wanted = set(version_ids)
    if missing := wanted - _known.keys():
        _load(missing)
    known = {version_id: _known[version_id] for version_id in wanted & _known.keys()}
    referring = [one.group for one in known.values() if one.references]
    segments = referred(referring, workspace_zone()) if referring else {}
    for version_id, one in known.items():
        if one.references and not _is_current(one, segments):
            known[version_id] = _known[version_id] = _with_filters(one.group, segments)
    return {version_id: one.filters for version_id, one in known.items()}


def _load(version_ids: set[int]) -> None:
    if len(_known) > MOST_KNOWN:
        _known.clear()
    for version_id, definition in load_definitions(version_ids).items():
        _known[version_id] = _with_filters(definition.group, {})


def _is_current(known: _Known, segments: Mapping[str, Group | int]) -> bool:
    """Whether every reference still means the very same tree."""
    return known.references <= known.segments.keys() and all(
        segments.get(key) is tree for key, tree in known.segments.items()
    )


def _with_filters(group: Group, segments: Mapping[str, Group | int]) -> _Known:
    meant = _meant(group, segments)
    filters: dict[str, Filters] = {
        event: None if wheres is None else tuple(map(passes, wheres))
        for event, wheres in event_filters(group, meant).items()
    }
    return _Known(group, frozenset(references(group)), meant, filters)


def _meant(group: Group, segments: Mapping[str, Group | int]) -> dict[str, Group | int]:
    found: dict[str, Group | int] = {}
    wanted = references(group)
    while wanted := {key for key in wanted if key in segments and key not in found}:
        found |= {key: segments[key] for key in wanted}
        trees = [tree for key in wanted if isinstance(tree := segments[key], Group)]
        wanted = {key for tree in trees for key in references(tree)}
    return found
